"""The transactions that apps read: one statement, whose rows are fetched in batches."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from typing import Any, Never, TypeVar

from django.db import connection

from adapters.persistence.database import (
    Database,
    allow_long_transaction,
    in_database,
    stop_if_cancelled,
)
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Result, Success
from domain.sharing.shared_ledger import (
    MOST_TRANSACTIONS,
    SharedRows,
    SharedScope,
    SharedTotal,
    SharedTransaction,
)

T = TypeVar("T")

# To read more at once would hold up the event loop, which shares the interpreter.
BATCH = 500

# A total says what is booked; a currency may have pending transactions alone.
_TOTALS = """
SELECT account_id, currency, coalesce(sum(amount) FILTER (WHERE status = 'posted'), 0),
    max(booking_date) FILTER (WHERE status = 'posted')
FROM ledger_transaction
WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s) AND removal IS NULL
    AND booking_date <= %(last)s
GROUP BY account_id, currency
"""
_SHARED = """
FROM ledger_transaction JOIN unnest(%(accounts)s::uuid[], %(currencies)s::text[])
    AS chosen (account_id, currency) USING (account_id, currency)
WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s) AND removal IS NULL
    AND booking_date BETWEEN %(first)s AND %(last)s
    AND (status = 'posted' OR %(pending)s)
"""
# The first day that is too much, if there is one.
_TOO_MUCH = f"SELECT booking_date {_SHARED} ORDER BY booking_date DESC OFFSET %(most)s LIMIT 1"
_READ = f"""
SELECT account_id, currency, id, booking_date, amount, status <> 'posted', description,
    coalesce(nullif(payee_name, ''), payee), memo {_SHARED}
ORDER BY account_id, currency COLLATE "C", booking_date, id
"""


class PostgresSharedTransactions:
    """`SharedTransactions`. `use` runs in the thread that fetches the rows."""

    def __init__(
        self, database: Database, most: int = MOST_TRANSACTIONS, batch: int = BATCH
    ) -> None:
        self._database = database
        self._most = most
        self._batch = batch

    @in_database
    def totals(
        self, account_ids: Collection[AccountId], last_day: date, *, owner: UserId
    ) -> Result[Sequence[SharedTotal], Never]:
        given: dict[str, Any] = {"owner": owner, "accounts": list(account_ids), "last": last_day}
        with connection.cursor() as cursor:
            cursor.execute(_TOTALS, given)
            return Success([SharedTotal(*row) for row in cursor.fetchall()])

    @in_database
    def read(
        self, use: Callable[[SharedRows], T], *, owner: UserId, scope: SharedScope
    ) -> Result[T, Unavailable]:
        allow_long_transaction()
        given: dict[str, Any] = {
            "owner": owner,
            "accounts": [account_id for account_id, _ in scope.keys],
            "currencies": [currency for _, currency in scope.keys],
            "first": scope.first_day,
            "last": scope.last_day,
            "pending": scope.pending,
            "most": self._most,
        }
        complete_since = _complete_since(given)
        if complete_since:
            given["first"] = complete_since
        return Success(use(SharedRows(complete_since, _rows(given, self._batch))))


def _complete_since(given: dict[str, Any]) -> date | None:
    """Return the first of the latest days whose transactions are not too many together."""
    with connection.cursor() as cursor:
        cursor.execute(_TOO_MUCH, given)
        found = cursor.fetchone()
    return date.fromordinal(found[0].toordinal() + 1) if found else None


def _rows(given: dict[str, Any], batch: int) -> Iterator[SharedTransaction]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_READ, given)
        while found := cursor.fetchmany(batch):
            stop_if_cancelled()
            yield from map(SharedTransaction._make, found)
