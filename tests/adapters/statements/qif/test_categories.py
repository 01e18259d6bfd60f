"""Categories in QIF: what `L` says, unless it is an account or the record is split."""

import pytest

from adapters.statements.qif.reader import QifReader
from domain.ledger.hints import DateOrder, ReadingHints
from domain.shared.result import Success

HINTS = ReadingHints(currency="EUR", account="Purse", date_order=DateOrder.DAY_FIRST)


@pytest.mark.parametrize(
    ("lines", "category"),
    [
        ("LFood:Groceries", "Food:Groceries"),
        ("LFood/Household", "Food"),
        ("L[Savings]", ""),
        ("L--Split--", ""),
        ("L", ""),
        ("LFood\nSFood\n$-3.00\nSGifts\n$-2.00", ""),
    ],
)
def test_a_record_has_the_category_that_it_states(lines: str, category: str) -> None:
    text = f"!Type:Cash\nD13/03/2026\nT-5.00\nPMarket\n{lines}\n^\n"

    read = QifReader().read(text.encode(), HINTS)

    assert isinstance(read, Success), read
    ((row,),) = [statement.rows for statement in read.value.statements]
    assert row.category == category
