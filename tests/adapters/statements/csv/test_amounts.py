"""Amounts: signs, decimal marks and currencies, and the questions about ambiguous ones."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.amounts import DecimalMark
from adapters.statements.csv.amounts import read_amount
from domain.ledger.hints import ReadingHints
from domain.ledger.kinds import TransactionKind
from tests.adapters.statements.csv.reading import (
    EUROS,
    amounts_of,
    question,
    reasons_of,
    row_of,
    rows_of,
)

DAY = "13/03/2026"
ASKING = replace(EUROS, charges_positive=None)
UNNAMED = replace(EUROS, currency=None)
CENTS = st.integers(-(10**12), 10**12)


def one(amount: str, *, more: str = "0.01") -> str:
    """Return a file with this amount, and another that shows a decimal mark."""
    return f"Date;Amount;Payee\n{DAY};{amount};A\n{DAY};{more};B\n"


class TestSigns:
    @pytest.mark.parametrize(
        ("written", "amount"),
        [
            ("-12.34", "-12.34"),
            ("+12.34", "12.34"),
            ("12.34-", "-12.34"),
            ("12.34+", "12.34"),
            ("(12.34)", "-12.34"),
            ("−12.34", "-12.34"),
            ("– 12.34", "-12.34"),
            ("- 12.34", "-12.34"),
            ("12.34 CR", "12.34"),
            ("12.34 DR", "-12.34"),
            ("$12.34", "12.34"),
            ("-$12.34", "-12.34"),
            ("$-12.34", "-12.34"),
            ("($12.34)", "-12.34"),
            ("($1,234.50)", "-1234.50"),
            ("$(12.34)", "-12.34"),
            ("(12.34) USD", "-12.34"),
            ("EUR (12.34)", "-12.34"),
            ("-(12.34)", "-12.34"),
            ("(-12.34)", "-12.34"),
            ("12.34- EUR", "-12.34"),
            ("12.34 Cr.", "12.34"),
            ("12.34dr", "-12.34"),
            ("12.34 (Dr)", "-12.34"),
            ("₹12.34 Cr", "12.34"),
            ("+ £12.34 CR", "12.34"),
            ("12.34 S", "-12.34"),
            ("12.34 H", "12.34"),
            ("12.34 Soll", "-12.34"),
            ("12.34 Bij", "12.34"),
            ("12.34 BIJ", "12.34"),
            ("D 12.34", "-12.34"),
            ("Débit: 12.34", "-12.34"),
            ("EUR 12.34 D", "-12.34"),
            ("12.34 EUR CR", "12.34"),
            ("12.-", "12"),
            ("-12.--", "-12"),
            ("Rp 12.34", "12.34"),
            ("12.34 kr.", "12.34"),
            ("-12.34 Ft", "-12.34"),
            ("١٢٫٣٤", "12.34"),
            ("－１２．３４", "-12.34"),
            ("-1,23,456.78", "-123456.78"),
            ("US$ 12.34", "12.34"),
            ("12.34 kr", "12.34"),
            (".50", "0.50"),
            ("12.", "12"),
            ("0.00", "0"),
            ("-0.00", "0"),
        ],
    )
    def test_are_read_in_every_notation(self, written: str, amount: str) -> None:
        symbols = {"$": "USD", "kr": "SEK"}
        currency = next((code for each, code in symbols.items() if each in written), "EUR")
        assert amounts_of(one(written), replace(EUROS, currency=currency))[0] == amount

    @pytest.mark.parametrize(
        "written",
        [
            "--1.00",
            "-1.00-",
            "(1.00",
            "1.00)",
            "€1.00€",
            "1.00 DR-",
            "-1.00 CR",
            "in 2026",
            "Debit 12",
            "12K",
            "one",
            "1e5",
            "NaN",
        ],
    )
    def test_that_contradict_each_other_are_quarantined(self, written: str) -> None:
        text = one(written) + f"{DAY};1.00;C\n{DAY};2.00;D\n"

        assert reasons_of(text) == {2: "the amount is not a number"}

    def test_a_missing_amount_is_reported(self) -> None:
        assert reasons_of(one("")) == {2: "no amount"}

    def test_more_digits_than_can_be_stored_are_quarantined(self) -> None:
        reason = "the amount has more than 18 digits before its decimals, or more than 10 decimals"
        assert reasons_of(one("1" * 19 + ".00")) == {2: reason}
        assert reasons_of(one("0." + "1" * 11)) == {2: reason}
        assert amounts_of(one("0." + "1" * 10))[0] == "0.1111111111"

    def test_formulas_are_text(self) -> None:
        text = f'Date;Amount;Payee\n{DAY};1.00;"=1+1"\n'

        assert row_of(text).description == "=1+1"
        assert reasons_of(one("=1+1")) == {2: "the amount is not a number"}


class TestMarks:
    @pytest.mark.parametrize(
        ("written", "more", "amount"),
        [
            ("1.234", "0,01", "1234"),
            ("1.234", "0.01", "1.234"),
            ("1,234", "0.01", "1234"),
            ("1,234", "0,01", "1.234"),
            ("1.234.567,89", "0,01", "1234567.89"),
            ("1,234,567.89", "0.01", "1234567.89"),
            ("12,34,567", "0.01", "1234567"),
            ("1,50,000", "500", "150000"),
            ("1'234.50", "0.01", "1234.50"),
            ("1’234.50", "0.01", "1234.50"),
            ("1 234,50", "0,01", "1234.50"),
            ("1\u00a0234,50", "0,01", "1234.50"),
            ("1\u202f234,50", "0,01", "1234.50"),
            ("50000", "60000", "50000"),
        ],
    )
    def test_are_decided_by_the_whole_file(self, written: str, more: str, amount: str) -> None:
        assert amounts_of(one(written, more=more))[0] == amount

    @pytest.mark.parametrize("written", ["1.234", "1,234"])
    def test_that_are_ambiguous_are_asked(self, written: str) -> None:
        message = "The amounts of the file can be read in two ways: say what begins their decimals."
        text = one(written, more="500")

        assert question(text) == message
        for mark in ".,":
            hints = replace(EUROS, decimal_mark=mark)
            thousands = mark != written[1]
            assert amounts_of(text, hints)[0] == ("1234" if thousands else "1.234")

    def test_of_balances_count_too(self) -> None:
        text = f"Date;Amount;Saldo\n{DAY};1.234;5.000,50\n"

        assert amounts_of(text) == ["1234"]

    def test_a_hint_does_not_override_the_evidence(self) -> None:
        hints = replace(EUROS, decimal_mark=",")

        assert amounts_of(one("1,234"), hints)[0] == "1234"

    @given(CENTS, st.sampled_from([DecimalMark.POINT, DecimalMark.COMMA]), st.booleans())
    def test_an_amount_survives_a_round_trip(
        self, cents: int, mark: DecimalMark, grouped: bool
    ) -> None:
        whole, part = divmod(abs(cents), 100)
        text = f"{whole:,}" if grouped else str(whole)
        if mark is DecimalMark.COMMA:
            text = text.replace(",", ".")
        sign = "-" if cents < 0 else ""

        found = read_amount(f"{sign}{text}{mark.value}{part:02}", mark)

        assert not isinstance(found, str)
        assert found[0] * 100 == cents

    @given(st.text(max_size=80), st.sampled_from(DecimalMark))
    def test_any_text_is_an_amount_or_a_reason(self, text: str, mark: DecimalMark) -> None:
        assert read_amount(text, mark)


class TestDebitsAndCredits:
    HEADER = "Date,Debit,Credit\n"

    def test_are_signed_by_their_columns(self) -> None:
        text = f"{self.HEADER}{DAY},12.50,\n{DAY},,3.00\n{DAY},0.00,4.00\n{DAY},5.00,0.00\n"

        assert amounts_of(text) == ["-12.50", "3.00", "4.00", "-5.00"]

    def test_debits_may_have_their_own_sign(self) -> None:
        assert amounts_of(f"{self.HEADER}{DAY},-12.50,\n{DAY},,3.00\n") == ["-12.50", "3.00"]

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("-12.50,", "the debit is negative, and others are not"),
            ("1.00,2.00", "the row has both a debit and a credit"),
            (",", "no amount"),
            ("x,", "the amount is not a number"),
            (",x", "the amount is not a number"),
        ],
    )
    def test_that_are_contradictory_are_quarantined(self, row: str, reason: str) -> None:
        assert reasons_of(f"{self.HEADER}{DAY},1.00,\n{DAY},2.00,\n{DAY},{row}\n") == {4: reason}

    def test_two_zeros_make_zero(self) -> None:
        assert amounts_of(f"{self.HEADER}{DAY},1.50,\n{DAY},0.00,0.00\n") == ["-1.50", "0"]

    def test_override_an_unsigned_amount(self) -> None:
        assert amounts_of(f"Date,Amount,Debit,Credit\n{DAY},1.50,1.50,\n") == ["-1.50"]

    def test_one_column_without_the_other_decides_nothing(self) -> None:
        assert "amount" in question(f"Date,Debit,Number\n{DAY},x,y\n")


class TestDirections:
    @pytest.mark.parametrize(
        ("out", "direction"),
        [
            ("D", "C"),
            ("debit", "credit"),
            ("Debit", "Credit"),
            ("DBIT", "CRDT"),
            ("DR", "CR"),
            ("Soll", "Haben"),
            ("S", "H"),
            ("Af", "Bij"),
            ("-", "+"),
            ("Débit", "Crédit"),
            ("Dare", "Avere"),
        ],
    )
    def test_decide_the_sign(self, out: str, direction: str) -> None:
        text = f"Date,Direction,Amount\n{DAY},{out},1.50\n{DAY},{direction},2.50\n"

        assert amounts_of(text) == ["-1.50", "2.50"]

    def test_may_repeat_a_sign_but_not_contradict_it(self) -> None:
        text = f"Date,Direction,Amount\n{DAY},D,-1.50\n{DAY},C,2.50\n{DAY},C,-3.50\n{DAY},D,4.50\n"

        message = "the amount's sign contradicts its direction"
        assert amounts_of(text) == ["-1.50", "2.50"]
        assert reasons_of(text) == {4: message, 5: message}

    def test_must_have_a_known_value(self) -> None:
        text = f"Date,Direction,Amount\n{DAY},D,1.50\n{DAY},C,1.50\n{DAY},?,2.50\n{DAY},,2.50\n"

        message = "the direction is neither debit nor credit"
        assert reasons_of(text) == {4: message, 5: message}

    def test_an_unrelated_type_column_is_no_direction(self) -> None:
        text = f"Date,Type,Amount\n{DAY},Fee,-1.50\n{DAY},Interest,2.50\n"

        assert [row.kind for row in rows_of(text)] == [
            TransactionKind.FEE,
            TransactionKind.INTEREST,
        ]


class TestCharges:
    CARD = f"Date,Name,Amount\n{DAY},Shop,12.50\n"

    def test_without_a_sign_are_asked(self) -> None:
        message = "No amount under “Amount” has a sign: say whether charges are positive."

        assert question(self.CARD, ASKING) == message
        for positive, amount in ((True, "-12.50"), (False, "12.50")):
            hints = ReadingHints(currency="EUR", charges_positive=positive)
            assert amounts_of(self.CARD, hints) == [amount]

    def test_with_a_sign_are_unchanged(self) -> None:
        assert amounts_of(self.CARD + f"{DAY},Shop,-1.50\n") == ["12.50", "-1.50"]

    @pytest.mark.parametrize("amount", ["+12.50", "12.50+", "12.50 CR", "0.00"])
    def test_are_not_asked_if_there_is_evidence(self, amount: str) -> None:
        text = f"Date,Merchant,Amount\n{DAY},Shop,{amount}\n"

        assert amounts_of(text, ASKING) == [amount.strip("+ CR").replace("0.00", "0")]

    def test_are_not_asked_with_debit_credit_or_direction_columns(self) -> None:
        pair = f"Date,Debit,Credit\n{DAY},1.50,\n"
        directed = f"Date,Direction,Amount\n{DAY},D,1.50\n{DAY},C,2.50\n"

        assert amounts_of(pair, ASKING) == ["-1.50"]
        assert amounts_of(directed, ASKING) == ["-1.50", "2.50"]


class TestCurrencies:
    @pytest.mark.parametrize(
        ("header", "written", "currency"),
        [
            ("Amount (CHF)", "1.00", "CHF"),
            ("Amount in CHF", "1.00", "CHF"),
            ("Amount CHF", "1.00", "CHF"),
            ("Amount (€)", "1.00", "EUR"),
            ("Amount", "1.00 CHF", "CHF"),
            ("Amount", "CHF 1.00", "CHF"),
            ("Amount", "£1.00", "GBP"),
            ("Amount", "1.00 €", "EUR"),
            ("Amount", "1.00", "USD"),
            ("Amount", "$1.00", "USD"),
            ("Amount (CHF)", "1.00 GBP", "GBP"),
        ],
    )
    def test_are_found_in_many_places(self, header: str, written: str, currency: str) -> None:
        row = row_of(f"Date;{header};Payee\n{DAY};{written};A\n", replace(EUROS, currency="USD"))

        assert row.amount.currency == currency

    def test_have_a_column_of_their_own(self) -> None:
        text = f"Date,Amount,Currency\n{DAY},1.00,chf\n{DAY},2.00,€\n{DAY},3.00,\n"

        assert [row.amount.currency for row in rows_of(text)] == ["CHF", "EUR", "EUR"]

    def test_are_asked_if_none_is_found(self) -> None:
        message = "The file names no currency: say which one it is."

        assert question(f"Date,Amount\n{DAY},1.00\n", UNNAMED) == message
        assert question(f"Date,Amount,Currency\n{DAY},1.00,EUR\n{DAY},2.00,\n", UNNAMED) == message

    def test_above_the_header_apply_to_all_rows(self) -> None:
        text = f"Currency:;CHF\nDate;Amount;Payee\n{DAY};1.00;A\n"

        assert row_of(text, UNNAMED).amount.currency == "CHF"

    def test_that_are_unknown_are_quarantined(self) -> None:
        text = f"Date,Amount,Currency\n{DAY},1.00,EUR\n{DAY},1.00,CHF\n{DAY},2.00,Points\n"

        assert reasons_of(text) == {4: "the currency is not an ISO 4217 code"}

    def test_that_contradict_each_other_are_quarantined(self) -> None:
        text = f"Date,Amount,Currency\n{DAY},1.00 EUR,EUR\n{DAY},1.00 CHF,EUR\n"

        assert reasons_of(text) == {3: "the row names two currencies"}

    def test_a_hint_applies_to_rows_without_one(self) -> None:
        assert row_of(f"Date,Amount\n{DAY},1.00\n", EUROS).amount.currency == "EUR"
