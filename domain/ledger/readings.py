"""Balances decide between the readings of a statement.

The rows that a statement adds to those before it make the difference of the closing balances. Where
they do not, another reading may: a row that looks like a known one is another one, or a row in
other words is a known one after all. It counts only if it is the single one that adds up.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from domain.ledger.counterparts import in_other_words
from domain.ledger.evidence import Stretch
from domain.ledger.matches import ExistingTransaction, Match, MatchContext
from domain.ledger.values import MatchResult, StatementRow, TransactionKey
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
    matches: Sequence[Match],
    suggestions: Mapping[int, ExistingTransaction],
    context: MatchContext,
    stretch: Stretch | None,
) -> list[Match]:
    """Return the matches that add up to the difference of the balances, or else these."""
    missing = _missing(rows, matches, context, stretch)
    if not missing or stretch is None:
        return list(matches)
    splits = list(_splits(rows, matches, context, stretch))
    merges = [
        Change(place, -rows[place].amount.amount, in_other_words(matches[place], existing))
        for place, existing in suggestions.items()
        if _counts(rows[place], stretch)
    ]
    # Where balances beside both rows differ, these are more likely two than others.
    differing = [each for each in splits if _differs(rows[each.place], matches[each.place])]
    changes = _choice(differing, missing) or _choice(splits, missing) or _choice(merges, missing)
    if not changes:
        return list(matches)
    settled = list(matches)
    for change in changes:
        settled[change.place] = change.match
    return _with_free_keys(settled, context)


def _missing(
    rows: Sequence[StatementRow],
    matches: Sequence[Match],
    context: MatchContext,
    stretch: Stretch | None,
) -> Decimal | None:
    """Return what the rows that the ledger would count are short of the difference, if known."""
    if stretch is None or stretch.difference is None:
        return None
    counted = sum(
        (
            row.amount.amount
            for row, match in zip(rows, matches, strict=True)
            if match.id not in context.earlier
            and _counts(row, stretch)
            and match.result is not MatchResult.DELETED
        ),
        Decimal(0),
    )
    taken = {match.id for match in matches}
    loose = sum((amount for each, amount in context.loose.items() if each not in taken), Decimal(0))
    return stretch.difference - counted - loose


def _counts(row: StatementRow, stretch: Stretch) -> bool:
    return (
        not row.pending
        and row.amount.currency == stretch.statement.currency
        and stretch.counts(row.booking_date)
    )


def _splits(
    rows: Sequence[StatementRow],
    matches: Sequence[Match],
    context: MatchContext,
    stretch: Stretch,
) -> Iterator[Change]:
    """Yield rows that look like transactions of earlier statements, and may be others."""
    for place, (row, match) in enumerate(zip(rows, matches, strict=True)):
        if (
            match.result is MatchResult.SAME
            and match.id in context.earlier
            and _counts(row, stretch)
        ):
            fresh = Match(MatchResult.NEW, TransactionId(new_id()), match.key)
            yield Change(place, row.amount.amount, fresh)


def _differs(row: StatementRow, match: Match) -> bool:
    before = match.existing.balance if match.existing else None
    return row.balance is not None and before is not None and row.balance != before


def _choice(changes: Sequence[Change], missing: Decimal) -> Sequence[Change]:
    """Return the changes that make up what is missing, if only one set of them does."""
    if sum((each.amount for each in changes), Decimal(0)) == missing:
        return changes
    if len(changes) > MOST_READINGS:
        return []
    for size in range(1, MOST_AT_ONCE + 1):
        fitting = {
            # Rows that look alike are the same choice: the last of them.
            frozenset((each.match.key.fingerprint, each.amount) for each in some): some
            for some in combinations(changes, size)
            if sum((each.amount for each in some), Decimal(0)) == missing
        }
        if fitting:
            return next(iter(fitting.values())) if len(fitting) == 1 else []
    return []


def _with_free_keys(matches: Sequence[Match], context: MatchContext) -> list[Match]:
    """Give rows that were taken for known ones keys of their own."""
    used = {key for key, existing in context.known.items() if not existing.is_gone}
    used |= {match.key for match in matches if match.existing}
    resolved: list[Match] = []
    for match in matches:
        key = match.key
        while match.existing is None and not match.other_state and key in used:
            key = TransactionKey(key.fingerprint, key.occurrence + 1)
        used.add(key)
        resolved.append(replace(match, key=key))
    return resolved
