"""Rows by which a bank states a booked transaction again, under another id or on another day.

A statement that lists all there is on its days, and does not list a transaction there that an
earlier one of its kind did, no longer states it so. If it lists an unknown row of the same day,
amount and text, or of the same id and amount, then that is the transaction: were it another one,
the ledger would have one of the two all the same.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import timedelta

from domain.ledger.days import ONE_DAY
from domain.ledger.matches import ExistingTransaction, MatchContext
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.values import Statement, StatementRow, TransactionKey, normalised
from domain.shared.ids import TransactionId

NO_DAYS = timedelta(0)
_Queues = Mapping[Hashable, Sequence[ExistingTransaction]]


def restated(
    statement: Statement,
    keys: Sequence[TransactionKey],
    candidates: Sequence[ExistingTransaction],
    context: MatchContext,
    near: Neighbourhood,
) -> dict[int, ExistingTransaction]:
    """Return by place the booked transactions that rows with unknown keys state again."""
    rows = statement.rows
    unknown = [
        place
        for place, (row, key) in enumerate(zip(rows, keys, strict=True))
        if key not in context.known and not row.pending and row.provider_id
    ]
    if not unknown:
        return {}
    stated = {context.known[key].id for key in keys if key in context.known}
    days = {row.provider_id: row.booking_date for row in rows}

    def margin(existing: ExistingTransaction) -> timedelta:
        # It may have been moved here from the day before or after, under its id.
        day = days.get(existing.provider_id)
        is_beside = day is not None and abs(day - existing.booking_date) <= ONE_DAY
        return ONE_DAY if is_beside else NO_DAYS

    missing = [
        each
        for each in sorted(candidates, key=lambda each: (each.booking_date, each.id))
        if each.id not in stated and _is_missing(each, statement, context, near, margin(each))
    ]
    return _paired(rows, unknown, missing)


def _paired(
    rows: Sequence[StatementRow], unknown: Sequence[int], missing: Sequence[ExistingTransaction]
) -> dict[int, ExistingTransaction]:
    """Pair rows with what is missing: by the id, or else by day, amount and text."""
    listed = Counter(row.provider_id for row in rows)
    moved, renamed = _queues(missing, listed)
    found, used = dict[int, ExistingTransaction](), set[TransactionId]()
    for place in unknown:
        row = rows[place]
        # Of rows that share an id, none is known by it.
        own = moved.get((row.provider_id, row.amount)) if listed[row.provider_id] == 1 else None
        alike = renamed.get((row.booking_date, row.amount, normalised(row.description)))
        free = (each for queue in (own, alike) for each in queue or () if each.id not in used)
        again = next(free, None)
        if again:
            used.add(again.id)
            found[place] = again
    return found


def _queues(
    missing: Sequence[ExistingTransaction], listed: Collection[str | None]
) -> tuple[_Queues, _Queues]:
    """Return what is missing by id and amount, and by day, amount and text if its id is missing."""
    moved = defaultdict[Hashable, list[ExistingTransaction]](list)
    renamed = defaultdict[Hashable, list[ExistingTransaction]](list)
    for each in missing:
        moved[each.provider_id, each.amount].append(each)
        if each.provider_id not in listed:
            renamed[each.booking_date, each.amount, each.text].append(each)
    return moved, renamed


def _is_missing(
    existing: ExistingTransaction,
    statement: Statement,
    context: MatchContext,
    near: Neighbourhood,
    margin: timedelta,
) -> bool:
    """Return whether the statement lists all of the day of a transaction of its kind of report.

    Of its last day it lists what there was by then, which a later statement may exceed, unless
    that day was over.
    """
    outline, day = near.statement, existing.booking_date
    first, last = outline.first_day, outline.last_day
    if existing.pending or not existing.provider_id or not first or not last:
        return False
    if not first - margin <= day <= last + margin:
        return False
    stating = [near.others.get(ref) for ref in context.stating.get(existing.id, ())]
    is_of_kind = any(each and each.report_type == outline.report_type for each in stating)
    is_later = any(each is None or (each.last_day or last) > last for each in stating)
    return is_of_kind and (statement.is_past_answer or not (day == last and is_later))
