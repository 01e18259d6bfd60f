"""CSV files on the command line: hints, questions and profiles."""

import json
from io import StringIO
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command

from adapters.persistence.ledger.models import TransactionModel
from dashtam.application.identity.users import RegisterUser
from dashtam.application.ledger.csv_profiles import SaveCsvProfile
from dashtam.container import container
from domain.identity.values import Email
from domain.shared.result import Success
from tests.csv_profiles import BODY, CARD, MARCH

HINTS = ("--currency", "EUR", "--account", "Card")
ANSWERS = ("--date-order", "month_first", "--charges-positive", "true")


@pytest.fixture
def march(tmp_path: Path) -> Path:
    path = tmp_path / "march.csv"
    path.write_bytes(MARCH)
    return path


@pytest.fixture
def ada(committing_database: str) -> str:
    """A user with a saved profile."""

    async def register() -> None:
        await container.use(RegisterUser)(email="ada@example.org", password="correct horse battery")
        address = Email.parse("ada@example.org")
        assert isinstance(address, Success)
        user = await container.ports.users.get_by_email(address.value)
        assert isinstance(user, Success)
        saved = await container.use(SaveCsvProfile)(
            user_id=user.value.id, name="My card", profile=CARD
        )
        assert isinstance(saved, Success)
        await container.drain()

    async_to_sync(register)()
    return "ada@example.org"


def inspected(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("inspect_statement", str(path), *options, stdout=out)
    return out.getvalue()


class TestInspecting:
    def test_prints_the_profile_as_json(self, march: Path) -> None:
        output = json.loads(inspected(march, "--format", "json", *HINTS, *ANSWERS))

        assert output["csv_profile"] == BODY
        assert [row["amount"] for row in output["statements"][0]["rows"]] == ["-12.50", "-2.50"]

    def test_prints_the_profile_as_a_table(
        self, march: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        inspected(march, *HINTS, *ANSWERS)

        output = capsys.readouterr().out
        assert "CSV profile" in output
        for expected in ("#2 Charge", "charges_positive", "month_first", "Coffee house"):
            assert expected in output

    @pytest.mark.parametrize(
        ("answers", "question"),
        [
            ((), "say their order"),
            (ANSWERS[:2], "say whether charges are positive"),
            (ANSWERS[2:], "say their order"),
        ],
    )
    def test_asks_what_is_undecided(
        self, march: Path, answers: tuple[str, ...], question: str
    ) -> None:
        with pytest.raises(CommandError, match=question):
            inspected(march, *HINTS, *answers)

    @pytest.mark.parametrize(("mark", "amount"), [(",", "-1.234"), (".", "-1234.00")])
    def test_accepts_a_decimal_mark(self, tmp_path: Path, mark: str, amount: str) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b"Date;Amount\n2026-03-04;-1,234\n")

        output = json.loads(inspected(path, "--format", "json", *HINTS, "--decimal-mark", mark))

        assert [row["amount"] for row in output["statements"][0]["rows"]] == [amount]

    @pytest.mark.parametrize(
        "options", [("--decimal-mark", ";"), ("--charges-positive", "perhaps")]
    )
    def test_refuses_an_invalid_answer(self, march: Path, options: tuple[str, str]) -> None:
        with pytest.raises(CommandError, match="invalid choice"):
            inspected(march, *options)


class TestImporting:
    def test_uses_the_profile_with_the_same_header(self, ada: str, march: Path) -> None:
        call_command("import_statement", str(march), "--user", ada, *HINTS)

        assert sorted(row.amount for row in TransactionModel.objects.all()) == [-12.5, -2.5]

    def test_uses_the_profile_that_is_chosen(self, ada: str, march: Path) -> None:
        renamed = march.with_name("renamed.csv")
        renamed.write_bytes(MARCH.replace(b"Charge", b"Amount"))

        call_command(
            "import_statement", str(march), "--user", ada, *HINTS, "--csv-profile", "My card"
        )

        assert TransactionModel.objects.count() == 2
        with pytest.raises(CommandError, match="1 of 1 files"):
            call_command(
                "import_statement", str(renamed), "--user", ada, *HINTS, "--csv-profile", "My card"
            )

    def test_reports_an_unknown_profile(self, ada: str, march: Path) -> None:
        with pytest.raises(CommandError, match="no CSV profile with this name"):
            call_command("import_statement", str(march), "--user", ada, "--csv-profile", "Other")

        assert TransactionModel.objects.count() == 0

    def test_accepts_answers_instead(self, ada: str, tmp_path: Path) -> None:
        path = tmp_path / "other.csv"
        path.write_bytes(MARCH.replace(b"Posted", b"Date"))

        call_command("import_statement", str(path), "--user", ada, *HINTS, *ANSWERS)

        assert TransactionModel.objects.count() == 2
