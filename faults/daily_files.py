"""Daily files of one bank: real ones if there is a collection, else generated ones."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from adapters.statements.camt import CamtReader
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import Statement
from domain.shared.result import Success
from tests.daily_files import daily

ROOT = Path(__file__).resolve().parent.parent
REAL = "*camt-to-coda*.xml"


class Day(NamedTuple):
    """The change of an account's balance on one day, as stated by one file."""

    place: int
    account: str
    day: date
    moved: Decimal


def real_files() -> list[bytes]:
    """Return the files of a bank in the order of their days, from the directory CORPUS."""
    where = Path(os.environ.get("CORPUS") or ROOT.parent / "shared" / "samples")
    return [path.read_bytes() for path in sorted((where / "camt").glob(REAL))]


def daily_files() -> list[bytes]:
    """Return real files, or generated ones if there are none."""
    return real_files() or daily()


def missable(files: Sequence[bytes]) -> dict[int, list[Day]]:
    """Return the files whose absence leaves a gap between balances, with their days.

    No other file states these days, and there are days before and after them.
    """
    days = [day for place, file in enumerate(files) for day in _days(place, file)]
    stated = Counter((each.account, each.day) for each in days)
    missed: dict[int, list[Day]] = {}
    for each in days:
        others = [other.day for other in days if other.account == each.account]
        if not min(others) < each.day < max(others) or stated[each.account, each.day] > 1:
            missed[each.place] = []
            continue
        if each.moved and missed.get(each.place) != []:
            missed.setdefault(each.place, []).append(each)
    return {place: some for place, some in missed.items() if some}


def _days(place: int, content: bytes) -> Iterator[Day]:
    read = CamtReader().read(content)
    assert isinstance(read, Success)
    for statement in read.value.statements:
        moved, day = _moved(statement)
        if day:
            yield Day(place, statement.account.number, day, moved)


def _moved(statement: Statement) -> tuple[Decimal, date | None]:
    opening = statement.balance(BalanceKind.OPENING)
    closing = statement.balance(BalanceKind.BOOKED)
    if not opening or not closing:
        return Decimal(0), None
    return closing.money.amount - opening.money.amount, closing.day
