"""Exchange rates and net worth on the command line."""

from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command

from adapters.audit.models import AuditEntryModel
from dashtam.application.identity.users import RegisterUser
from dashtam.container import container
from tests.adapters.rates.test_ecb import CSV
from tests.statements import days, ofx, statement

EUROS = "<LEDGERBAL><BALAMT>100.00<DTASOF>20260302</LEDGERBAL>"


@pytest.fixture
def ada(committing_database: str, tmp_path: Path) -> str:
    """A user with an account in euros."""
    march = tmp_path / "march.ofx"
    march.write_bytes(ofx(statement(*days(2), balance=EUROS)))

    async def register() -> None:
        await container.use(RegisterUser)(email="ada@example.org", password="correct horse battery")
        await container.drain()

    async_to_sync(register)()
    call_command("import_statement", str(march), user="ada@example.org")
    return "ada@example.org"


def test_net_worth_is_shown_in_another_currency(
    ada: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rates = tmp_path / "eurofxref-hist.csv"
    rates.write_bytes(CSV)

    call_command("import_rates", str(rates), user=ada)
    call_command("net_worth", "--user", ada, "--day", "2026-03-03", "--currency", "usd")
    call_command("net_worth", "--user", ada, "--day", "2026-03-03", "--currency", "CHF")
    call_command("net_worth", "--user", ada, "--day", "2026-03-03")

    output = capsys.readouterr().out
    assert "3 rates of 2 days, 2026-03-02 – 2026-03-03" in output
    assert output.count("100.00 EUR") == 3
    assert "108.00" in output
    assert "2026-03-03 ecb" in output
    assert "not converted" in output
    actions = list(AuditEntryModel.objects.order_by("id").values_list("action", flat=True))
    assert "exchange_rates.imported" in actions
    assert "net_worth.viewed" in actions


def test_mistakes_are_reported_in_one_line(ada: str, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_bytes(b"Day,Amount\n")

    for command, arguments, reason in (
        ("net_worth", ["--user", ada, "--currency", "euro"], "ISO 4217"),
        ("import_rates", [str(tmp_path / "none.csv"), "--user", ada], "cannot be read"),
        ("import_rates", [str(other), "--user", ada], "first line"),
    ):
        with pytest.raises(CommandError, match=reason):
            call_command(command, *arguments)
