"""From one scheme of fingerprints to another: which identity a row is known as.

By a coarser scheme two identities become occurrences of one fingerprint, whichever files state
them; by a finer one, an identity may be of several fingerprints. Either way the rows of a statement
that was entered are all known, and as different ones.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from domain.ledger.identity import Identity
from domain.ledger.values import Statement


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row that was entered: its statement's place in the file, its line, and its identity."""

    place: int
    line: int
    identity: Identity


def seen_as(
    statements: Sequence[Statement], seen: Iterable[SeenRow]
) -> Sequence[Sequence[Identity]] | None:
    """Return under which identities the rows of a file were entered, statement by statement.

    None where the file reads otherwise than it did. Rows of one line are in the file's order.
    """
    entered: defaultdict[tuple[int, int], deque[Identity]] = defaultdict(deque)
    for each in seen:
        entered[each.place, each.line].append(each.identity)
    places = [[(place, row.line) for row in of.rows] for place, of in enumerate(statements, 1)]
    read = Counter(place for rows in places for place in rows)
    if read != {place: len(identities) for place, identities in entered.items()}:
        return None
    return [[entered[place].popleft() for place in rows] for rows in places]


def pairs_to_add(
    fingerprints: Sequence[bytes], known: Sequence[Identity], kept: Mapping[Identity, Identity]
) -> Mapping[Identity, Identity]:
    """Return identities by another scheme, and as what rows of one statement they are known.

    `kept` is what bears on it already: pairs of this scheme, and identities that the account has
    by it without a pair, each as itself.
    """
    rows = list(zip(fingerprints, known, strict=True))
    names = _Names({**kept, **{each: each for own, each in rows if own == each.fingerprint}})
    for own, each in rows:
        names.give_first(own, each)
    wanted = Counter(fingerprints)
    for own, each in rows:
        names.give_up_to(wanted[own], own, each)
    return names.added


class _Names:
    """Which identities of a scheme are taken, and for what."""

    def __init__(self, kept: Mapping[Identity, Identity]) -> None:
        self.added: dict[Identity, Identity] = {}
        self._taken = set(kept)
        self._named = set(kept.values())
        self._pairs = {(own.fingerprint, known) for own, known in kept.items()}
        self._free: dict[bytes, Identity] = {}

    def give_first(self, fingerprint: bytes, known: Identity) -> None:
        """Give a name to what has none by this scheme."""
        if known not in self._named:
            self._give(fingerprint, known)

    def give_up_to(self, occurrences: int, fingerprint: bytes, known: Identity) -> None:
        """Give one more name where there are fewer than a statement has rows of this kind."""
        enough = self._next(fingerprint).occurrence > occurrences
        if not enough and (fingerprint, known) not in self._pairs:
            self._give(fingerprint, known)

    def _give(self, fingerprint: bytes, known: Identity) -> None:
        own = self._next(fingerprint)
        self.added[own] = known
        self._taken.add(own)
        self._named.add(known)
        self._pairs.add((fingerprint, known))

    def _next(self, fingerprint: bytes) -> Identity:
        """Return the first occurrence that is free."""
        start = self._free.get(fingerprint, Identity(fingerprint, 1)).occurrence
        names = (Identity(fingerprint, occurrence) for occurrence in count(start))
        self._free[fingerprint] = next(name for name in names if name not in self._taken)
        return self._free[fingerprint]
