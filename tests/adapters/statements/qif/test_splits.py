"""Splits in QIF: `S`, `E` and `$`, as often as there are parts."""

from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.statements.qif.reader import QifReader
from domain.ledger.allocations import StatedSplit
from domain.ledger.categories import MAX_SPLITS
from domain.ledger.hints import DateOrder, ReadingHints
from domain.ledger.values import StatementFile, StatementRow
from domain.shared.result import Success

HINTS = ReadingHints(currency="EUR", account="Purse", date_order=DateOrder.DAY_FIRST)
CARD = replace(HINTS, charges_positive=True)
LOST = "the splits do not add up to the amount: it is imported without them"


def read(
    lines: str, *, amount: str = "-5.00", kind: str = "Cash", hints: ReadingHints = HINTS
) -> StatementFile:
    text = f"!Type:{kind}\nD13/03/2026\nT{amount}\nPMarket\n{lines}\n^\n"
    done = QifReader().read(text.encode(), hints)
    assert isinstance(done, Success), done
    return done.value


def row_of(file: StatementFile) -> StatementRow:
    ((row,),) = [statement.rows for statement in file.statements]
    return row


def part(amount: str, category: str = "", memo: str = "") -> StatedSplit:
    return StatedSplit(amount=Decimal(amount), category=category, memo=memo)


class TestARow:
    def test_has_its_parts_in_their_order(self) -> None:
        lines = "LFood\nSFood:Fresh/Home\nEthe  bread\n$-3.00\nSGifts\n$-2.50\nS\n$0.50"

        file = read(lines)

        parts = part("-3.00", "Food:Fresh", "the bread"), part("-2.50", "Gifts"), part("0.50")
        assert row_of(file).splits == parts
        assert row_of(file).category == ""
        assert not file.quarantined

    def test_says_to_which_account_a_part_goes(self) -> None:
        file = read("S[Savings]\n$-4.00\nS[Loan]\nErate\n$-1.00")

        assert row_of(file).splits == (part("-4.00", "", "[Savings]"), part("-1.00", "", "rate"))

    @pytest.mark.parametrize("amount", ["$-5.00", "$5.00", "Eall of it"])
    def test_has_the_category_of_an_only_part(self, amount: str) -> None:
        file = read(f"LFood\nSGifts\n{amount}")

        assert (row_of(file).category, row_of(file).splits) == ("Gifts", ())
        assert not file.quarantined

    def test_of_a_card_without_minuses_has_parts_without_them(self) -> None:
        file = read("SFood\n$3.00\nSGifts\n$2.00", amount="5.00", kind="CCard", hints=CARD)

        assert row_of(file).amount.amount == Decimal("-5.00")
        assert row_of(file).splits == (part("-3.00", "Food"), part("-2.00", "Gifts"))

    @pytest.mark.parametrize(
        "lines",
        [
            "SFood\n$-3.00\nSGifts\n$-2.01",
            "SFood\n$-3.00",
            "SFood\n$-3.00\nSGifts",
            "SFood\n$-3.00\nSGifts\n$two",
            "SFood\n$3.00\nSGifts\n$2.00",
            "\n".join(["SFood\n$0.00"] * MAX_SPLITS + ["SGifts\n$-5.00"]),
        ],
    )
    def test_whose_parts_do_not_fit_has_none_and_the_file_tells(self, lines: str) -> None:
        file = read(lines)

        assert (row_of(file).splits, row_of(file).category) == ((), "")
        assert [(each.line, each.reason) for each in file.quarantined] == [(2, LOST)]
        assert all(statement.complete for statement in file.statements)

    def test_of_an_investment_has_none(self) -> None:
        file = read("NXIn\nSFood\n$3.00\nSGifts\n$2.00", amount="5.00", kind="Invst")

        assert row_of(file).splits == ()
        assert not file.quarantined
