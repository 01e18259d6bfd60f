"""Match the rows of a statement with the transactions that the account has already.

A row with a known key is that transaction, unless statements that list other rows state it: the
same fee on two pages is charged twice. Of rows that look alike, as many are known as the account
has. An unknown row may be another state of a transaction (`pending`), or state it in the words of
another report (`counterparts`); the rest is new. Balances then decide between the readings that are
left (`readings`).
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import NamedTuple
from uuid import UUID

from domain.ledger.counterparts import pair_counterparts
from domain.ledger.matches import ExistingTransaction, Match, MatchContext, Pairing
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.overlaps import contradicted, separated
from domain.ledger.pending import PendingMatcher, booked_here
from domain.ledger.readings import settle, with_free_keys
from domain.ledger.restated import restated
from domain.ledger.values import (
    MatchResult,
    Reconciliation,
    Removal,
    Statement,
    StatementRef,
    StatementRow,
    TransactionKey,
)
from domain.shared.ids import TransactionId, new_ids

Pair = tuple[TransactionKey, ExistingTransaction]
Identified = tuple[TransactionKey, ExistingTransaction | None]
#: A transaction, and whether a row states it as pending.
Claim = tuple[TransactionId, bool]


class Excluded(NamedTuple):
    """Transactions that no booked row is, and those that no pending row is or becomes."""

    booked: frozenset[TransactionId] = frozenset()
    pending: frozenset[TransactionId] = frozenset()

    def has(self, existing: ExistingTransaction, *, for_pending: bool) -> bool:
        return existing.id in (self.pending if for_pending else self.booked)


NOTHING = Excluded()


def match_statement(
    statement: Statement,
    keys: Sequence[TransactionKey],
    context: MatchContext,
    near: Neighbourhood,
) -> Pairing:
    """Match each row of a statement; `keys` count equal rows within it.

    Suggestions say which transaction a new row may be in other words: a person decides.
    """
    rows = statement.rows
    disjoint = near.disjoint - _sharing_nothing_in_sum(rows, keys, context, near)
    corrected = context.identified_by(statement.corrected_ids)
    excluded = Excluded(
        frozenset(context.booked_by(disjoint) | corrected),
        frozenset(context.booked_by(disjoint - near.following) | corrected),
    )
    pairing = _pair_all(statement, keys, context, near, excluded)
    if not statement.complete or statement.reconciliation is Reconciliation.UNBALANCED:
        # Its balances are not those of its rows, and decide nothing.
        return pairing
    contradicting = contradicted(rows, pairing.matches, context, near)
    if contradicting:
        contradicted_by = context.booked_by(contradicting)
        excluded = Excluded(*(each | contradicted_by for each in excluded))
        pairing = _pair_all(statement, keys, context, near, excluded)
    matches = separated(rows, keys, pairing.matches, context, near)
    if matches != pairing.matches:
        pairing = Pairing(with_free_keys(matches, context), pairing.suggestions)
    return settle(rows, pairing, context, near)


def _sharing_nothing_in_sum(
    rows: Sequence[StatementRow],
    keys: Sequence[TransactionKey],
    context: MatchContext,
    near: Neighbourhood,
) -> set[StatementRef]:
    """Return disjoint statements that list several rows of this one which come to nothing.

    The balances are the same whether both list the day of these rows, or each has rows of its own.
    Then rows that look alike are the same, unless the numbers of the statements differ.
    """
    apart = {ref for ref in near.disjoint if ref in near.others}
    apart -= {ref for ref in apart if near.others[ref].is_numbered_apart(near.statement)}
    if not apart:
        return set()
    shared = defaultdict[StatementRef, list[Decimal]](list)
    for row, key in zip(rows, keys, strict=True):
        existing = context.known.get(key)
        for ref in context.stating.get(existing.id, ()) if existing else ():
            if ref in apart and not row.pending:
                shared[ref].append(row.amount.amount)
    return {ref for ref, amounts in shared.items() if len(amounts) > 1 and not sum(amounts)}


def _pair_all(
    statement: Statement,
    keys: Sequence[TransactionKey],
    context: MatchContext,
    near: Neighbourhood,
    excluded: Excluded,
) -> Pairing:
    """Match rows by their keys, and those that are left with transactions in other words."""
    own = context.stated_by(near.copies)
    others = [each for each in context.counterparts if each.id not in excluded.booked]
    again = dict[int, ExistingTransaction]()
    is_answer = statement.lists_all_pending or statement.is_past_answer
    if is_answer and not near.statement.is_partial:
        # Before pending ones: a booked row with a new id is not what another one has become.
        again = restated(statement, keys, others, context, near)
        known = {**context.known, **{keys[place]: each for place, each in again.items()}}
        context = replace(context, known=known)
    matches = match_rows(
        statement.rows,
        keys,
        context,
        own,
        excluded,
        pending_apart=statement.pending_apart or statement.lists_all_pending,
        adds_up=statement.reconciliation is Reconciliation.BALANCED,
    )
    matches = [
        replace(match, other_state=True) if place in again else match
        for place, match in enumerate(matches)
    ]
    return pair_counterparts(statement.rows, matches, others, context, near)


NONE: Collection[TransactionId] = frozenset()


def match_rows(
    rows: Sequence[StatementRow],
    keys: Sequence[TransactionKey],
    context: MatchContext,
    own: Collection[TransactionId] = NONE,
    excluded: Excluded = NOTHING,
    *,
    pending_apart: bool = False,
    adds_up: bool = False,
) -> list[Match]:
    """Match rows with transactions by their keys, and pending ones with what was booked.

    `own` transactions are those of equal statements, and no row is one of the `excluded`. If the
    statement `adds_up`, its balances prove that rows with one id are several.
    """
    known = _known(rows, keys, context, excluded)
    used_keys = {key for key, existing in context.known.items() if not existing.is_gone}
    identified = _identify(rows, keys, known, used_keys, own)
    present = {existing.id for _, existing in identified if existing}
    matcher = PendingMatcher(
        (
            row
            for row, (_, existing) in zip(rows, identified, strict=True)
            if existing is None or existing.is_gone
        ),
        # A transaction that the statement has in its known state has not changed its state.
        (
            each
            for each in context.candidates
            if each.id not in present and not excluded.has(each, for_pending=not each.pending)
        ),
    )
    conflicts = _conflicts(rows, identified, context, adds_up=adds_up)
    ids = new_ids(len(rows))
    matches = [
        _match(row, key, existing, matcher, ids, is_conflict=place in conflicts)
        for place, (row, (key, existing)) in enumerate(zip(rows, identified, strict=True))
    ]
    return matches if pending_apart else booked_here(rows, matches)


def _known(
    rows: Sequence[StatementRow],
    keys: Sequence[TransactionKey],
    context: MatchContext,
    excluded: Excluded,
) -> dict[TransactionKey, ExistingTransaction]:
    """Return the transactions that rows with these keys may be."""
    waiting = {key.fingerprint for row, key in zip(rows, keys, strict=True) if row.pending}
    return {
        key: existing
        for key, existing in context.known.items()
        if not excluded.has(existing, for_pending=key.fingerprint in waiting)
    }


def _conflicts(
    rows: Sequence[StatementRow],
    identified: Sequence[Identified],
    context: MatchContext,
    *,
    adds_up: bool,
) -> set[int]:
    """Return places of rows whose id contradicts what is known, or that are repeated.

    A payment and its fee may have one id: that contradicts nothing if a statement lists both.
    """
    contradicted = _contradicted(rows, identified, context)
    found, seen = set[int](), set[bytes]()
    for place, (row, (key, _)) in enumerate(zip(rows, identified, strict=True)):
        is_repeated = key.fingerprint in seen and not adds_up
        if row.provider_id in contradicted or is_repeated:
            found.add(place)
        if row.provider_id:
            seen.add(key.fingerprint)
    return found


def _contradicted(
    rows: Sequence[StatementRow], identified: Sequence[Identified], context: MatchContext
) -> set[str]:
    """Return the known ids of which the statement does not list the transaction itself."""
    listed = {
        row.provider_id
        for row, (_, existing) in zip(rows, identified, strict=True)
        if existing and not existing.is_gone
    }
    return {each for each in context.provider_ids if each not in listed}


def _identify(
    rows: Sequence[StatementRow],
    keys: Sequence[TransactionKey],
    known: Mapping[TransactionKey, ExistingTransaction],
    used_keys: Collection[TransactionKey],
    own: Collection[TransactionId],
) -> list[Identified]:
    """Return the key of each row, and the transaction that has it, if any."""
    alike = defaultdict[bytes, list[int]](list)
    for place, key in enumerate(keys):
        alike[key.fingerprint].append(place)
    looking_like = defaultdict[bytes, list[Pair]](list)
    for key, existing in known.items():
        looking_like[key.fingerprint].append((key, existing))
    used = defaultdict[bytes, set[int]](set)
    for key in used_keys:
        used[key.fingerprint].add(key.occurrence)
    found = dict[int, Identified]()
    # A transaction has a key for each of its states, and is one row of a statement; a file may list
    # it as pending and as booked.
    claimed = set[Claim]()
    for fingerprint, places in alike.items():
        if fingerprint not in used and fingerprint not in looking_like:
            found |= {place: (keys[place], None) for place in places}
            continue
        free = sorted(
            looking_like[fingerprint],
            key=lambda pair: (pair[1].is_gone, pair[1].id not in own, pair[0].occurrence),
        )
        # What an undone import stated is restored with its id, under a number that is free.
        numbers = (each for each in count(1) if each not in used[fingerprint])
        fresh = (TransactionKey(fingerprint, each) for each in numbers)
        found |= _pair(rows, places, free, fresh, claimed)
    return [found[place] for place in range(len(rows))]


def _pair(
    rows: Sequence[StatementRow],
    places: Sequence[int],
    free: Sequence[Pair],
    fresh: Iterator[TransactionKey],
    claimed: set[Claim],
) -> dict[int, Identified]:
    """Pair rows that look alike with the transactions that look like them, each once."""
    is_pending = rows[places[0]].pending
    once = {pair[1].id: pair for pair in reversed(free)}
    free = [
        pair
        for pair in free
        if once[pair[1].id] is pair and (pair[1].id, is_pending) not in claimed
    ]
    found = _of_same_balance(rows, places, free)
    paired = {key for key, _ in found.values()}
    left = iter([pair for pair in free if pair[0] not in paired])
    identified = dict[int, Identified]()
    for place in places:
        pair = found.get(place) or next(left, None)
        existing = pair[1] if pair else None
        key = pair[0] if pair and not pair[1].is_gone else next(fresh)
        identified[place] = key, existing
        if existing:
            claimed.add((existing.id, is_pending))
    return identified


def _of_same_balance(
    rows: Sequence[StatementRow], places: Sequence[int], free: Sequence[Pair]
) -> dict[int, Pair]:
    """Pair rows with transactions after which the account had the same balance."""
    of_balance = defaultdict[Decimal, deque[Pair]](deque)
    for pair in free:
        if pair[1].balance is not None:
            of_balance[pair[1].balance].append(pair)
    found = dict[int, Pair]()
    for place in places:
        balance = rows[place].balance
        if balance is not None and of_balance.get(balance):
            found[place] = of_balance[balance].popleft()
    return found


def _match(
    row: StatementRow,
    key: TransactionKey,
    known: ExistingTransaction | None,
    matcher: PendingMatcher,
    ids: Iterator[UUID],
    *,
    is_conflict: bool,
) -> Match:
    if known and known.removal is Removal.DELETED:
        return Match(MatchResult.DELETED, known.id, key, known)
    if known and not known.is_gone:
        booked = known.pending and not row.pending
        result = MatchResult.UPDATES if booked else MatchResult.SAME
        return Match(result, known.id, key, known)
    other = matcher.match(row)
    if other:
        return Match(_result_of_other(row, other), other.id, key, other, other_state=True)
    result = MatchResult.CONFLICT if is_conflict else MatchResult.NEW
    return Match(result, known.id if known else TransactionId(next(ids)), key, known)


def _result_of_other(row: StatementRow, other: ExistingTransaction) -> MatchResult:
    if other.removal is Removal.DELETED:
        return MatchResult.DELETED
    return MatchResult.SAME if row.pending else MatchResult.UPDATES
