"""The ledger as a file, on the command line."""

import stat
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import AccountModel
from dashtam.application.identity.users import RegisterUser
from dashtam.container import container
from domain.shared.ids import new_id
from tests.statements import days, ofx, statement


@pytest.fixture
def ada(committing_database: str, tmp_path: Path) -> str:
    """A user with two accounts."""
    march = tmp_path / "march.ofx"
    march.write_bytes(ofx(statement(*days(3)), statement(*days(2), number="7")))

    async def register() -> None:
        await container.use(RegisterUser)(email="ada@example.org", password="correct horse battery")
        await container.drain()

    async_to_sync(register)()
    call_command("import_statement", str(march), user="ada@example.org")
    return "ada@example.org"


def test_it_writes_to_standard_output(ada: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    capfdbinary.readouterr()

    call_command("export_ledger", "--user", ada, "--format", "csv")

    output = capfdbinary.readouterr().out
    assert output.startswith(b"transaction_id,")
    assert output.count(b"\r\n") == 6
    entry = AuditEntryModel.objects.get(action="ledger.exported")
    assert entry.user_agent == "manage.py export_ledger"
    assert entry.details == {"format": "csv", "count": 5}


def test_it_writes_a_file_that_only_its_owner_can_read(ada: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.ofx"
    account = AccountModel.objects.get(number="7")

    options = ["--account-id", str(account.id), "--output", str(path)]
    call_command("export_ledger", "--user", ada, "--format", "ofx", *options)

    content = path.read_text()
    assert content.startswith("<?xml")
    assert content.count("<STMTTRN>") == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_overwrites_nothing(ada: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(b"mine")

    with pytest.raises(CommandError, match="already exists"):
        call_command("export_ledger", "--user", ada, "--format", "csv", "--output", str(path))

    assert path.read_bytes() == b"mine"
    assert not AuditEntryModel.objects.filter(action="ledger.exported").exists()


def test_it_reports_an_error_in_one_line(ada: str, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere" / "ledger.csv"
    wrong = {
        "No such user": ["--user", "eve@example.org", "--format", "csv"],
        "not a valid email address": ["--user", "eve", "--format", "csv"],
        "No such account": ["--user", ada, "--format", "csv", "--account-id", str(new_id())],
        "invalid choice": ["--user", ada, "--format", "xls"],
        "No such file": ["--user", ada, "--format", "csv", "--output", str(nowhere)],
    }
    for message, arguments in wrong.items():
        with pytest.raises(CommandError, match=message):
            call_command("export_ledger", *arguments)
