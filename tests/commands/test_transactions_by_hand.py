"""Transactions on the command line."""

from pathlib import Path
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import TransactionModel
from dashtam.application.identity.users import RegisterUser
from dashtam.application.ledger.transactions import DeleteTransaction
from dashtam.container import container
from domain.shared.ids import TransactionId, UserId
from domain.shared.result import Success
from tests.canaries import PASSWORD
from tests.statements import days, ofx, statement


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


def test_a_deleted_transaction_is_restored(
    ada: str, march: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import_statement", str(march), user=ada)
    row = TransactionModel.objects.latest("booking_date")
    deleted = async_to_sync(container.use(DeleteTransaction))(
        transaction_id=TransactionId(row.id), user_id=UserId(row.user_id)
    )
    assert deleted == Success(None)

    call_command("restore_transaction", str(row.id), user=ada)

    assert str(row.id) in capsys.readouterr().out
    row.refresh_from_db()
    assert row.removal is None
    entry = AuditEntryModel.objects.latest("id")
    assert (entry.action, entry.user_agent) == (
        "transaction.restored",
        "manage.py restore_transaction",
    )


def test_an_unknown_transaction_is_refused(ada: str) -> None:
    with pytest.raises(CommandError, match="No such transaction"):
        call_command("restore_transaction", str(uuid4()), user=ada)


def test_a_transaction_is_added(ada: str, march: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_statement", str(march), user=ada)
    account_id = str(TransactionModel.objects.latest("booking_date").account_id)
    given = ("--account-id", account_id, "--day", "2026-03-03", "--payee", "Coffee house")

    call_command("add_transaction", *given, "--amount=-4.50", "--note", "mine", user=ada)

    row = TransactionModel.objects.get(payee="Coffee house")
    assert f"Added {row.id}." in capsys.readouterr().out
    assert (f"{row.amount:.2f}", row.note, row.kind) == ("-4.50", "mine", "debit")
    with pytest.raises(CommandError, match="amount"):
        call_command("add_transaction", *given, "--amount", "much", user=ada)
