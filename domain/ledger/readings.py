"""Balances decide between the readings of a statement.

The rows that a statement adds to those before it make the difference of the closing balances. Where
they do not, another reading may: a row that looks like a known one is another one, or a row in
other words is a known one after all. It counts only if it is the single one that adds up.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, count

from domain.ledger.evidence import Stretch
from domain.ledger.matches import Match, MatchContext, Pairing, in_other_words
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.values import MatchResult, StatementRow, TransactionKey, normalised
from domain.shared.ids import TransactionId, new_id

#: Of more rows that could be read otherwise, only all of them together are tried.
MOST_READINGS = 24
#: So many rows at most are read otherwise at once, if not all of them are.
MOST_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Change:
    """A row that may be read otherwise: what that adds to the sum, and the match it would be."""

    place: int
    amount: Decimal
    match: Match


def settle(
    rows: Sequence[StatementRow],
    pairing: Pairing,
    context: MatchContext,
    near: Neighbourhood,
) -> Pairing:
    """Return the matches that add up to the difference of the balances, or else these."""
    matches, stretch = pairing.matches, near.stretch
    if stretch is None or stretch.difference is None or context.between is None:
        return pairing
    earlier = context.stated_by(near.earlier)
    missing = stretch.difference - _counted(rows, matches, earlier, stretch)
    missing -= _loose(matches, context, near)
    if not missing:
        return pairing
    splits = list(_splits(rows, matches, earlier, stretch))
    merges = [
        Change(place, -rows[place].amount.amount, in_other_words(matches[place], existing))
        for place, existing in pairing.suggestions.items()
        if _counts(rows[place], stretch)
    ]
    # Where balances beside both rows differ, these are more likely two than others.
    differing = [each for each in splits if _differs(rows[each.place], matches[each.place])]
    if stretch.statement.opening and not stretch.is_ordered:
        # It does not begin where the other one closes, which may be within it.
        splits = []
    changes = _choice(differing, missing) or _choice(splits, missing) or _choice(merges, missing)
    if not changes:
        return pairing
    settled = list(matches)
    for change in changes:
        settled[change.place] = change.match
    read_otherwise = {change.place for change in changes}
    suggestions = {
        place: existing
        for place, existing in pairing.suggestions.items()
        if place not in read_otherwise
    }
    return Pairing(with_free_keys(settled, context), suggestions)


def _counted(
    rows: Sequence[StatementRow],
    matches: Sequence[Match],
    earlier: Collection[TransactionId],
    stretch: Stretch,
) -> Decimal:
    """Return what the rows come to that no earlier statement states as booked.

    Rows that the user has deleted count: the bank's balances know nothing of that.
    """
    return sum(
        (
            row.amount.amount
            for row, match in zip(rows, matches, strict=True)
            if (match.id not in earlier or match.result is MatchResult.UPDATES)
            and _counts(row, stretch)
        ),
        Decimal(0),
    )


def _loose(matches: Sequence[Match], context: MatchContext, near: Neighbourhood) -> Decimal:
    """Return what was booked between the balances and no statement with a balance states."""
    stated = context.stated_by(near.balanced) | {match.id for match in matches}
    amounts = (amount for each, amount in (context.between or {}).items() if each not in stated)
    return sum(amounts, Decimal(0))


def _counts(row: StatementRow, stretch: Stretch) -> bool:
    return (
        not row.pending
        and row.amount.currency == stretch.statement.currency
        and stretch.counts(row.booking_date)
    )


def _splits(
    rows: Sequence[StatementRow],
    matches: Sequence[Match],
    earlier: Collection[TransactionId],
    stretch: Stretch,
) -> Iterator[Change]:
    """Yield rows that look like transactions of earlier statements, and may be others.

    An id counts for more than balances, unless the same kind of report has another text with it.
    """
    for place, (row, match) in enumerate(zip(rows, matches, strict=True)):
        if row.provider_id and not _is_reworded(row, match, stretch):
            continue
        if match.result is MatchResult.SAME and match.id in earlier and _counts(row, stretch):
            fresh = Match(MatchResult.NEW, TransactionId(new_id()), match.key)
            yield Change(place, row.amount.amount, fresh)


def _is_reworded(row: StatementRow, match: Match, stretch: Stretch) -> bool:
    """Return whether two reports of one type have different texts of the transaction."""
    if match.existing is None or stretch.previous is None:
        return False
    alike = stretch.previous.report_type == stretch.statement.report_type
    return alike and match.existing.text != normalised(row.description)


def _differs(row: StatementRow, match: Match) -> bool:
    before = match.existing.balance if match.existing else None
    return row.balance is not None and before is not None and row.balance != before


def _choice(changes: Sequence[Change], missing: Decimal) -> Sequence[Change]:
    """Return the changes that make up what is missing, if only one set of them does."""
    if sum((each.amount for each in changes), Decimal(0)) == missing:
        return changes
    if len(changes) > MOST_READINGS:
        return []
    fitting = {
        # Rows that look alike are the same choice: the last of them.
        tuple(sorted((each.match.key.fingerprint, each.amount) for each in some)): some
        for size in range(1, MOST_AT_ONCE + 1)
        for some in combinations(changes, size)
        if sum((each.amount for each in some), Decimal(0)) == missing
    }
    return next(iter(fitting.values())) if len(fitting) == 1 else []


def with_free_keys(matches: Sequence[Match], context: MatchContext) -> list[Match]:
    """Give rows that were read as known ones keys of their own."""
    used = {key for key, existing in context.known.items() if not existing.is_gone}
    used |= {match.key for match in matches if match.existing}
    numbers = defaultdict[bytes, Iterator[int]](lambda: count(1))
    resolved: list[Match] = []
    for match in matches:
        key = match.key
        if match.existing is None and not match.other_state and key in used:
            fresh = (TransactionKey(key.fingerprint, each) for each in numbers[key.fingerprint])
            key = next(each for each in fresh if each not in used)
        used.add(key)
        resolved.append(replace(match, key=key))
    return resolved
