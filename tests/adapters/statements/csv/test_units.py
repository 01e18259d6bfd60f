"""Values in the units of programs: seconds since 1970, hundredths, and figures of other scripts."""

from dataclasses import replace

import pytest

from domain.ledger.hints import CsvColumn
from domain.ledger.questions import Asked, column_field
from domain.ledger.values import Reconciliation
from tests.adapters.statements.csv.reading import (
    EUROS,
    amounts_of,
    asked,
    profile_of,
    read,
    row_of,
    rows_of,
    statement_of,
)

BOOKED = column_field(CsvColumn.BOOKING_DATE)
ROWS = "2026-03-13,Shop,-1250\n2026-03-14,Boss,300\n"


class TestSeconds:
    @pytest.mark.parametrize(
        "heading", ["Date", "timestamp", "created", "Transaction time", "epoch"]
    )
    @pytest.mark.parametrize("more", ["", "000"])
    def test_are_days(self, heading: str, more: str) -> None:
        text = (
            f"{heading},Description,Amount\n1773360000{more},Shop,-12.50\n1773482400{more},Boss,3\n"
        )

        first, second = rows_of(text)

        assert [row.booking_date.isoformat() for row in (first, second)] == [
            "2026-03-13",
            "2026-03-14",
        ]
        assert (first.time, second.time) == ("", "10:00:00")

    def test_are_none_below_another_heading(self) -> None:
        row = row_of("Date,Amount,Reference\n2026-03-13,-1.00,1773360000\n")

        assert row.raw["Reference"] == "1773360000"

    def test_are_none_beside_other_values(self) -> None:
        text = "Date,Amount,Payee\n1773360000,-1.00,A\nlater,2.00,B\n"

        assert BOOKED in {each.field for each in asked(text)}


class TestHundredths:
    @pytest.mark.parametrize(
        "heading",
        ["amount_in_cents", "Amount (cents)", "amountCents", "Amount in pence", "amount_minor"],
    )
    def test_are_amounts(self, heading: str) -> None:
        assert amounts_of(f"Date,Description,{heading}\n{ROWS}") == ["-12.50", "3.00"]

    def test_are_what_the_currency_has(self) -> None:
        text = "Date,amountMinorUnits,Currency\n2026-03-13,-1250,JPY\n2026-03-14,-1250,KWD\n"
        text += "2026-03-15,-1250,EUR\n"

        assert amounts_of(text) == ["-1250", "-1.2500", "-12.50"]
        yen = f"Date,Description,amount_minor\n{ROWS}"
        assert amounts_of(yen, replace(EUROS, currency="JPY")) == ["-1250", "300"]

    @pytest.mark.parametrize(
        ("above", "expected"),
        [
            ("Currency;JPY\n\n", ["-1250", "300"]),
            ("Account;12345678;KWD\n", ["-1.2500", "0.3000"]),
        ],
    )
    def test_are_what_the_currency_above_has(self, above: str, expected: list[str]) -> None:
        text = f"{above}Date;Description;amount_minor\n{ROWS.replace(',', ';')}"

        assert amounts_of(text, replace(EUROS, currency=None)) == expected

    def test_are_compared_with_balances(self) -> None:
        text = "Date,Amount in cents,Balance\n2026-03-13,-1250,100.00\n2026-03-14,300,103.00\n"

        assert statement_of(text).reconciliation is Reconciliation.BALANCED

    @pytest.mark.parametrize(
        "text",
        [
            "Date,Description,Amount in cents\n2026-03-13,Shop,-12.50\n2026-03-14,Boss,3\n",
            "Date,Description,Amount,Cents\n2026-03-13,Shop,-12.50,7\n2026-03-14,Boss,3,8\n",
            f"Date,Shop in Cent,Amount\n{ROWS.replace('-1250', '-12.50').replace('300', '3')}",
        ],
    )
    def test_are_none_with_decimals_or_without_a_name(self, text: str) -> None:
        assert amounts_of(text) == ["-12.50", "3"]

    def test_are_read_by_a_saved_profile(self) -> None:
        text = f"Date,Description,amount_in_cents\n{ROWS}"

        assert amounts_of(text, replace(EUROS, csv_profile=profile_of(text))) == ["-12.50", "3.00"]


class TestFiguresOfOtherScripts:
    @pytest.mark.parametrize(
        "written",
        [
            "٢٠٢٦-٠٣-١٣",
            "١٣/٠٣/٢٠٢٦",
            "۲۰۲۶/۰۳/۱۳",
            "१३.०३.२०२६",
            "２０２６年３月１３日",
            "\u200f١٣/٣/٢٠٢٦",
        ],
    )
    def test_are_days(self, written: str) -> None:
        row = row_of(f"Date,Description,Amount\n{written},Shop,-12.50\n")

        assert row.booking_date.isoformat() == "2026-03-13"

    def test_of_other_calendars_are_none(self) -> None:
        text = "Date,Description,Amount\n1404/12/22,Shop,-12.50\n"

        assert BOOKED in {each.field for each in asked(text)}


def test_an_order_that_is_impossible_is_no_option() -> None:
    (question,) = asked("Date,Description,Amount\n03/04/2026,Shop,-12.50\n05/04/2026,Boss,3.00\n")

    assert (question.field, question.options) == (Asked.DATE_ORDER, ["day_first", "month_first"])


def test_of_two_columns_of_currencies_one_may_have_zeros() -> None:
    text = "Date,Description,CAD$,USD$\n2026-03-13,Shop,-5.00,0.00\n2026-03-14,Boss,0.00,25.00\n"

    rows = [row for each in read(text).statements for row in each.rows]

    assert [str(row.amount) for row in rows] == ["-5.00 CAD", "25.00 USD"]
