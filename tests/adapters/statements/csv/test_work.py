"""Reading takes work in proportion to a file: twice the file, at most twice the work."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from adapters.statements.csv.reader import CsvReader
from domain.ledger.hints import DateOrder, ReadingHints
from domain.shared.result import Failure, Success

HINTS = ReadingHints(account="A", currency="EUR", date_order=DateOrder.DAY_FIRST)
HEADER = "Date,Amount,Payee\n"
ROW = "2026-03-13,-1.00,x\n"
#: A little more than in proportion: short files have a part that does not grow.
MOST = 1.2


def work(text: str) -> int:
    """Count the calls of functions while a file is read, those that are built in included."""
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    content = text.encode()
    sys.setprofile(counted)
    try:
        result = CsvReader().read(content, HINTS)
    finally:
        sys.setprofile(None)
    assert isinstance(result, Success | Failure)
    return count


def grid(names: list[str], rows: int) -> str:
    """Return a file with an amount in every column but the first."""
    lines = [f"{row % 28 + 1:02}.03.2026,{row}.{10 + row % 80}" for row in range(rows)]
    amounts = [",".join(f"{row}.{at:02}" for at in range(len(names) - 1)) for row in range(rows)]
    header = ",".join(["Date", "Amount", *names[1:]])
    return f"{header}\n" + "".join(
        f"{line},{more}\n" for line, more in zip(lines, amounts, strict=True)
    )


BY_ROWS: dict[str, Callable[[int], str]] = {
    "torn commas": lambda n: (
        f"Date,A,B,C,D,Text,Amount,Balance\n{'13.03.2026,1,1,1,1,1,1,1,1,1,1,1,1' + chr(10)}" * n
    ),
    "torn texts": lambda n: "Date,A,B,C,D,E,Amount\n" + f"13.03.2026{',a' * 11}\n" * n,
    "torn amounts": lambda n: (
        "Date,Amount,Debit,Credit,Balance\n" + f"13.03.2026{',123' * 12}\n" * n
    ),
    "headers": lambda n: (HEADER + ROW) * n,
    "other headers": lambda n: "".join(f"Date,Amount,Payee,X{at}\n{ROW}" for at in range(n)),
    "accounts": lambda n: HEADER + "".join(f"Account:,DE{at:012}\n{ROW}" for at in range(n)),
    "accounts without rows": lambda n: (
        HEADER + "".join(f"Account:,DE{at:012}\n" for at in range(n)) + ROW
    ),
    "titles": lambda n: HEADER + "".join(f"Konto 123456{at}\n{HEADER}{ROW}" for at in range(n)),
    "states": lambda n: HEADER + f"Pending transactions\n{ROW}Booked transactions\n{ROW}" * n,
    "balances": lambda n: (
        "Date,Amount,Balance\n"
        + "".join(f"2026-03-13,{at}.00,{at * 7919 % 10007}.00\n" for at in range(n))
    ),
}
BY_COLUMNS: dict[str, Callable[[int], str]] = {
    "amounts": lambda n: grid(["Amount"] * n, 60),
    "amounts beside balances": lambda n: grid(["Amount"] * (n // 2) + ["Balance"] * (n // 2), 60),
    "debits and credits": lambda n: grid(["Debit"] * (n // 2) + ["Credit"] * (n // 2), 60),
    "unknown columns": lambda n: grid([f"X{at}" for at in range(n)], 60),
    "dates": lambda n: grid(["Date"] * n, 60),
}


def growth(make: Callable[[int], str], size: int) -> float:
    """Return how much more work than in proportion a file takes that is four times as large."""
    # What the larger file leaves in caches, the smaller one finds there too.
    work(make(4 * size))
    return work(make(4 * size)) / (4 * work(make(size)))


@pytest.mark.parametrize("name", BY_ROWS)
def test_grows_with_the_rows(name: str) -> None:
    assert growth(BY_ROWS[name], 80) <= MOST


@pytest.mark.parametrize("name", BY_COLUMNS)
def test_grows_with_the_columns(name: str) -> None:
    assert growth(BY_COLUMNS[name], 30) <= MOST
