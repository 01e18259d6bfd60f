"""What the ledger has between the balances that statements state."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Never

from django.db import connection

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger import outlines
from adapters.persistence.ledger.columns import array_of, rows_of, texts_of
from adapters.persistence.ledger.imported_rows import EACH_ROW, STATE
from adapters.persistence.ledger.statements import ledger_columns
from domain.ledger.days import Days
from domain.ledger.reconciling import (
    NOTHING,
    AccountReconciliation,
    Addend,
    ReconciledStatement,
    StretchSum,
)
from domain.ledger.values import LedgerReconciliation, StatementRef
from domain.shared.ids import AccountId, ImportId, UserId
from domain.shared.result import Result, Success

_DAYS_OF = """
SELECT place, min(first_day), max(last_day) FROM ledger_imported_rows
WHERE user_id = %(owner)s AND import_id = %(import)s GROUP BY place
"""

_CHANGED_DAYS = f"""
WITH listed AS MATERIALIZED (
    SELECT place, transaction_id, state, result FROM ledger_imported_rows, {EACH_ROW}
    WHERE user_id = %(owner)s AND import_id = %(import)s
), known AS MATERIALIZED (
    SELECT id, booking_date, {STATE} AS state FROM ledger_transaction
    WHERE user_id = %(owner)s AND id = ANY(ARRAY(SELECT transaction_id FROM listed))
)
SELECT place, min(booking_date), max(booking_date)
FROM listed JOIN known ON id = transaction_id
WHERE result <> 's' OR listed.state <> known.state
GROUP BY place
"""  # noqa: S608

_PLACES = {"import_id": "uuid", "place": "int", "position": "int"}
_ADDENDS = {
    "stretch": "int",
    "stating": "text",
    "statement": "int",
    "after": "int",
    "leading_places": "int[]",
    "first_day": "date",
    "last_day": "date",
    "certain": "boolean",
}
# A statement that lists a transaction as pending does not count it in its balance. In any other
# state than the present one, it was booked unless that is a prior state which is pending.
_SUMS = f"""
WITH stated AS MATERIALIZED (
    SELECT position, transaction_id, state
    FROM {rows_of(_PLACES)} AS placed JOIN ledger_imported_rows AS rows USING (import_id, place),
        unnest(transaction_ids, states) AS each (transaction_id, state)
    WHERE rows.user_id = %(owner)s AND NOT undone
    AND rows.import_id = ANY({array_of("uuid", "%(import_id)s")})
), booked AS MATERIALIZED (
    SELECT id, amount, currency, booking_date, {STATE} AS state FROM ledger_transaction
    WHERE user_id = %(owner)s AND status = 'posted' AND removal IS NULL
    AND id = ANY(ARRAY(SELECT DISTINCT transaction_id FROM stated))
), own AS MATERIALIZED (
    SELECT DISTINCT position, id FROM stated JOIN booked ON id = transaction_id
    WHERE stated.state = booked.state OR NOT EXISTS (
        SELECT FROM ledger_prior_state WHERE ledger_prior_state.user_id = %(owner)s
        AND ledger_prior_state.transaction_id = booked.id AND status = 'pending'
        AND {STATE} = stated.state
    )
), counted AS MATERIALIZED (
    SELECT id, amount, currency, booking_date, min(position) AS position,
        array_agg(position) AS positions
    FROM own JOIN booked USING (id) GROUP BY id, amount, currency, booking_date
), loose AS MATERIALIZED (
    SELECT id, amount, booking_date FROM ledger_transaction
    WHERE user_id = %(owner)s AND account_id = %(account)s AND currency = %(currency)s
    AND booking_date BETWEEN %(first)s AND %(last)s AND removal IS NULL AND status = 'posted'
    AND (id IN (SELECT transaction_id FROM stated)) IS NOT TRUE
), addend AS MATERIALIZED (
    SELECT * FROM {rows_of(_ADDENDS)} AS addends
), found AS (
    SELECT stretch, id, amount, currency, certain
    FROM addend JOIN own ON statement = own.position JOIN counted USING (id)
    WHERE stating = 'own' AND counted.position > after AND NOT positions && leading_places
    AND booking_date BETWEEN first_day AND last_day
    UNION
    SELECT stretch, id, amount, currency, certain
    FROM addend JOIN counted ON position > after AND NOT positions && leading_places
        AND booking_date BETWEEN first_day AND last_day
    WHERE (stating = 'others' AND position < statement OR stating = 'any')
    AND currency = %(currency)s AND statement <> ALL (positions)
    UNION
    SELECT stretch, id, amount, %(currency)s, certain
    FROM addend JOIN loose ON booking_date BETWEEN first_day AND last_day
    WHERE stating = 'none'
)
SELECT stretch, coalesce(sum(amount) FILTER (WHERE certain), 0),
    coalesce(array_agg(amount) FILTER (WHERE NOT certain), '{{}}'),
    bool_or(currency <> %(currency)s)
FROM found GROUP BY stretch
"""  # noqa: S608

# The server takes the rows of arrays for few, and would compare each with each.
_JOIN_BY_HASH = "SELECT set_config('enable_nestloop', %s, true)"

_STORED = {
    "import_id": "uuid",
    "place": "int",
    "ledger_reconciliation": "text",
    "ledger_difference": "numeric",
    "ledger_since": "date",
}
_STORE = f"""
UPDATE ledger_statement AS statement SET ledger_reconciliation = new.ledger_reconciliation,
    ledger_difference = new.ledger_difference, ledger_since = new.ledger_since
FROM {rows_of(_STORED)} AS new
WHERE statement.user_id = %(owner)s AND statement.import_id = new.import_id
AND statement.place = new.place
"""  # noqa: S608

_BY_ACCOUNT = """
SELECT account_id, count(*) FILTER (WHERE ledger_reconciliation = 'balanced'),
    count(*) FILTER (WHERE ledger_reconciliation = 'unbalanced')
FROM (
    SELECT DISTINCT account_id, statement.currency, ledger_since, closing_day, closing,
        ledger_difference, ledger_reconciliation
    FROM ledger_statement AS statement JOIN ledger_import AS source
        ON source.user_id = statement.user_id AND source.id = statement.import_id
    WHERE statement.user_id = %(owner)s AND source.undone_at IS NULL
    AND ledger_reconciliation <> 'unknown'
) AS stretches GROUP BY account_id
"""


class PostgresReconciliationRepository:
    """`ReconciliationRepository`: one SQL statement adds up all stretches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def days_of(self, import_id: ImportId, *, owner: UserId) -> Result[Mapping[int, Days], Never]:
        found = _rows(_DAYS_OF, {"owner": owner, "import": import_id})
        return Success({place: Days(first, last) for place, first, last in found})

    @in_database
    def changed_days(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[Mapping[int, Days], Never]:
        _rows(_JOIN_BY_HASH, ["off"])
        found = _rows(_CHANGED_DAYS, {"owner": owner, "import": import_id})
        _rows(_JOIN_BY_HASH, ["on"])
        return Success({place: Days(first, last) for place, first, last in found})

    @in_database
    def about(
        self, account_id: AccountId, days: Days, *, owner: UserId
    ) -> Result[Sequence[ReconciledStatement], Never]:
        near = outlines.near(account_id, owner, days)
        return Success([ReconciledStatement(*each) for each in near])

    @in_database
    def sums(
        self,
        account_id: AccountId,
        currency: str,
        addends: Sequence[Addend],
        places: Mapping[StatementRef, int],
        *,
        owner: UserId,
    ) -> Result[Mapping[int, StretchSum], Never]:
        if not (addends and places):
            return Success({})
        placed = [(*ref, position) for ref, position in places.items()]
        loose = [each.days for each in addends if each.stating == "none"] or [addends[0].days]
        its = {
            "owner": owner,
            "account": account_id,
            "currency": currency,
            "first": min(days.first for days in loose),
            "last": max(days.last for days in loose),
        }
        its |= texts_of(_PLACES, placed) | texts_of(_ADDENDS, list(map(_values, addends)))
        _rows(_JOIN_BY_HASH, ["off"])
        found = _rows(_SUMS, its)
        _rows(_JOIN_BY_HASH, ["on"])
        sums = {stretch: StretchSum(*values) for stretch, *values in found}
        return Success(defaultdict(lambda: NOTHING, sums))

    @in_database
    def store(
        self, ledgers: Mapping[StatementRef, LedgerReconciliation], *, owner: UserId
    ) -> Result[None, Never]:
        if ledgers:
            rows = [(*ref, *ledger_columns(each).values()) for ref, each in ledgers.items()]
            with connection.cursor() as cursor:
                cursor.execute(_STORE, {"owner": owner, **texts_of(_STORED, rows)})
        return Success(None)

    @in_database
    def by_account(
        self, *, owner: UserId
    ) -> Result[Mapping[AccountId, AccountReconciliation], Never]:
        found = _rows(_BY_ACCOUNT, {"owner": owner})
        return Success({AccountId(each): AccountReconciliation(*counts) for each, *counts in found})


def _values(addend: Addend) -> tuple[Any, ...]:
    return (
        *(addend.stretch, addend.stating, addend.place, addend.after),
        *(_array(addend.leading), *addend.days, addend.certain),
    )


def _array(places: Sequence[int]) -> str:
    return f"{{{','.join(map(str, places))}}}"


def _rows(statement: str, parameters: Mapping[str, Any] | Sequence[str]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[Any] = cursor.fetchall()
        return found
