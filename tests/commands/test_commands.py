"""Commands as people type them: what they print, and their exit codes."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import ImportModel, TransactionModel
from adapters.persistence.outbox.models import OutboxModel
from dashtam.application.identity.users import RegisterUser
from dashtam.container import container
from dashtam.management.commands import demo
from tests.adapters.statements.ofx_investments import file, investment, position
from tests.factories import NOON
from tests.ports import with_ports
from tests.statements import days, ofx, statement, transaction

EXAMPLES = settings.ROOT / "examples" / "statements"
PASSWORD = "correct horse battery"


@pytest.fixture
def ada(committing_database: str) -> str:
    """A user, in a database where commands can commit."""

    async def register() -> None:
        await container.use(RegisterUser)(email="ada@example.org", password=PASSWORD)
        await container.drain()

    async_to_sync(register)()
    return "ada@example.org"


@pytest.fixture
def march(tmp_path: Path) -> Path:
    path = tmp_path / "march.ofx"
    path.write_bytes(ofx(statement(*days(3), transaction("?"))))
    return path


def inspect(path: Path, *options: str) -> Any:
    out = StringIO()
    call_command("inspect_statement", str(path), "--format", "json", *options, stdout=out)
    return json.loads(out.getvalue())


class TestInspectStatement:
    def test_prints_everything_as_json(self, march: Path) -> None:
        output = inspect(march)

        assert output.keys() == {"format", "statements", "quarantined"}
        (read,) = output["statements"]
        assert read["account"] == {"id": "100200300", "kind": "checking", "currency": "EUR"}
        assert (read["opening_balance"], read["closing_balance"]) == (None, "100.00")
        assert (read["closing_date"], read["reconciliation"]) == ("2026-03-31", "unknown")
        assert read["rows"][0] == {
            "id": "F1",
            "date": "2026-03-01",
            "amount": "-1.00",
            "currency": "EUR",
            "kind": "debit",
            "description": "Shop 1",
            "pending": False,
            "line": read["rows"][0]["line"],
        }
        assert [row["reason"] for row in output["quarantined"]] == ["the amount is not a number"]

    def test_prints_a_table(self, march: Path, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("inspect_statement", str(march))

        output = capsys.readouterr().out
        assert "Shop 3" in output
        assert "Quarantined" in output
        assert "100200300" not in output

    @pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
    def test_reads_every_example_completely(self, path: Path) -> None:
        output = inspect(path)

        assert output["quarantined"] == []
        assert all(read["rows"] for read in output["statements"])

    def test_reports_a_file_without_statement(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "empty.ofx"
        path.write_bytes(b"<OFX></OFX>")

        call_command("inspect_statement", str(path))

        assert "does not contain an account statement" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b"", "The file is empty."),
            (b"hello", "This file format is not supported"),
            (ofx()[:-20], "it is truncated"),
            (b"<OFX>\0</OFX>", "binary"),
        ],
    )
    def test_reports_an_error_in_one_line(
        self, tmp_path: Path, content: bytes, expected: str
    ) -> None:
        path = tmp_path / "bad.ofx"
        path.write_bytes(content)

        with pytest.raises(CommandError, match=expected):
            inspect(path)

    def test_reports_a_file_that_cannot_be_opened(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="No such file"):
            inspect(tmp_path / "nothing.ofx")
        with pytest.raises(CommandError, match="Is a directory"):
            inspect(tmp_path)

    def test_refuses_a_file_over_the_limit(
        self, march: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        small = with_ports(container.use_cases, max_file_bytes=100)
        monkeypatch.setattr(container, "use_cases", small)

        with pytest.raises(CommandError, match="at most 100 bytes"):
            inspect(march)


class TestImportStatement:
    def test_imports_files_and_reports_each_outcome(
        self, ada: str, march: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("import_statement", str(march), str(march), user=ada)

        output = capsys.readouterr().out
        assert "imported" in output
        assert "already imported" in output
        assert TransactionModel.objects.count() == 3
        entry = AuditEntryModel.objects.filter(action="statement.imported").first()
        assert entry is not None
        assert entry.user_agent == "manage.py import_statement"
        assert len(entry.trace_id) == 32

    def test_prints_names_unchanged(
        self, ada: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "[b]march.ofx"
        path.write_bytes(ofx())

        call_command("import_statement", str(path), user=ada)

        assert "[b]march.ofx" in capsys.readouterr().out

    def test_reports_unreadable_positions(
        self, ada: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "held.ofx"
        path.write_text(file(investment(positions=position() + position(units="some"))))

        call_command("import_statement", str(path), user=ada)

        output = " ".join(capsys.readouterr().out.split())
        assert "1 unread positions" in output
        assert "quarantined" not in output

    def test_continues_after_a_refused_file(
        self, ada: str, march: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        bad = tmp_path / "bad.ofx"
        bad.write_bytes(b"hello")
        missing = tmp_path / "missing.ofx"

        with pytest.raises(CommandError, match="2 of 3 files could not be imported"):
            call_command("import_statement", str(bad), str(missing), str(march), user=ada)

        assert "refused" in capsys.readouterr().out
        assert ImportModel.objects.count() == 1

    @pytest.mark.parametrize(
        ("user", "expected"), [("eve@example.org", "No such user"), ("eve", "not a valid email")]
    )
    def test_requires_a_user(
        self, committing_database: str, march: Path, user: str, expected: str
    ) -> None:
        with pytest.raises(CommandError, match=expected):
            call_command("import_statement", str(march), user=user)


def undeliver() -> None:
    """Make a delivered event pending again, as if it had not been marked."""
    OutboxModel.objects.update(delivered_at=None, leased_until=None)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM outbox_inbox")


class TestRelay:
    def test_delivers_pending_events(
        self, ada: str, capsys: pytest.CaptureFixture[str], mailoutbox: list[Any]
    ) -> None:
        undeliver()
        mailoutbox.clear()

        call_command("relay")

        assert "1 events delivered, 0 waiting, 0 dead" in capsys.readouterr().out
        assert [mail.to for mail in mailoutbox] == [[ada]]
        assert not OutboxModel.objects.filter(delivered_at__isnull=True).exists()

    def test_reports_what_could_not_be_delivered(self, ada: str) -> None:
        undeliver()
        OutboxModel.objects.update(payload={})

        with pytest.raises(CommandError, match="1 events could not be delivered"):
            call_command("relay")

    def test_reports_and_resends_dead_events(
        self, ada: str, capsys: pytest.CaptureFixture[str], mailoutbox: list[Any]
    ) -> None:
        undeliver()
        OutboxModel.objects.update(dead_at=NOON)
        mailoutbox.clear()
        with pytest.raises(CommandError, match="1 events are dead"):
            call_command("relay")

        call_command("relay", resend=True)

        assert "1 dead events will be delivered again" in capsys.readouterr().out
        assert [mail.to for mail in mailoutbox] == [[ada]]


class TestDemo:
    def test_shows_the_whole_journey_and_can_be_repeated(
        self, committing_database: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("demo")
        first = capsys.readouterr().out
        rows = TransactionModel.objects.count()
        call_command("demo")
        second = capsys.readouterr().out

        for heading in ("Import", "Accounts", "Latest transactions", "Audit trail of this run"):
            assert heading in first
            assert heading in second
        assert "statement.imported" in first
        assert TransactionModel.objects.count() == rows > 10

    def test_resumes_after_an_interrupted_run(
        self, committing_database: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        @async_to_sync
        async def begin() -> None:
            await container.use(RegisterUser)(email=demo.EMAIL, password=demo.PASSWORD)
            # Another user's emails are not ours.
            await container.use(RegisterUser)(email="eve@example.org", password=demo.PASSWORD)

        begin()
        call_command("demo")

        assert "Audit trail of this run" in capsys.readouterr().out

    def test_fails_if_a_step_fails(
        self, committing_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "examples" / "statements").mkdir(parents=True)
        (tmp_path / "examples" / "statements" / "bad.ofx").write_bytes(b"hello")
        monkeypatch.setattr(settings, "ROOT", tmp_path)

        with pytest.raises(CommandError, match="format is not supported"):
            call_command("demo")
