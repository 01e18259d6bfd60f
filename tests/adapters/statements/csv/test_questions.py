"""What a file leaves open is asked at once, with the columns that it is about."""

import re
from dataclasses import replace

import pytest

from adapters.statements.csv.reader import sample
from domain.ledger.hints import NO_HINTS, CsvColumn, DateOrder, ReadingHints
from domain.ledger.questions import Asked, Question, column_field
from domain.shared.result import Success
from tests.adapters.statements.csv.reading import (
    EUROS,
    amounts_of,
    asked,
    columns_of,
    profile_of,
    reasons_of,
    refused,
    row_of,
    rows_of,
    with_columns,
)

AMOUNT = column_field(CsvColumn.AMOUNT)
BOOKED = column_field(CsvColumn.BOOKING_DATE)
#: Nothing is clear here: two columns of money, days and marks of two kinds, and no sign.
UNCLEAR = "Wann;Wo;Zahl A;Zahl B\n04/03/2026;Laden;1.200;7.000\n05/03/2026;Lohn;2.300;3.000\n"
ANSWERED = ReadingHints(
    account="Household",
    currency="EUR",
    date_order=DateOrder.DAY_FIRST,
    decimal_mark=",",
    charges_positive=True,
    columns={CsvColumn.AMOUNT: "Zahl A"},
)
MONEY = "Wann;Wofür;Zahl A;Zahl B\n13.03.2026;Laden;-12,50;7,00\n14.03.2026;Lohn;100,00;3,00\n"
PLAIN = profile_of("Date,Text,Amount\n2026-03-13,Shop,-1.00\n")


def chosen(**columns: str) -> ReadingHints:
    named = {CsvColumn(name): heading for name, heading in columns.items()}
    return replace(EUROS, columns=named)


def only(text: str, hints: ReadingHints = EUROS) -> Question:
    (one,) = asked(text, hints)
    return one


class TestAllAtOnce:
    FIELDS = (
        *(AMOUNT, Asked.DATE_ORDER, Asked.DECIMAL_MARK, Asked.CHARGES_POSITIVE),
        *(Asked.CURRENCY, Asked.ACCOUNT),
    )

    def test_everything_that_is_open_is_asked(self) -> None:
        assert [each.field for each in asked(UNCLEAR, NO_HINTS)] == [*self.FIELDS]

    def test_one_answer_is_enough(self) -> None:
        assert amounts_of(UNCLEAR, ANSWERED) == ["-1200", "-2300"]

    @pytest.mark.parametrize(
        ("field", "hints"),
        [
            (AMOUNT, replace(ANSWERED, columns={})),
            (Asked.DATE_ORDER, replace(ANSWERED, date_order=None)),
            (Asked.DECIMAL_MARK, replace(ANSWERED, decimal_mark=None)),
            (Asked.CHARGES_POSITIVE, replace(ANSWERED, charges_positive=None)),
            (Asked.CURRENCY, replace(ANSWERED, currency=None)),
        ],
    )
    def test_what_is_answered_is_not_asked_again(self, field: str, hints: ReadingHints) -> None:
        assert only(UNCLEAR, hints).field == field

    def test_a_sample_asks_the_same(self) -> None:
        found = sample(UNCLEAR.encode(), NO_HINTS)

        assert isinstance(found, Success)
        assert found.value.questions == tuple(asked(UNCLEAR, NO_HINTS))

    def test_the_account_is_asked_only_beside_another_question(self) -> None:
        clear = "Date,Amount,Currency\n2026-03-13,-1.00,EUR\n"

        assert amounts_of(clear, NO_HINTS) == ["-1.00"]
        for naming in (
            "IBAN,DE02120300000000202051\nDate,Amount\n2026-03-13,-1.00\n",
            "Account Name,Date,Amount\nA,2026-03-13,-1.00\n",
        ):
            assert [each.field for each in asked(naming, NO_HINTS)] == [Asked.CURRENCY]

    def test_the_currency_of_some_rows_is_asked(self) -> None:
        text = "Date,Amount,Currency\n2026-03-13,-1.00,EUR\n2026-03-14,-2.00,\n"

        assert [each.field for each in asked(text, NO_HINTS)] == [Asked.CURRENCY, Asked.ACCOUNT]


class TestColumnsAreNamed:
    def test_by_their_headings_and_first_values(self) -> None:
        question = only(MONEY)

        assert question == Question(
            field=AMOUNT,
            reason="It is not clear which column of the file holds the amount: say which one."
            " It may be “Zahl A” (-12,50), “Zahl B” (7,00).",
            options=["Zahl A", "Zahl B"],
            columns=["Zahl A", "Zahl B"],
            examples=["-12,50", "100,00", "7,00", "3,00"],
        )

    def test_by_their_numbers_without_a_heading(self) -> None:
        text = "10.03.2026;12.03.2026;Laden;-5,00\n11.03.2026;12.03.2026;Kino;-6,00\n"
        question = only(text)

        assert (question.field, question.options, question.columns) == (
            *(BOOKED, ["#1", "#2"], ["#1", "#2"]),
        )
        assert "column #1 (10.03.2026), column #2 (12.03.2026)" in question.reason

    def test_by_their_numbers_if_several_have_one_heading(self) -> None:
        question = only("Date,Amount,Amount\n2026-03-13,-5.00,-4.00\n")

        assert question.options == ["#2", "#3"]
        assert "called “Amount”" in question.reason
        assert "“Amount” #2 (-5.00), “Amount” #3 (-4.00)" in question.reason

    @pytest.mark.parametrize(
        ("text", "field", "columns", "examples"),
        [
            ("Date,Amount\n04/03/2026,-1.50\n", "date_order", ["Date"], ["04/03/2026"]),
            ("Tag;Betrag\n13.3.2026;-1.500\n", "decimal_mark", ["Betrag"], ["-1.500"]),
            ("Tag;Betrag\n13.3.2026;1,50\n", "charges_positive", ["Betrag"], ["13.3.2026 · 1,50"]),
        ],
    )
    def test_whatever_is_asked(
        self, text: str, field: str, columns: list[str], examples: list[str]
    ) -> None:
        question = only(text, replace(EUROS, charges_positive=None))

        assert (question.field, question.columns) == (field, columns)
        assert question.examples == examples
        assert all(f"“{name}”" in question.reason for name in columns)
        assert question.options

    def test_examples_are_few_and_short(self) -> None:
        rows = "".join(f"0{n}/04/2026,-{n}.00,{'x' * 900}\n" for n in range(1, 10))
        question = only(f"Date,Amount,Text\n{rows}")

        assert len(question.examples) == 5
        wide = only(f"{'A' * 300};{'B' * 300};X\n13.03.2026;14.03.2026;-1,00\n")
        assert len(wide.reason) < 400

    def test_lists_of_purchases_likely_have_positive_charges(self) -> None:
        text = "Merchant,Date,Amount\nA,2026-03-13,5.00\n"

        assert only(text, replace(EUROS, charges_positive=None)).suggestion == "true"


class TestAnswers:
    @pytest.mark.parametrize("heading", ["Zahl B", "  zahl b ", "#4", "# 4"])
    def test_name_a_column_by_its_heading_or_number(self, heading: str) -> None:
        assert amounts_of(MONEY, chosen(amount=heading)) == ["7.00", "3.00"]

    def test_override_what_is_detected(self) -> None:
        text = "Date,Amount,Total,Payee\n2026-03-13,-1.00,-1.50,A\n"

        assert amounts_of(text) == ["-1.00"]
        assert amounts_of(text, chosen(amount="Total")) == ["-1.50"]
        assert row_of(text, chosen(description="Total")).description == "-1.50 – A"

    def test_replace_debits_and_credits_by_an_amount_and_the_reverse(self) -> None:
        pair = "Date,Debit,Credit,Net worth\n2026-03-13,1.00,,-1.00\n2026-03-14,,2.00,2.00\n"
        single = "Date,Amount,Paid,Got\n2026-03-13,5.00,1.00,\n2026-03-14,5.00,,2.00\n"

        assert amounts_of(pair, chosen(amount="Net worth")) == ["-1.00", "2.00"]
        assert amounts_of(single, chosen(debit="Paid", credit="Got")) == ["-1.00", "2.00"]
        assert amounts_of(single, chosen(debit="Paid")) == ["-1.00", "2.00"]

    def test_that_are_no_column_are_asked_again(self) -> None:
        question = only(MONEY, chosen(amount="Betrag"))

        assert question.field == AMOUNT
        assert "no column “Betrag”" in question.reason
        assert question.options == ["Wann", "Wofür", "Zahl A", "Zahl B"]
        assert all(name in question.reason for name in question.options)
        assert "no column “#9”" in only(MONEY, chosen(amount="#9")).reason
        assert "no column “#0”" in only(MONEY, chosen(amount="#0")).reason

    def test_that_are_the_heading_of_several_columns_are_asked_again(self) -> None:
        text = "Date,Amount,Amount\n2026-03-13,-5.00,-4.00\n"

        assert only(text, chosen(amount="amount")).options == ["#2", "#3"]
        assert amounts_of(text, chosen(amount="#3")) == ["-4.00"]

    def test_that_hold_something_else_are_asked_again(self) -> None:
        assert only(MONEY, chosen(amount="Wofür")).options == ["Zahl A", "Zahl B"]
        assert only(MONEY, chosen(amount="Zahl A", booking_date="Wofür")).options == ["Wann"]

    @pytest.mark.parametrize("day", ["02/03/2569", "115/03/02"])
    def test_of_days_that_no_other_column_has_end_the_question(self, day: str) -> None:
        text = f"Date,Text,Amount\n{day},Shop,-1.00\n"
        answer = chosen(booking_date="Date")

        assert only(text).field == BOOKED
        reason = f"No value of “Date” can be read as a date: the first is “{day}”."
        assert refused(text, answer) == reason
        assert refused(text, replace(answer, csv_profile=PLAIN)) == reason

    def test_of_amounts_that_can_be_read_in_few_rows_end_the_question(self) -> None:
        unread = "2026-03-13,Shop,-2.5E+1\n"
        text = f"Date,Text,Amount\n{unread}{unread}{unread}"
        answer = chosen(amount="Amount")

        assert only(text).field == AMOUNT
        assert "as an amount: the first is “-2.5E+1”" in refused(text, answer)
        more = f"{text}2026-03-14,Bar,-2.00\n"
        assert only(more).field == AMOUNT
        assert amounts_of(more, answer) == ["-2.00"]
        assert set(reasons_of(more, answer)) == {2, 3, 4}

    def test_that_contradict_each_other_are_asked_again(self) -> None:
        both = chosen(amount="Zahl A", debit="Zahl A", credit="Zahl B")

        assert "but not both" in only(MONEY, both).reason

    def test_apply_to_a_profile_too(self) -> None:
        text = "Date,Amount,Total\n2026-03-13,-1.00,-1.50\n"
        saved = replace(EUROS, csv_profiles=[profile_of(text)])

        assert amounts_of(text, replace(saved, columns={CsvColumn.AMOUNT: "Total"})) == ["-1.50"]
        given = replace(EUROS, csv_profile=profile_of(text))
        wrong = replace(given, columns={CsvColumn.AMOUNT: "Sum"})
        assert "no column “Sum”" in refused(text, wrong)

    def test_may_say_the_encoding(self) -> None:
        text = "Datum;Betrag;Text\n13.03.2026;-1,00;Žluťoučký kůň\n".encode("cp1250")

        hints = replace(EUROS, encoding="cp1250")

        assert row_of(text, hints).description == "Žluťoučký kůň"
        assert profile_of(text, hints).encoding == "cp1250"
        assert row_of("Datum;Betrag;Text\n13.03.2026;-1,00;Ž\n", hints).description == "Ž"

    def test_are_in_the_profile_that_is_found(self) -> None:
        found = profile_of(MONEY, chosen(amount="Zahl B"))

        assert found.columns == with_columns(booking_date=0, description=1, amount=3)
        assert amounts_of(MONEY, replace(EUROS, csv_profiles=[found])) == ["7.00", "3.00"]


def test_nobody_is_sent_to_write_a_profile() -> None:
    for text in (UNCLEAR, MONEY, "a;b\n1;2\n3;4\n", "Date;Text\n2026-03-13;A\n"):
        for question in asked(text, NO_HINTS):
            assert not re.search("profile", question.reason)
            assert question.columns or question.field in (Asked.ACCOUNT, Asked.CURRENCY)


def test_a_file_without_money_or_days_lists_its_columns() -> None:
    text = "Date;Wofür;Betrag\ngestern;Laden;-5,00\nheute;Lohn;6,00\n"
    question = only(text, EUROS)

    assert (question.field, question.options) == (BOOKED, ["Date", "Wofür", "Betrag"])


def test_columns_of_rows_are_unaffected_by_suggestions() -> None:
    assert columns_of("Date,Amount,Payee\n2026-03-13,-1.00,A\n") == {
        "booking_date": 0,
        "amount": 1,
        "description": 2,
    }
    assert [row.line for row in rows_of("Date,Amount\n2026-03-13,-1.00\n")] == [2]


class TestSymbols:
    """A symbol of several currencies excludes all others."""

    @pytest.mark.parametrize(
        ("text", "code", "other"),
        [
            ("Date,Amount,Payee\n2026-03-13,-$12.50,A\n2026-03-14,$3.00,B\n", "CAD", "EUR"),
            ("Date,Amount ($),Payee\n2026-03-13,-12.50,A\n2026-03-14,3.00,B\n", "USD", "EUR"),
            ("Date,Amount,Cur\n2026-03-13,-12.50,kr\n2026-03-14,3.00,kr\n", "SEK", "EUR"),
            ("Date;Amount;Payee\n2026-03-13;-12,50 kr;A\n2026-03-14;3,00 kr.;B\n", "NOK", "EUR"),
            ("Date,Amount,Payee\n2026-03-13,-¥1250,A\n2026-03-14,¥300,B\n", "JPY", "USD"),
        ],
    )
    def test_are_asked_about(self, text: str, code: str, other: str) -> None:
        columns = {CsvColumn.CURRENCY: "Cur"} if "Cur" in text else {}
        named = replace(EUROS, currency=None, columns=columns)

        (first,) = asked(text, named)
        (again,) = asked(text, replace(named, currency=other))

        assert (first.field, again.field) == (Asked.CURRENCY, Asked.CURRENCY)
        assert code in first.options
        assert other not in first.options
        assert f"is not {other}" in again.reason
        assert {row.amount.currency for row in rows_of(text, replace(named, currency=code))} == {
            code
        }

    def test_of_one_currency_are_no_question(self) -> None:
        text = "Date,Amount,Payee\n2026-03-13,-US$12.50,A\n2026-03-14,US$3.00,B\n"

        assert {row.amount.currency for row in rows_of(text)} == {"USD"}

    def test_are_asked_about_with_a_saved_profile_too(self) -> None:
        text = "Date,Amount,Payee\n2026-03-13,-$12.50,A\n2026-03-14,$3.00,B\n"
        profile = profile_of(text, replace(EUROS, currency="USD"))

        for hints in (replace(EUROS, csv_profile=profile), replace(EUROS, csv_profiles=[profile])):
            assert [each.field for each in asked(text, hints)] == [Asked.CURRENCY]
