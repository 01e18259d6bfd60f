"""Transactions that their users deleted: listed, and restored as imports state them."""

from typing import Any, Never
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.ledger.columns import column_of
from adapters.persistence.ledger.imported_rows import STATE, first_stating
from adapters.persistence.ledger.models import STATED, TransactionModel
from adapters.persistence.ledger.postings import PRIOR_STATES, insert_former_states
from adapters.persistence.ledger.transactions import transaction_of, transactions_of
from domain.ledger.entities import Transaction
from domain.ledger.errors import TransactionIsUndone, TransactionNotFound
from domain.ledger.values import Removal
from domain.shared.ids import TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success

_PRESENT = f"""
SELECT {STATE}, status = 'posted' FROM ledger_transaction
WHERE user_id = %(owner)s AND id = %(id)s AND removal = 'deleted' FOR NO KEY UPDATE
"""  # noqa: S608
# One statement, so that it is one version.
_RESTORE = """
UPDATE ledger_transaction SET removal = NULL, import_id = %(import)s, line = %(line)s
WHERE user_id = %(owner)s AND id = %(id)s
"""
_STATED_NAMES = [name for name in STATED if name != "line"]
_RESTORE_AS = f"""
UPDATE ledger_transaction t SET removal = NULL, import_id = %(import)s, line = %(line)s,
    {", ".join(f"{name} = prior.{name}" for name in _STATED_NAMES)}
FROM ledger_prior_state prior WHERE prior.user_id = %(owner)s AND prior.id = %(prior)s
AND t.user_id = %(owner)s AND t.id = %(id)s
"""  # noqa: S608
_DELETE_PRIOR = "DELETE FROM ledger_prior_state WHERE user_id = %(owner)s AND id = %(prior)s"


class PostgresDeletedTransactions(UsesDatabase):
    """`DeletedTransactions` over an index of their own."""

    @in_database
    def page(
        self, *, owner: UserId, after: Cursor | None, limit: int
    ) -> Result[Page[Transaction], Never]:
        rows = _deleted(owner)
        if after:
            rows = rows.filter(booking_date__lte=after.day)
            rows = rows.exclude(booking_date=after.day, id__gte=after.id)
        newest = rows.order_by("-booking_date", "-id")[: limit + 1]
        found = transactions_of(newest, "id")
        items = found[:limit]
        more = len(found) > limit
        last = Cursor(items[-1].booking_date, items[-1].id) if more else None
        return Success(Page(items, last))

    @in_database
    def get(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound]:
        row = _deleted(owner).select_related("security").filter(id=transaction_id).first()
        return Success(transaction_of(row)) if row else Failure(TransactionNotFound())

    @in_database
    def restore(
        self, transaction: Transaction
    ) -> Result[None, TransactionIsUndone | TransactionNotFound]:
        its: dict[str, Any] = {"owner": transaction.user_id, "id": transaction.id}
        with connection.cursor() as cursor:
            cursor.execute(_PRESENT, its)
            present = cursor.fetchone()
            if present is None:
                return Failure(TransactionNotFound())
            stating = first_stating([transaction.id], transaction.user_id)
            former, is_booked = present
            state, prior = _chosen(former, is_booked, {each for _, each in stating}, transaction)
            if (transaction.id, state) not in stating:
                return Failure(TransactionIsUndone("No import states this transaction any more."))
            its["import"], its["line"] = stating[transaction.id, state]
            if prior is None:
                cursor.execute(_RESTORE, its)
                return Success(None)
            its["prior"] = prior
            insert_former_states([transaction.id], transaction.user_id)
            cursor.execute(_RESTORE_AS, its)
            cursor.execute(_DELETE_PRIOR, its)
        return Success(None)


def _deleted(owner: UserId) -> QuerySet[TransactionModel]:
    return TransactionModel.objects.filter(user_id=owner, removal=Removal.DELETED)


def _chosen(
    present: int, is_booked: bool, stated: set[int], transaction: Transaction
) -> tuple[int, UUID | None]:
    """Return the state that a transaction would be in now, and the id of it if it is a prior one.

    That is the present state, unless no import states it any more, or another one is booked and
    this one is not.
    """
    if is_booked and present in stated:
        return present, None
    named: dict[str, Any] = {"owner": transaction.user_id}
    named["ids"] = column_of("uuid", [transaction.id])
    with connection.cursor() as cursor:
        cursor.execute(PRIOR_STATES, named)
        # The state that a transaction returns to first comes last.
        for _, state, prior_id, booked in reversed(cursor.fetchall()):
            if state in stated and (booked or present not in stated):
                return state, prior_id
    return present, None
