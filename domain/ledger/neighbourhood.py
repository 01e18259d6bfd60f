"""What the statements around one prove about its rows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from domain.ledger.evidence import Outline, Stretch, copies_of, stretches
from domain.ledger.values import StatementRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """What other statements of the account prove about the rows of one.

    `disjoint` ones list other rows, and `copies` the same; of the disjoint, `following` ones come
    after it, and may book what it lists as pending. `earlier` ones close before it, or where its
    stretch begins.
    """

    statement: Outline
    others: Mapping[StatementRef, Outline]
    disjoint: frozenset[StatementRef]
    following: frozenset[StatementRef]
    copies: frozenset[StatementRef]
    earlier: frozenset[StatementRef]
    stretch: Stretch | None

    @property
    def balanced(self) -> set[StatementRef]:
        """Statements with a closing balance."""
        return {ref for ref, each in self.others.items() if each.balance}

    @classmethod
    def of(
        cls, statement: Outline, others: Sequence[Outline], more: Sequence[Outline] = ()
    ) -> Self:
        """Compare a statement with others; of `more`, only see to which of them balances lead."""
        mine = [each for each in others if each.currency == statement.currency]
        before, after = _chain_of(statement, [*mine, *more])
        along = stretches([statement, *mine])
        place, stretch = next(
            ((at, each) for at, each in enumerate(along) if statement.ref in each.refs), (0, None)
        )
        earlier = (each for each in along[:place] if stretch and stretch.is_after(each.statement))
        return cls(
            statement=statement,
            others={each.ref: each for each in mine},
            disjoint=before | after,
            following=after - before,
            copies=frozenset(each.ref for each in copies_of(statement, mine)),
            earlier=frozenset(ref for each in earlier for ref in each.refs),
            stretch=stretch,
        )


def disjoint_from(statement: Outline, others: Sequence[Outline]) -> set[StatementRef]:
    """Return the statements that a chain of balances or pages leads to, or that lead to this one.

    None of them lists a row of this statement.
    """
    before, after = _chain_of(statement, others)
    return {*before, *after}


def _chain_of(
    statement: Outline, others: Sequence[Outline]
) -> tuple[frozenset[StatementRef], frozenset[StatementRef]]:
    """Return the statements of which a chain leads to this one, and those that it leads to."""
    outlines = [statement, *(each for each in others if each.currency == statement.currency)]
    after = _followers(outlines)
    before = defaultdict[StatementRef, list[StatementRef]](list)
    for each, followers in after.items():
        for follower in followers:
            before[follower].append(each)
    same = {each.ref for each in copies_of(statement, outlines)} | {statement.ref}
    return frozenset(_reachable(same, before) - same), frozenset(_reachable(same, after) - same)


def _followers(outlines: Iterable[Outline]) -> dict[StatementRef, list[StatementRef]]:
    """Return which statements follow each one."""
    opening = defaultdict[object, list[Outline]](list)
    pages = defaultdict[object, list[Outline]](list)
    outlines = list(outlines)
    for each in outlines:
        if each.opening:
            opening[each.opening.money].append(each)
        if each.number and each.number.page:
            pages[each.report_type, each.number.number].append(each)
    followers = dict[StatementRef, list[StatementRef]]()
    for each in outlines:
        closing = opening[each.closing.money] if each.closing else []
        numbered = pages[each.report_type, each.number.number] if each.number else []
        followers[each.ref] = [other.ref for other in (*closing, *numbered) if other.follows(each)]
    return followers


def _reachable(
    start: Collection[StatementRef], steps: Mapping[StatementRef, Sequence[StatementRef]]
) -> set[StatementRef]:
    found, waiting = set[StatementRef](), list(start)
    while waiting:
        for each in steps.get(waiting.pop(), ()):
            if each not in found and each not in start:
                found.add(each)
                waiting.append(each)
    return found
