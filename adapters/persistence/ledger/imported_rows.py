"""What imports state about transactions: the rows of a statement in one row of arrays."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from adapters.persistence.ledger.columns import array_of, batches, column_of
from domain.ledger.imported import (
    ImportedRow,
    ImportRow,
    ImportRowsPage,
    MetTransaction,
    RowCursor,
    Stated,
)
from domain.ledger.values import MatchResult, StatementRef, TransactionKey
from domain.shared.ids import ImportId, TransactionId, UserId
from domain.shared.money import Money

#: The letter of each result.
LETTERS = {result: result.value[0] for result in MatchResult}
_RESULTS = {letter: result for result, letter in LETTERS.items()}


def state_of(key: TransactionKey) -> int:
    """Return the number that tells a state of a transaction from its other states."""
    return int.from_bytes(key.fingerprint[:4], signed=True) ^ key.occurrence


#: The same in SQL, for rows of `ledger_transaction` and `ledger_prior_state`.
STATE = "(substr(fingerprint, 1, 4)::int # occurrence)"

#: SQL for the rows of `ledger_imported_rows`, one by one, as `each`.
EACH_ROW = """
unnest(transaction_ids, states, lines, string_to_array(results, NULL))
WITH ORDINALITY AS each (transaction_id, state, line, result, number)
"""

_INSERT = f"""
INSERT INTO ledger_imported_rows (
    id, user_id, account_id, import_id, place, first_day, last_day, first_line, last_line,
    transaction_ids, states, lines, results
) VALUES (
    uuidv7(), %(owner)s, %(account)s, %(import)s, %(place)s,
    %(first_day)s, %(last_day)s, %(first_line)s, %(last_line)s,
    {array_of("uuid", "%(transactions)s")}, {array_of("int", "%(states)s")},
    {array_of("int", "%(lines)s")}, %(results)s
)
"""  # noqa: S608

_IDS = array_of("uuid", "%(ids)s")
_MARK_UNDONE = """
WITH marked AS (
    UPDATE ledger_imported_rows SET undone = true
    WHERE user_id = %(owner)s AND import_id = %(import)s AND NOT undone
    RETURNING transaction_ids
)
SELECT DISTINCT unnest(transaction_ids) FROM marked
"""
# The days of all states of these transactions: no statement outside of them states one.
_DAYS = f"""
SELECT account_id, min(booking_date) AS first, max(booking_date) AS last FROM (
    SELECT account_id, booking_date FROM ledger_transaction
    WHERE user_id = %(owner)s AND id = ANY({_IDS})
    UNION ALL
    SELECT account_id, booking_date FROM ledger_prior_state
    WHERE user_id = %(owner)s AND transaction_id = ANY({_IDS})
) AS states GROUP BY account_id
"""  # noqa: S608
# Undone imports too: they show which transactions their rows were.
_REPLACE = f"""
UPDATE ledger_imported_rows AS statement
SET transaction_ids = array_replace(transaction_ids, %(former)s, %(present)s)
FROM ({_DAYS}) AS days
WHERE statement.user_id = %(owner)s AND statement.account_id = days.account_id
AND last_day >= days.first AND first_day <= days.last AND %(former)s = ANY(transaction_ids)
"""  # noqa: S608
#: What the imports that were not undone state about transactions (`ids`) of a user (`owner`).
#: "IS TRUE" makes the server look them up in a hash: it would take the rows of arrays for few, and
#: compare each with each.
STATING = f"""
SELECT transaction_id, state, import_id, place, line
FROM ({_DAYS}) AS days JOIN ledger_imported_rows AS statement USING (account_id), {EACH_ROW}
WHERE statement.user_id = %(owner)s AND NOT undone
AND last_day >= days.first AND first_day <= days.last
AND (transaction_id IN (SELECT unnest({_IDS}))) IS TRUE
"""  # noqa: S608
_FIRST_STATING = f"""
SELECT DISTINCT ON (transaction_id, state) transaction_id, state, import_id, line
FROM ({STATING}) AS stating ORDER BY transaction_id, state, import_id, line
"""  # noqa: S608

# Undone imports too: which transaction was of this account last.
_LAST_STATED = f"""
SELECT transaction_id, max(import_id::text) FROM (
    SELECT transaction_id, import_id
    FROM ({_DAYS}) AS days JOIN ledger_imported_rows AS statement USING (account_id), {EACH_ROW}
    WHERE statement.user_id = %(owner)s AND last_day >= days.first AND first_day <= days.last
    AND (transaction_id IN (SELECT unnest({_IDS}))) IS TRUE
) AS stated GROUP BY transaction_id
"""  # noqa: S608

# No batch that begins after this line has rows of the page: those before have enough of them.
_LAST_LINE = """
SELECT min(last_line) FROM (
    SELECT last_line, sum(cardinality(lines)) OVER (ORDER BY last_line, id) AS rows
    FROM ledger_imported_rows
    WHERE user_id = %(owner)s AND import_id = %(import)s AND first_line > %(line)s
) AS later WHERE rows >= %(limit)s
"""
_PAGE = f"""
SELECT line, result, transaction_id, id, number, state FROM ledger_imported_rows, {EACH_ROW}
WHERE user_id = %(owner)s AND import_id = %(import)s AND last_line >= %(line)s
AND (first_line <= ({_LAST_LINE})) IS NOT FALSE
AND (line, id, number) > (%(line)s, %(id)s, %(number)s)
ORDER BY line, id, number LIMIT %(limit)s
"""  # noqa: S608
_SAYS = ("booking_date", "amount", "currency", "payee", "description")
_PRIOR = "SELECT * FROM ledger_prior_state WHERE user_id = %(owner)s AND transaction_id = t.id"
# A row states its transaction as it is now, or in one of its prior states.
_STATED_NOW = ", ".join(
    f"CASE WHEN prior.id IS NULL THEN t.{name} ELSE prior.{name} END" for name in _SAYS
)
# Of a row that changed its transaction, the state before is the latest one that is not its own.
_MET = f"""
SELECT t.id, {", ".join(f"coalesce(former.{name}, t.{name})" for name in _SAYS)}
FROM (VALUES (1)) AS once LEFT JOIN LATERAL (
    {_PRIOR} AND {STATE} <> page.state ORDER BY id DESC LIMIT 1
) AS former ON page.result = '{LETTERS[MatchResult.UPDATES]}'
WHERE page.result NOT IN ('{LETTERS[MatchResult.NEW]}', '{LETTERS[MatchResult.CONFLICT]}')
UNION ALL
SELECT other.id, {", ".join(f"other.{name}" for name in _SAYS)}
FROM ledger_match JOIN ledger_transaction other
    ON other.user_id = %(owner)s AND other.id = ledger_match.existing_id
WHERE page.result = '{LETTERS[MatchResult.NEW]}' AND ledger_match.user_id = %(owner)s
AND ledger_match.added_id = t.id AND ledger_match.status = 'suggested'
UNION ALL
SELECT other.id, {", ".join(f"other.{name}" for name in _SAYS)}
FROM ledger_transaction other
WHERE page.result = '{LETTERS[MatchResult.CONFLICT]}' AND other.user_id = %(owner)s
AND other.account_id = t.account_id AND other.provider_id = t.provider_id AND other.id <> t.id
AND other.removal IS NULL
"""  # noqa: S608
_SHOWN = f"""
WITH page AS MATERIALIZED ({_PAGE})
SELECT page.line, result, page.transaction_id, page.id, number, {_STATED_NOW}, met.*
FROM page JOIN ledger_transaction t ON t.user_id = %(owner)s AND t.id = page.transaction_id
LEFT JOIN LATERAL (
    {_PRIOR} AND {STATE} = page.state LIMIT 1
) AS prior ON (substr(t.fingerprint, 1, 4)::int # t.occurrence) <> page.state
LEFT JOIN LATERAL ({_MET} LIMIT 1) AS met ON true
ORDER BY page.line, page.id, number
"""  # noqa: S608
_BEGINNING = RowCursor(-1, UUID(int=0), 0)

_STATEMENTS = f"""
SELECT DISTINCT transaction_id, import_id, place FROM ({STATING}) AS stating
WHERE ((transaction_id, state) IN (
    SELECT id, {STATE} FROM ledger_transaction
    WHERE user_id = %(owner)s AND id = ANY({_IDS}) AND status = 'pending'
    UNION ALL
    SELECT transaction_id, {STATE} FROM ledger_prior_state
    WHERE user_id = %(owner)s AND transaction_id = ANY({_IDS}) AND status = 'pending'
)) IS FALSE
"""  # noqa: S608

#: The import and the line that state a transaction first, by transaction and state.
FirstStating = Mapping[tuple[UUID, int], tuple[UUID, int]]


def insert(imported_rows: Sequence[ImportedRow]) -> None:
    with connection.cursor() as cursor:
        for _, rows in groupby(imported_rows, _statement):
            for some in batches(list(rows)):
                cursor.execute(_INSERT, _parameters(some))


def _statement(row: ImportedRow) -> tuple[Any, ...]:
    return row.user_id, row.account_id, row.import_id, row.place


def _parameters(rows: Sequence[ImportedRow]) -> dict[str, Any]:
    days, lines = [row.day for row in rows], [row.line for row in rows]
    owner, account, source, place = _statement(rows[0])
    return {
        "owner": owner,
        "account": account,
        "import": source,
        "place": place,
        "first_day": min(days),
        "last_day": max(days),
        "first_line": min(lines),
        "last_line": max(lines),
        "transactions": column_of("uuid", (row.transaction_id for row in rows)),
        "states": column_of("int", (state_of(row.key) for row in rows)),
        "lines": column_of("int", lines),
        "results": "".join(LETTERS[row.result] for row in rows),
    }


def mark_undone(import_id: ImportId, owner: UserId) -> list[UUID]:
    """Mark the rows of an import as undone; return their transactions."""
    return [each for (each,) in _found(_MARK_UNDONE, {"owner": owner, "import": import_id})]


def replace_transaction(former: TransactionId, present: TransactionId, owner: UserId) -> None:
    """Have all rows that state one transaction state another one."""
    its = {"owner": owner, "former": former, "present": present}
    with connection.cursor() as cursor:
        cursor.execute(_REPLACE, {**its, "ids": column_of("uuid", [former])})


def first_stating(transaction_ids: Sequence[UUID], owner: UserId) -> FirstStating:
    """Return in which states the imports that were not undone show these transactions."""
    its = {"owner": owner, "ids": column_of("uuid", transaction_ids)}
    return {
        (transaction_id, state): (import_id, line)
        for transaction_id, state, import_id, line in _found(_FIRST_STATING, its)
    }


def statements_stating(
    transaction_ids: Sequence[UUID], owner: UserId
) -> dict[TransactionId, set[StatementRef]]:
    """Return which statements of imports that were not undone state these as booked."""
    stating: dict[TransactionId, set[StatementRef]] = {}
    its = {"owner": owner, "ids": column_of("uuid", transaction_ids)}
    for transaction_id, import_id, place in _found(_STATEMENTS, its):
        ref = StatementRef(ImportId(import_id), place)
        stating.setdefault(TransactionId(transaction_id), set()).add(ref)
    return stating


def last_stated(transaction_ids: Sequence[UUID], owner: UserId) -> dict[TransactionId, str]:
    """Return the latest import, undone or not, that stated each of these in its account."""
    its = {"owner": owner, "ids": column_of("uuid", transaction_ids)}
    return {TransactionId(each): latest for each, latest in _found(_LAST_STATED, its)}


def page(
    import_id: ImportId, owner: UserId, *, after: RowCursor | None, limit: int
) -> ImportRowsPage:
    begin = after or _BEGINNING
    its = {"owner": owner, "import": import_id, "limit": limit + 1}
    its |= {"line": begin.line, "id": begin.id, "number": begin.number}
    found = list(_found(_SHOWN, its))
    items = [_row(*row) for row in found[:limit]]
    if len(found) <= limit:
        return ImportRowsPage(items, None)
    line, _, _, batch, number, *_ = found[limit - 1]
    return ImportRowsPage(items, RowCursor(line, batch, number))


def _row(
    line: int, result: str, transaction_id: UUID, batch: UUID, number: int, *columns: Any
) -> ImportRow:
    said = len(_SAYS)
    met_id, *met = columns[said:]
    return ImportRow(
        line=line,
        result=_RESULTS[result],
        transaction_id=TransactionId(transaction_id),
        stated=_stated(*columns[:said]),
        met=MetTransaction(TransactionId(met_id), _stated(*met)) if met_id else None,
    )


def _stated(
    booking_date: date, amount: Decimal, currency: str, payee: str, description: str
) -> Stated:
    return Stated(
        booking_date=booking_date,
        amount=Money(amount, currency),
        payee=payee,
        description=description,
    )


def _found(statement: str, parameters: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[Any] = cursor.fetchall()
        return found
