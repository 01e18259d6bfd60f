"""Running balances: whether those beside the rows follow from the amounts, and what they prove."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from types import EllipsisType
from typing import NamedTuple

from domain.ledger.values import StatementRow

# So many balances that follow are no accident.
_ENOUGH = 2


class Point(NamedTuple):
    """A stated balance, and what moved it since the one before."""

    moved: Decimal
    balance: Decimal

    @property
    def before(self) -> Decimal:
        return self.balance - self.moved


class Ends(NamedTuple):
    """The balances before and after all rows."""

    opening: Decimal
    closing: Decimal


Run = Sequence[Point]


def running_ends(booked: Sequence[StatementRow]) -> Ends | None:
    """Return the ends of the balances beside rows, or None where there is nothing to compare.

    Where balances follow from the amounts, the rows lead from one end to the other. Where some do
    not, the rows do not lead there either, unless the differences cancel out: see `contradicted`.
    """
    if _run_by_date(booked):
        first, *_, last = sorted((booked[0], booked[-1]), key=lambda row: row.booking_date)
        assert first.balance is not None
        assert last.balance is not None
        return Ends(first.balance - first.amount.amount, last.balance)
    stated = sum(row.balance is not None for row in booked)
    if stated < 2:
        return _single(booked)
    proven = _proven(booked, is_complete=stated == len(booked))
    if isinstance(proven, Ends) or proven is None:
        return proven
    return _broken(booked)


def with_pending(rows: Sequence[StatementRow], heading: str) -> Sequence[StatementRow]:
    """Make the newest rows pending if they alone have no balance: those of booked rows follow.

    A balance below its heading that cannot be read is not missing.
    """
    booked = [row for row in rows if not row.pending]
    if not booked or (booked[0].balance is None) is (booked[-1].balance is None):
        return rows
    ordered = booked[::-1] if booked[0].balance is None else booked
    known = sum(row.balance is not None for row in booked)
    stated, lacking = ordered[:known], ordered[known:]
    if any(row.balance is not None or heading in row.raw for row in lacking):
        return rows
    if not _run_by_date(stated):
        return rows
    newest = max(row.booking_date for row in stated)
    if any(row.booking_date < newest for row in lacking):
        return rows
    lines = {row.line for row in lacking}
    return [replace(row, pending=True) if row.line in lines else row for row in rows]


def contradicted(rows: Iterable[StatementRow]) -> list[StatementRow]:
    """Return the rows whose balances do not follow, where only together they seem to."""
    booked = [row for row in rows if not row.pending]
    if len(booked) < 3 or _run_by_date(booked):
        return []
    is_complete = all(row.balance is not None for row in booked)
    if not is_complete or _proven(booked, is_complete=True) is not Ellipsis:
        return []
    ends = _broken(booked)
    moved = sum((row.amount.amount for row in booked), Decimal(0))
    if ends.opening + moved != ends.closing:
        return []
    ordered = _likelier(booked)
    pairs = zip(pairwise(_points(ordered)[0]), ordered[1:], strict=True)
    return [row for (above, point), row in pairs if above.balance != point.before]


def is_turned_round(rows: Iterable[StatementRow]) -> bool:
    """Say whether balances fall by the amounts that come in, and rise by those that go out."""
    booked = [row for row in rows if not row.pending and row.balance is not None]
    if not booked or _run_by_date(booked):
        return False
    as_written = turned = 0
    for ordered in _by_date(booked):
        run = _points(ordered)[0]
        if runs_down(run):
            return False
        as_written = max(as_written, _following(run))
        turned = max(turned, _following([Point(-each.moved, each.balance) for each in run]))
    return turned > as_written and turned >= _ENOUGH and turned * 2 > len(booked) - 1


def follow_as_written(runs: Iterable[Run]) -> bool:
    """Say whether balances, downwards or upwards, follow from the signs that amounts have.

    Those of a card may do so too, if they say what is owed.
    """
    written = turned = steps = 0
    for run in runs:
        negated = [Point(-each.moved, each.balance) for each in run]
        written += max(_following(run), _following(run[::-1]))
        turned += max(_following(negated), _following(negated[::-1]))
        steps += len(run) - 1
    return written > turned and written * 2 > steps


def with_owed_balances(rows: Sequence[StatementRow]) -> list[StatementRow]:
    """Make balances negative where they say what is owed; a single one may be either."""
    if sum(row.balance is not None for row in rows) < 2:
        return [row if row.balance is None else replace(row, balance=None) for row in rows]
    negated = [replace(row, balance=None if row.balance is None else -row.balance) for row in rows]
    return negated if is_turned_round(rows) or _follows_better(negated, rows) else [*rows]


def _follows_better(one: Sequence[StatementRow], other: Sequence[StatementRow]) -> bool:
    return _most_following(one) > _most_following(other)


def _most_following(rows: Sequence[StatementRow]) -> int:
    booked = [row for row in rows if not row.pending]
    return max(_following(_points(ordered)[0]) for ordered in (booked, booked[::-1]))


def _run_by_date(booked: Sequence[StatementRow]) -> bool:
    """Say whether all balances follow in the order of the dates: those of most files do."""
    if not booked or booked[0].booking_date == booked[-1].booking_date:
        return False
    down = booked[0].booking_date < booked[-1].booking_date
    before: Decimal | None = None
    for row in booked if down else reversed(booked):
        balance = row.balance
        if balance is None or (before is not None and before + row.amount.amount != balance):
            return False
        before = balance
    return True


# --- Ends -----------------------------------------------------------------------------------------


def _single(booked: Sequence[StatementRow]) -> Ends | None:
    """Return what the balance beside the only row says; that of one among many says nothing."""
    if len(booked) != 1 or booked[0].balance is None:
        return None
    point = Point(booked[0].amount.amount, booked[0].balance)
    return Ends(point.before, point.balance)


def _proven(booked: Sequence[StatementRow], *, is_complete: bool) -> "Ends | EllipsisType | None":
    """Return the ends that the balances prove, None if they cannot, `...` if they contradict."""
    # An order against the dates proves nothing: signs may be wrong.
    by_date = [_points(ordered) for ordered in _by_date(booked)]
    found = [_ends(run) for run, rest in by_date if runs_down(run) and not rest]
    if len(found) == 2:
        return None
    if found:
        return found[0]
    if not is_complete:
        orders = (booked, booked[::-1])
        return None if any(runs_down(_points(ordered)[0]) for ordered in orders) else ...
    return _joined(_points(booked)[0], booked) or _of_days(booked)


def _of_days(booked: Sequence[StatementRow]) -> "Ends | EllipsisType | None":
    """Return the ends of balances that are those of days, written beside each row of the day."""
    if len({row.balance for row in booked}) == 1:
        return None
    days: dict[date, list[StatementRow]] = {}
    for row in sorted(booked, key=lambda row: row.booking_date):
        days.setdefault(row.booking_date, []).append(row)
    if any(len({row.balance for row in rows}) > 1 for rows in days.values()):
        return ...
    run = [
        Point(sum((row.amount.amount for row in rows), Decimal(0)), rows[0].balance or Decimal(0))
        for rows in days.values()
    ]
    return _ends(run) if runs_down(run) else ...


def _joined(run: Run, booked: Sequence[StatementRow]) -> Ends | None:
    """Return the ends of a run whose rows stand in any order: all other balances meet."""
    before, after = Counter(each.before for each in run), Counter(each.balance for each in run)
    first, last = before - after, after - before
    if not first.total() == last.total() == 1:
        return None
    ends = Ends(*first, *last)
    days = [[], []]  # type: list[list[date]]
    for point, row in zip(run, booked, strict=True):
        days[0] += [row.booking_date] * (point.before == ends.opening)
        days[1] += [row.booking_date] * (point.balance == ends.closing)
    return ends if min(days[0]) <= max(days[1]) else None


def _broken(booked: Sequence[StatementRow]) -> Ends:
    """Return what the likelier order of the rows says of the ends."""
    run, rest = _points(_likelier(booked))
    return Ends(run[0].before, run[-1].balance + rest)


def _likelier(booked: Sequence[StatementRow]) -> Sequence[StatementRow]:
    """Return the rows in the order of their dates, or in that in which more balances follow."""
    return max(_by_date(booked), key=lambda ordered: _following(_points(ordered)[0]))


def _by_date(booked: Sequence[StatementRow]) -> Iterator[Sequence[StatementRow]]:
    """Yield the orders of the rows that their dates allow."""
    if booked[0].booking_date <= booked[-1].booking_date:
        yield booked
    if booked[0].booking_date >= booked[-1].booking_date:
        yield booked[::-1]


def _points(ordered: Sequence[StatementRow]) -> tuple[list[Point], Decimal]:
    """Return the stated balances with what moved them, and what moves none of them."""
    each = [Point(row.amount.amount, row.balance) for row in ordered if row.balance is not None]
    if len(each) == len(ordered):
        return each, Decimal(0)
    found: list[Point] = []
    moved = Decimal(0)
    for row in ordered:
        moved += row.amount.amount
        if row.balance is not None:
            found.append(Point(moved, row.balance))
            moved = Decimal(0)
    return found, moved


def _ends(run: Run) -> Ends:
    return Ends(run[0].before, run[-1].balance)


def runs_down(run: Run) -> bool:
    """Say whether every balance is the balance above it plus the amount of its row."""
    return all(above.balance == point.before for above, point in pairwise(run))


def _following(run: Run) -> int:
    return sum(above.balance == point.before for above, point in pairwise(run))
