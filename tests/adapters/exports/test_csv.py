"""CSV: what the cells contain, and that no spreadsheet executes them."""

import csv
import re
import sys
import unicodedata
from decimal import Decimal
from io import StringIO
from itertools import dropwhile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.exports.csv_file import HEADER, LINES, CsvWriter, without_formulas
from domain.ledger.exports import Ledger
from domain.ledger.ports import LedgerWriter
from domain.ledger.values import Security, Trade
from domain.shared.ids import CategoryId, new_id
from tests.adapters.exports.ledgers import (
    FIRST,
    ledgers,
    make_account_ledger,
    make_exported_transaction,
    pending,
    texts,
    written,
)
from tests.contracts.exports import LedgerWriterContract

#: What may separate cells, in one locale or another.
SEPARATORS = [",", ";", "\t", "|", '"', *LINES]
BLANKS = " \u00a0\u3000\u2003\u2009\u200b\u2060\ufeff\u00ad\u202e\x00\x1f"


class TestCsv(LedgerWriterContract):
    @pytest.fixture
    def writer(self) -> LedgerWriter:
        return CsvWriter()


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline=""), strict=True))


def as_it_was(cell: str) -> str:
    """Reverse `without_formulas`, as a reader of the file can."""
    if cell[:1] == "'" and cell[1:2] in [*"\t", *LINES]:
        cell = cell[1:]
    rows, may_begin = [], True
    for sign in cell:
        if sign == "'" and may_begin:
            may_begin = False
            continue
        rows.append(sign)
        may_begin = sign in SEPARATORS or (may_begin and may_precede(sign))
    return "".join(rows)


def may_precede(sign: str) -> bool:
    """Return whether a formula may follow this character."""
    return without_formulas(f"{sign}=") == f"{sign}'="


def is_blank(sign: str) -> bool:
    """Return whether a spreadsheet may ignore this character."""
    return sign.isspace() or unicodedata.category(sign) in {"Cc", "Cf"}


FOOD = CategoryId(new_id())


def test_a_row_has_every_detail() -> None:
    transaction = make_exported_transaction(
        "-1234.50",
        value_date=FIRST,
        payee="Coffee house",
        reference="E2E-7",
        note="mine",
        category="food",
        category_id=FOOD,
        tags=("trip", "work"),
        payee_name="=Nord",
    )

    (row,) = read(written(CsvWriter(), make_account_ledger(transaction)))

    assert row == {
        "transaction_id": str(transaction.id),
        "institution": "Northbank",
        "account_number": "100200300",
        "account_name": "Northbank checking 0300",
        "account_kind": "checking",
        "booking_date": "2026-03-01",
        "value_date": "2026-03-01",
        "amount": "-1234.50",
        "currency": "EUR",
        "kind": "debit",
        "status": "posted",
        "description": "Coffee house",
        "payee": "Coffee house",
        "reference": "E2E-7",
        "note": "mine",
        "category": "food",
        "provider_id": "F1",
        **dict.fromkeys(("security_scheme", "security_number", "quantity", "unit_price"), ""),
        **dict.fromkeys(("counterparty_account", "memo"), ""),
        "category_id": str(FOOD),
        "tags": "trip work",
        "splits": "",
        "payee_name": "'=Nord",
    }


@pytest.mark.parametrize(
    ("quantity", "price", "expected"),
    [
        ("3.50", "10.2500000000", ("3.5", "10.25")),
        ("-100", None, ("-100", "")),
        ("0E-10", "0", ("0", "0")),
        ("-0.0000000001", "1E+3", ("-0.0000000001", "1000")),
    ],
)
def test_a_trade_has_its_figures(
    quantity: str, price: str | None, expected: tuple[str, str]
) -> None:
    security = Security(scheme="ISIN", number="=1", name="Northern Lights")
    unit_price = None if price is None else Decimal(price)
    trade = Trade(security=security, quantity=Decimal(quantity), unit_price=unit_price)

    (row,) = read(written(CsvWriter(), make_account_ledger(make_exported_transaction(trade=trade))))

    assert (row["security_scheme"], row["security_number"]) == ("ISIN", "'=1")
    assert (row["quantity"], row["unit_price"]) == expected


def test_has_a_header_and_line_ends_as_rfc_4180_requires() -> None:
    text = written(CsvWriter(), make_account_ledger(make_exported_transaction(), pending("-1", 2)))

    assert text.startswith(",".join(HEADER) + "\r\n")
    assert text.count("\r\n") == text.count("\n") == 3
    assert [row["status"] for row in read(text)] == ["posted", "pending"]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "'"])
def test_a_text_that_looks_like_a_formula_is_escaped(first: str) -> None:
    (row,) = read(
        written(
            CsvWriter(), make_account_ledger(make_exported_transaction(description=f"{first}1+1"))
        )
    )

    assert row["description"] == f"'{first}1+1"


def test_amounts_stay_exact_numbers() -> None:
    amounts = ["-0.0000000001", "-999999999999999999", "1000"]
    account_ledger = make_account_ledger(*(make_exported_transaction(amount) for amount in amounts))

    stated = [row["amount"] for row in read(written(CsvWriter(), account_ledger))]

    assert stated == ["-0.0000000001", "-999999999999999999.00", "1000.00"]


#: Possible starts of a formula.
FORMULAS = "=+-@＝＋－＠﹦﹢﹣﹫"
risky = st.text(st.sampled_from([*SEPARATORS, *FORMULAS, *BLANKS, *"'xé1"]), max_size=30) | texts


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("x;=1+1;y", "x;'=1+1;y"),
        ("x; =1+1", "x; '=1+1"),
        ('say "=1"', 'say "\'=1"'),
        ("a|@b\t+c,-d", "a|'@b\t'+c,'-d"),
        ("＝1＋1", "'＝1＋1"),
        (" =1", " '=1"),
        ("\u2003=1;\u200b+1,\ufeff@x", "\u2003'=1;\u200b'+1,\ufeff'@x"),
        ("a\x0b=1\x0c=1\x85=1\u2028=1", "a\x0b'=1\x0c'=1\x85'=1\u2028'=1"),
        ("it's; 'quoted'", "it's; ''quoted'"),
        ("a - b = c, d; e (f+g) @h", "a - b = c, d; e (f+g) @h"),
    ],
)
def test_every_possible_start_of_a_cell_is_escaped(text: str, escaped: str) -> None:
    assert without_formulas(text) == escaped
    assert as_it_was(escaped) == text


def test_no_space_or_invisible_character_hides_a_formula() -> None:
    for sign in map(chr, range(sys.maxunicode)):
        if is_blank(sign):
            assert without_formulas(f"x;{sign}=1") == f"x;{sign}'=1", hex(ord(sign))


@given(risky)
@example("\U000e0080=")
@example("\u034f=")
def test_an_escape_can_be_reversed(text: str) -> None:
    assert as_it_was(without_formulas(text)) == text


@given(risky, st.lists(st.sampled_from(SEPARATORS), min_size=1))
@example("x;=1+1;y", [";"])
@example("x|+1", ["|"])
def test_no_cell_is_a_formula_however_the_line_is_split(text: str, separators: list[str]) -> None:
    number = "-12.50"
    account_ledger = make_account_ledger(
        make_exported_transaction(number, description=text, note=text, category=text)
    )
    line = written(CsvWriter(), account_ledger).removeprefix(",".join(HEADER))

    cells = re.split("|".join(map(re.escape, {*separators, "\r\n"})), line)

    assert number in line
    for cell in cells:
        begins = "".join(dropwhile(lambda sign: sign == '"' or is_blank(sign), cell))
        # The amount stays a number together with everything after it that is not separated.
        assert not begins.startswith((*FORMULAS,)) or begins.startswith(number), (cell, line)


@settings(max_examples=60, deadline=None)
@given(ledgers())
def test_every_text_survives_a_round_trip(ledger: Ledger) -> None:
    rows = read(written(CsvWriter(), *ledger.accounts))

    transactions = [
        (account_ledger, each)
        for account_ledger in ledger.accounts
        for each in account_ledger.transactions
    ]
    assert [
        (
            as_it_was(row["institution"]),
            as_it_was(row["account_number"]),
            as_it_was(row["account_name"]),
            row["amount"],
            as_it_was(row["description"]),
            as_it_was(row["note"]),
            as_it_was(row["category"]),
            as_it_was(row["provider_id"]),
        )
        for row in rows
    ] == [
        (
            account_ledger.account.institution,
            account_ledger.account.number,
            account_ledger.account.name,
            each.amount.digits,
            each.description,
            each.note,
            each.category,
            each.provider_id or "",
        )
        for account_ledger, each in transactions
    ]
