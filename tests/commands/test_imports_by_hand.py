"""Importing on the command line: progress on terminals, accounts, and stored files."""

from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from rich.console import Console

import dashtam.progress_bar
from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import AccountModel, ImportModel, TransactionModel
from dashtam.application.identity.users import RegisterUser
from dashtam.application.ledger.submit_import import EnqueueImport
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container import container
from dashtam.management.people import find_user
from dashtam.progress_bar import rows_bar
from domain.ledger.imports import ImportRequest
from domain.shared.ids import ImportId, UserId
from domain.shared.result import Success
from tests.canaries import PASSWORD
from tests.statements import days, ofx, statement, transaction


@pytest.fixture
def ada(committing_database: str) -> str:
    async def register() -> None:
        await container.use(RegisterUser)(email="ada@example.org", password=PASSWORD)
        await container.drain()

    async_to_sync(register)()
    return "ada@example.org"


@pytest.fixture
def march(tmp_path: Path) -> Path:
    path = tmp_path / "march.ofx"
    path.write_bytes(ofx(statement(*days(3))))
    return path


def imported(ada: str, path: Path, *options: str) -> ImportModel:
    call_command("import_statement", str(path), *options, user=ada)
    return ImportModel.objects.latest("id")


async def _receive(email: str, content: bytes) -> str:
    """Queue a file, and then import it."""
    user_id = await find_user(email)
    queued = await container.use(EnqueueImport)(
        ImportRequest(user_id=user_id, file_name="large.ofx", content=content)
    )
    assert isinstance(queued, Success)
    await container.drain()
    return str(queued.value.id)


class TestProgress:
    def test_is_a_bar_over_the_rows_of_all_files(
        self, ada: str, march: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = tmp_path / "other.ofx"
        other.write_bytes(ofx(statement(*days(3), number="2")))
        screen = StringIO()
        terminal = Console(file=screen, force_terminal=True, width=100)
        monkeypatch.setattr(dashtam.progress_bar, "console", terminal)

        call_command("import_statement", str(march), str(other), user=ada)

        assert "Rows" in screen.getvalue()
        assert "6/6" in screen.getvalue()

    def test_is_shown_only_on_terminals(
        self, ada: str, march: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("import_statement", str(march), user=ada)

        output = capsys.readouterr().out
        assert "3/3" not in output
        assert "imported" in output

    async def test_grows_with_every_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        screen = StringIO()
        terminal = Console(file=screen, force_terminal=True, width=100)
        monkeypatch.setattr(dashtam.progress_bar, "console", terminal)

        with rows_bar() as bar:
            for rows in (5, 7):
                await bar.begin(rows)
                await bar.advance(rows)
            await bar.begin(30)

        assert "12/42" in screen.getvalue()


class TestAccounts:
    def test_an_existing_account_can_be_chosen(self, ada: str, march: Path, tmp_path: Path) -> None:
        imported(ada, march)
        account = AccountModel.objects.get()
        renumbered = tmp_path / "april.ofx"
        renumbered.write_bytes(ofx(statement(transaction(fitid="F9"), number="other")))

        done = imported(ada, renumbered, "--account-id", str(account.id))

        assert AccountModel.objects.count() == 1
        assert done.hints == {"account_id": str(account.id)}

    def test_a_missing_account_is_refused(
        self, ada: str, march: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(CommandError, match="1 of 1 files could not be imported"):
            imported(ada, march, "--account-id", str(uuid4()))
        assert "No such account" in capsys.readouterr().out

        with pytest.raises(CommandError, match="account-id"):
            imported(ada, march, "--account-id", "mine")


class TestReimport:
    def test_restores_what_was_undone(
        self, ada: str, march: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        first = imported(ada, march, "--currency", "EUR")
        async_to_sync(container.use(UndoImport))(
            import_id=ImportId(first.id), user_id=UserId(first.user_id)
        )
        assert TransactionModel.objects.filter(removal=None).count() == 0

        call_command("reimport", str(first.id), user=ada)

        assert TransactionModel.objects.filter(removal=None).count() == 3
        second = ImportModel.objects.latest("id")
        assert (bytes(second.digest), second.hints) == (bytes(first.digest), {"currency": "EUR"})
        output = capsys.readouterr().out
        assert "march.ofx" in output
        assert "3 new" in output
        entry = AuditEntryModel.objects.filter(action="statement.imported").latest("id")
        assert entry.user_agent == "manage.py reimport"

    def test_adds_nothing_to_existing_rows(
        self, ada: str, march: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        first = imported(ada, march)

        call_command("reimport", str(first.id), user=ada)

        assert "already imported" in capsys.readouterr().out
        assert ImportModel.objects.count() == 1
        assert TransactionModel.objects.count() == 3

    def test_queues_a_large_file(
        self, ada: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "large.ofx"
        path.write_bytes(ofx(statement(*days(3))).ljust(1024 * 1024 + 1))
        first = imported(ada, path)
        async_to_sync(container.use(UndoImport))(
            import_id=ImportId(first.id), user_id=UserId(first.user_id)
        )

        call_command("reimport", str(first.id), user=ada)

        assert "3 new" in capsys.readouterr().out.rpartition("Imports")[2]
        assert ImportModel.objects.latest("id").status == "done"

    def test_reports_a_file_that_cannot_be_read(
        self, ada: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        import_id = async_to_sync(_receive)(ada, b"hello".ljust(1024 * 1024 + 1))

        with pytest.raises(CommandError, match="could not be imported"):
            call_command("reimport", import_id, user=ada)

        assert "refused: This file format is not supported" in capsys.readouterr().out

    def test_of_another_users_import_is_refused(self, ada: str, march: Path) -> None:
        with pytest.raises(CommandError, match="No such import"):
            call_command("reimport", str(uuid4()), user=ada)
        with pytest.raises(CommandError, match="No such user"):
            call_command("reimport", str(uuid4()), user="eve@example.org")
        with pytest.raises(CommandError, match="IMPORT_ID"):
            call_command("reimport", "mine", user=ada)
