"""The headings of banks of many countries, each above rows that are made up."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.statements.csv.layouts import LAYOUTS
from adapters.statements.csv.words import directions, header_currency, normalize
from domain.ledger.hints import NO_HINTS, CsvColumn, DateOrder, ReadingHints
from domain.ledger.kinds import TransactionKind
from domain.ledger.values import Reconciliation
from tests.adapters.statements.csv.reading import (
    amounts_of,
    columns_of,
    read,
    reasons_of,
    refused,
    rows_of,
    statement_of,
)

#: Asked of nobody: the account, and a currency where the file names none.
NAMED = ReadingHints(account="A", currency="USD")


class Example(NamedTuple):
    """A file, and its rows: a day, an amount with its currency, and part of the description."""

    name: str
    text: str
    rows: list[list[str]]


def examples() -> Iterator[Example]:
    """Yield the examples of the files beside this one: a name, the file, and its rows."""
    for path in sorted(Path(__file__).with_name("layouts").glob("*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            name, *lines = block.strip("\n").split("\n")
            rows = [line[2:].split(" ", 3) for line in lines if line.startswith("= ")]
            text = "\n".join(line for line in lines if not line.startswith("= "))
            yield Example(name.removeprefix("# "), f"{text}\n", rows)


EXAMPLES = [pytest.param(each, id=each.name) for each in examples()]


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_layout_is_read_without_a_question(example: Example) -> None:
    file = read(example.text, NAMED)

    rows = [row for statement in file.statements for row in statement.rows]
    found = [
        [row.booking_date.isoformat(), f"{row.amount.amount:.2f}", row.amount.currency]
        for row in rows
    ]
    assert (found, file.quarantined) == ([row[:3] for row in example.rows], [])
    assert all(part in row.description for row, (*_, part) in zip(rows, example.rows, strict=True))


def test_there_are_layouts_of_many_banks() -> None:
    assert len(EXAMPLES) >= 120


DISCOVER = "Trans. Date,Post Date,Description,Amount,Category\n"


class TestKnownLayouts:
    def test_each_is_one_entry(self) -> None:
        known = {(layout.headings, layout.forms) for layout in LAYOUTS.values()}

        assert len(known) == len(LAYOUTS)

    def test_charges_are_positive(self) -> None:
        text = (
            DISCOVER + "03/04/2026,03/05/2026,SHOP,12.50,Food\n03/06/2026,03/06/2026,PAY,-9.00,P\n"
        )

        assert amounts_of(text, NAMED) == ["-12.50", "9.00"]

    def test_a_hint_comes_first(self) -> None:
        text = DISCOVER + "03/04/2026,03/05/2026,SHOP,12.50,Food\n"
        hints = replace(NAMED, charges_positive=False, date_order=DateOrder.DAY_FIRST)

        (row,) = rows_of(text, hints)

        assert (row.booking_date.isoformat(), f"{row.amount.amount}") == ("2026-05-03", "12.50")

    def test_the_order_of_dates_gives_way_to_evidence(self) -> None:
        text = DISCOVER + "13/03/2026,14/03/2026,SHOP,12.50,Food\n"

        assert rows_of(text, NAMED)[0].booking_date.isoformat() == "2026-03-14"

    def test_values_that_do_not_fit_are_of_another_layout(self) -> None:
        text = DISCOVER + "03/13/2026,03/14/2026,A,-1.00,B\n03/13/2026,03/14/2026,C,-2.00,D\n"

        assert amounts_of(text, NAMED) == ["-1.00", "-2.00"]

    def test_a_balance_that_contradicts_it_shows(self) -> None:
        text = "date,title,amount,balance\n2026-03-13,A,-1.00,99.00\n2026-03-14,B,-2.00,97.00\n"

        (statement,) = read(text, NAMED).statements

        assert statement.reconciliation is Reconciliation.BALANCED

    def test_other_headings_are_of_another_layout(self) -> None:
        text = "date,title,amount,note\n2026-03-13,A,12.50,x\n2026-03-14,B,-2.00,y\n"

        assert amounts_of(text, NAMED) == ["12.50", "-2.00"]

    def test_columns_may_be_named(self) -> None:
        text = next(each.text for each in examples() if each.name == "C6 card")

        assert columns_of(text)["amount"] == 8


@pytest.mark.parametrize(
    ("heading", "debit", "credit"),
    [
        ("Debit/Credit", "d", "c"),
        ("CARGO/ABONO", "c", "a"),
        ("Soll/Haben", "s", "h"),
        ("Borç/Alacak", "b", "a"),
        ("Deposit/Withdrawal", "w", "d"),
        ("Type", "d", "c"),
    ],
)
def test_headings_say_what_initials_mean(heading: str, debit: str, credit: str) -> None:
    debits, credits_ = directions(normalize(heading))

    assert (debit in debits, debit in credits_) == (True, False)
    assert (credit in credits_, credit in debits) == (True, False)


@pytest.mark.parametrize(
    ("heading", "currency"),
    [
        ("Amount (EUR)", "EUR"),
        ("Betrag in EUR", "EUR"),
        ("Montant(EUROS)", "EUR"),
        ("Määrä EUROA", "EUR"),
        ("Addebiti (euro)", "EUR"),
        ("Crédito (R$)", "BRL"),
        ("入出金(円)", "JPY"),
        ("金额（元）", "CNY"),
        ("Сума в валюті картки (UAH)", "UAH"),
        ("CAD$", "CAD"),
        ("Amount ($)", ""),
        ("Amount", ""),
    ],
)
def test_headings_may_name_a_currency(heading: str, currency: str) -> None:
    assert header_currency(heading) == currency


def test_the_heading_of_amounts_names_their_currency() -> None:
    text = "Date;Amount (EUR);Currency\n2026-03-13;-12.50;USD\n2026-03-14;3.00;EUR\n"

    assert {row.amount.currency for row in rows_of(text, NAMED)} == {"EUR"}
    assert CsvColumn.CURRENCY.value not in columns_of(text)


def test_the_heading_of_the_balance_names_a_currency_that_nothing_else_does() -> None:
    row = "13.03.2026;Laden;12.50;;87.50"
    text = f"Datum;Text;Belastung;Gutschrift;Saldo CHF\n{row}\n"

    assert {row.amount.currency for row in rows_of(text, NAMED)} == {"CHF"}
    text = f"Datum;Text;Belastung;Gutschrift;Saldo CHF;Währung\n{row};EUR\n"
    assert {row.amount.currency for row in rows_of(text, NAMED)} == {"EUR"}


def test_a_file_without_header_is_known_by_its_values() -> None:
    abn = next(each.text for each in examples() if each.name.startswith("ABN AMRO, tabs"))

    statement = statement_of(abn, NO_HINTS)

    assert (statement.account.number, statement.account.currency) == ("123456789", "EUR")
    assert statement.reconciliation is Reconciliation.BALANCED
    assert columns_of(abn)["amount"] == 6


def test_what_nordea_only_announces_breaks_no_balance() -> None:
    text = (
        "Bokföringsdag;Belopp;Avsändare;Mottagare;Namn;Rubrik;Saldo;Valuta\n"
        "Reserverat;-99,00;1;;;Kortköp;;SEK\n2026/03/14;1000,00;;;Firma;Lön;1087,50;SEK\n"
        "2026/03/13;-12,50;;;Bageri;Kortköp;87,50;SEK\n"
    )

    assert reasons_of(text, NAMED) == {
        2: "the row is pending and has no day: it is imported when it is booked"
    }
    assert statement_of(text, NAMED).reconciliation is Reconciliation.BALANCED


def test_what_stripe_calls_a_charge_comes_in() -> None:
    stripe = next(each.text for each in examples() if each.name == "Stripe, balance")

    assert [row.kind for row in rows_of(stripe, NAMED)] == [
        TransactionKind.CREDIT,
        TransactionKind.FEE,
        TransactionKind.TRANSFER,
    ]


def test_columns_of_two_currencies_with_amounts_in_one_row_are_not_joined() -> None:
    text = "Date,Description,CAD,USD\n2026-03-13,A,-12.50,-9.10\n2026-03-14,B,3.00,2.20\n"

    assert columns_of(text)["amount"] == 2
    assert amounts_of(text, NAMED) == ["-12.50", "3.00"]


def test_numbers_of_a_spreadsheet_are_no_dates() -> None:
    text = "Date;Amount\n46094;-12.50\n46095;3.00\n"

    assert refused(text) == (
        "The dates below “Date” are numbers of a spreadsheet, such as “46094”: save the file"
        " again with dates that are shown as dates, such as 2026-03-13."
    )
