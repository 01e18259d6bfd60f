"""Balances that a bank writes beside its rows as they were before them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from adapters.statements.csv.amount_columns import BalancePoint
from adapters.statements.csv.dates import parse_date
from domain.ledger.hints import DateOrder

# So many steps from one balance to the next, and this percentage of all, are a proof.
_STEPS, _MOSTLY = 2, 90

Run = Sequence[BalancePoint]


def are_before(runs: Iterable[Run], order: DateOrder) -> bool:
    """Say whether all balances are those before their rows: the dates say which row is earlier."""
    return all(_is_before(in_time) for in_time in (_in_time(run, order) for run in runs))


def signs_before(run: Run, order: DateOrder) -> Mapping[int, int]:
    """Return the signs of rows whose amounts lead to the balance beside the next row, if any do."""
    in_time = _in_time(run, order)
    return dict(_signs(in_time)) if _is_before(in_time) else {}


def _in_time(run: Run, order: DateOrder) -> Run:
    """Return the rows in the order of their dates, or none where these do not show it."""
    days = [parse_date(point.dated, order) for point in (run[0], run[-1])] if run else []
    first, last = days or (None, None)
    if first is None or last is None or first == last:
        return ()
    return run if first < last else run[::-1]


def _is_before(in_time: Run) -> bool:
    steps = len(in_time) - 1
    before = sum(1 for _ in _signs(in_time))
    # Read the other way, a row leads to the balance beside it from that of the earlier row.
    after = sum(1 for _ in _signs(in_time[::-1]))
    return before >= _STEPS and before * 100 >= _MOSTLY * steps and after < before


def _signs(run: Run) -> Iterator[tuple[int, int]]:
    """Yield the line and the sign of each row that leads from its balance to the next one."""
    for point, after in pairwise(run):
        if point.amount:
            step, size = after.balance - point.balance, abs(point.amount)
            if step in (size - point.fee, -size - point.fee):
                yield point.line, 1 if step == size - point.fee else -1
