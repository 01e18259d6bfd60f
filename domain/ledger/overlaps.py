"""What the balances of statements that overlap say about the rows that they seem to share.

Of two statements that overlap, the shared rows lead from the opening balance of the second to the
closing balance of the first, unless one lies within the other. Rows that look alike may only seem
to be shared, and the order of rows says which of them are: those at the end of the first statement,
and at the beginning of the second.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from domain.ledger.counterparts import NEAR_DAYS
from domain.ledger.evidence import Outline
from domain.ledger.matches import Match, MatchContext
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.sums import MOST_SUMMED, sums_of_some
from domain.ledger.values import MatchResult, StatementRef, StatementRow, TransactionKey
from domain.shared.ids import TransactionId, new_id


def contradicted(
    rows: Sequence[StatementRow],
    matches: Sequence[Match],
    context: MatchContext,
    near: Neighbourhood,
) -> set[StatementRef]:
    """Return the statements that cannot list the rows that they seem to share with this one.

    Some rows may look shared only, and some that are unknown so far may be shared too, in other
    words.
    """
    unknown = [
        row
        for row, match in zip(rows, matches, strict=True)
        if not row.pending and match.existing is None
    ]
    if near.statement.bounds is None or len(unknown) > MOST_SUMMED:
        return set()
    worded = _in_other_words(unknown, matches, context)
    shared_by = _shared(rows, matches, context, near)
    if not shared_by:
        return set()
    booked = [row.amount.amount for row in rows if not row.pending]
    stated, found = _stated(context), set[StatementRef]()
    for ref, places in shared_by.items():
        shared = [rows[place].amount.amount for place in places]
        possible = [*shared, *worded.get(ref, ())]
        other = near.others[ref]
        if not (
            _may_lie_within(possible, booked, stated.get(ref, ()), near.statement, other)
            or _may_share(possible, near.statement, other)
        ):
            found.add(ref)
    return found


def _shared(
    rows: Sequence[StatementRow],
    matches: Sequence[Match],
    context: MatchContext,
    near: Neighbourhood,
) -> Mapping[StatementRef, Sequence[int]]:
    """Return the places of booked rows that another statement seems to list too."""
    shared = defaultdict[StatementRef, list[int]](list)
    for place, (row, match) in enumerate(zip(rows, matches, strict=True)):
        if not row.pending and match.existing:
            for ref in context.stating.get(match.id, ()):
                if ref in near.others:
                    shared[ref].append(place)
    return shared


def _in_other_words(
    unknown: Sequence[StatementRow], matches: Sequence[Match], context: MatchContext
) -> Mapping[StatementRef, Sequence[Decimal]]:
    """Return the amounts of unknown rows that each statement may list in other words."""
    matched, days = {match.id for match in matches}, defaultdict[Decimal, list[date]](list)
    for row in unknown:
        days[row.amount.amount].append(row.booking_date)
    wanted = Counter({amount: len(its) for amount, its in days.items()})
    found = defaultdict[StatementRef, Counter[Decimal]](Counter)
    for each in context.counterparts:
        near = (abs((each.booking_date - day).days) for day in days.get(each.amount.amount, ()))
        if each.id not in matched and min(near, default=NEAR_DAYS + 1) <= NEAR_DAYS:
            for ref in context.stating.get(each.id, ()):
                found[ref][each.amount.amount] += 1
    return {ref: list((amounts & wanted).elements()) for ref, amounts in found.items()}


def _stated(context: MatchContext) -> Mapping[StatementRef, Sequence[Decimal]]:
    """Return the amounts of rows of other statements, as far as they are known."""
    every = (*context.known.values(), *context.candidates, *context.counterparts)
    stated = defaultdict[StatementRef, list[Decimal]](list)
    for each in {each.id: each for each in every}.values():
        for ref in context.stating.get(each.id, ()):
            stated[ref].append(each.amount.amount)
    return stated


def _may_lie_within(
    possible: Sequence[Decimal],
    booked: Sequence[Decimal],
    stated: Sequence[Decimal],
    statement: Outline,
    other: Outline,
) -> bool:
    """Return whether one of two statements may have all rows of the other one.

    Then rows of the longer one (`booked` or `stated`) lead from where it begins to where the other
    one begins.
    """
    if not statement.bounds or not other.bounds or statement.is_same_as(other):
        return True
    (opening, closing), (other_opening, other_closing) = statement.bounds, other.bounds
    if opening.money == other_opening.money or closing.money == other_closing.money:
        return True
    more = statement.rows - other.rows
    if not more or len(possible) < min(statement.rows, other.rows):
        return False
    longer, length = (booked, len(booked)) if more > 0 else (stated, other.rows)
    if len(longer) != length or length > MOST_SUMMED:
        # One row more is before all others or after them, so that both begin or end alike.
        return abs(more) > 1
    lead = other_opening.money.amount - opening.money.amount
    return (lead if more > 0 else -lead) in sums_of_some(longer)


def _may_share(possible: Sequence[Decimal], statement: Outline, other: Outline) -> bool:
    """Return whether rows of these amounts may lead from one statement into the other."""
    return len(possible) > MOST_SUMMED or not _overlaps(statement, other).isdisjoint(
        sums_of_some(possible)
    )


def _overlaps(statement: Outline, other: Outline) -> set[Decimal]:
    """Return what the rows in common come to: of the beginning of a statement, or of its end."""
    if not statement.bounds or not other.bounds:
        return set()
    (opening, closing), (other_opening, other_closing) = statement.bounds, other.bounds
    return {
        other_closing.money.amount - opening.money.amount,
        closing.money.amount - other_opening.money.amount,
    }


def separated(
    rows: Sequence[StatementRow],
    keys: Sequence[TransactionKey],
    matches: Sequence[Match],
    context: MatchContext,
    near: Neighbourhood,
) -> Sequence[Match]:
    """Return matches without the rows that only seem to be shared: these are others.

    Each is a transaction that looks like it and that is not of the same statement, or a new one.
    """
    resolved = list(matches)
    used = {match.id for match in matches}
    for ref, places in _shared(rows, matches, context, near).items():
        for place in _not_shared(rows, keys, places, near.statement, near.others[ref]):
            if resolved[place] is matches[place]:
                resolved[place] = _another(keys[place], ref, used, context)
                used.add(resolved[place].id)
    return resolved


def _another(
    key: TransactionKey, ref: StatementRef, used: set[TransactionId], context: MatchContext
) -> Match:
    for its, each in context.known.items():
        alike = its.fingerprint == key.fingerprint and each.id not in used and not each.removal
        if alike and ref not in context.stating.get(each.id, ()):
            return Match(MatchResult.SAME, each.id, its, each)
    return Match(MatchResult.NEW, TransactionId(new_id()), key)


def _not_shared(
    rows: Sequence[StatementRow],
    keys: Sequence[TransactionKey],
    places: Sequence[int],
    statement: Outline,
    other: Outline,
) -> Sequence[int]:
    """Return places of rows that cannot be shared, if the order of rows says which these are."""
    if not statement.bounds or not other.bounds or any(rows[at].provider_id for at in places):
        return ()
    along = _in_order(rows)
    total = sum((rows[place].amount.amount for place in places), Decimal(0))
    is_within = len(places) == len(along) != other.rows
    if is_within or total in _overlaps(statement, other):
        return ()
    if len(places) == other.rows and _lie_together(rows, places, along, statement, other):
        return ()
    apart = {
        tuple(sorted(keys[place].fingerprint for place in some)): some
        for some in _apart(rows, places, along, statement, other)
    }
    return next(iter(apart.values())) if len(apart) == 1 else ()


def _lie_together(
    rows: Sequence[StatementRow],
    places: Sequence[int],
    along: Sequence[int],
    statement: Outline,
    other: Outline,
) -> bool:
    """Return whether the rows of the other statement lie within this one where its balances say."""
    if not statement.opening or not other.opening:
        return False
    balance = statement.opening.money.amount
    for start, place in enumerate(along):
        some = along[start : start + len(places)]
        if balance == other.opening.money.amount and {*some} == {*places}:
            return True
        balance += rows[place].amount.amount
    return False


def _apart(
    rows: Sequence[StatementRow],
    places: Sequence[int],
    along: Sequence[int],
    statement: Outline,
    other: Outline,
) -> Iterator[Sequence[int]]:
    """Yield what is left if a beginning or an end of the statement is what is shared."""
    if not statement.bounds or not other.bounds:
        return
    (opening, closing), (other_opening, other_closing) = statement.bounds, other.bounds
    for some, overlap in (
        (along, other_closing.money.amount - opening.money.amount),
        (along[::-1], closing.money.amount - other_opening.money.amount),
    ):
        total = Decimal(0)
        for count, place in enumerate(some, 1):
            if place not in places:
                break
            total += rows[place].amount.amount
            if total == overlap:
                yield [each for each in places if each not in some[:count]]


def _in_order(rows: Sequence[StatementRow]) -> Sequence[int]:
    """Return the places of booked rows, the earliest first: files may begin with the latest."""
    booked = [place for place, row in enumerate(rows) if not row.pending]
    falling = booked and rows[booked[0]].booking_date > rows[booked[-1]].booking_date
    return booked[::-1] if falling else booked
