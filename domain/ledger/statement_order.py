"""The statements of an account, each once and in the order in which they follow."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby, islice
from typing import NamedTuple, Self

from domain.ledger.breaks import ImportedStatement
from domain.ledger.imports import StatementOutcome
from domain.ledger.numbers import Number
from domain.ledger.values import StatedBalance

#: So many statements of one day are compared with one another, and no more.
COMPARED = 100


class Told(NamedTuple):
    """A statement in the form in which it is compared; both balances, or none."""

    source: ImportedStatement
    begins: date
    ends: date
    opening: StatedBalance | None
    closing: StatedBalance | None
    number: Number | None

    @classmethod
    def of(cls, source: ImportedStatement) -> Self | None:
        """Return it by the days of its balances, else by its period; nothing where it has none."""
        told = source.outcome
        number = Number.parse(told.number)
        if told.opening and told.closing:
            begins, ends = told.opening.day, max(told.opening.day, told.closing.day)
            return cls(source, begins, ends, told.opening, told.closing, number)
        if told.first_day and told.last_day:
            return cls(source, told.first_day, told.last_day, None, None, number)
        return None


def once(statements: Iterable[ImportedStatement]) -> list[ImportedStatement]:
    """Return each statement once, by currency; of those that tell the same, the one told last."""
    newest = sorted(statements, key=lambda each: (each.import_id, each.outcome.id))
    once = {_what_it_says(each.outcome): each for each in newest}
    return sorted(once.values(), key=lambda each: each.outcome.currency)


def _what_it_says(told: StatementOutcome) -> tuple[object, ...]:
    says = (told.opening, told.closing, told.first_day, told.last_day, told.number or None)
    # What says nothing of itself is like no other.
    return (told.currency, *says) if any(says) else (told.id,)


def in_order(statements: Sequence[ImportedStatement]) -> Iterator[Told]:
    """Yield statements by their days, and those of the same days as their balances follow."""
    told = [each for each in map(Told.of, statements) if each]
    told.sort(key=lambda each: (each.begins, each.ends, each.number or Number(0), each.source.day))
    last: Told | None = None
    for _, group in groupby(told, key=lambda each: (each.begins, each.ends)):
        waiting = deque(group)
        while waiting:
            last = _next(waiting, last)
            waiting.remove(last)
            yield last


def _next(waiting: deque[Told], last: Told | None) -> Told:
    if last is None or last.closing is None or len(waiting) == 1:
        return waiting[0]
    some = islice(waiting, COMPARED)
    linked = (each for each in some if each.opening and opens_with(each, last))
    return next(linked, waiting[0])


def opens_with(after: Told, before: Told) -> bool:
    assert before.closing
    assert after.opening
    return before.closing.money == after.opening.money
