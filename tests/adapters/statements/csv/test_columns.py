"""Which column is what, where headings do not say it or say it twice."""

from dataclasses import replace

import pytest

from domain.ledger.hints import CsvColumn, ReadingHints
from domain.ledger.questions import Asked, column_field
from domain.ledger.values import Reconciliation
from tests.adapters.statements.csv.reading import (
    EUROS,
    amounts_of,
    asked,
    columns_of,
    reasons_of,
    row_of,
    rows_of,
    statement_of,
)

BOOKED = column_field(CsvColumn.BOOKING_DATE)
AMOUNT = column_field(CsvColumn.AMOUNT)


def days_of(text: str, hints: ReadingHints = EUROS) -> list[str]:
    return [str(row.booking_date) for row in rows_of(text, hints)]


def fields(text: str, hints: ReadingHints = EUROS) -> list[str]:
    return [each.field for each in asked(text, hints)]


class TestDates:
    def test_a_value_date_is_not_booked_while_there_is_another_date(self) -> None:
        text = "Fällig;Valuta;Betrag\n27.02.2026;02.03.2026;-5,00\n"
        (question,) = asked(text)

        assert (question.field, question.options) == (BOOKED, ["Fällig", "Valuta"])
        assert question.suggestion == "Fällig"

    @pytest.mark.parametrize(
        "text",
        [
            "Value date,Amount\n2026-03-13,-5.00\n",
            "Irgendwann;Valuta;Betrag\n13.03.2026;13.03.2026;-5,00\n",
            "Belegdatum;Valuta;Betrag\n11.03.2026;13.03.2026;-5,00\n",
            "Belegdatum;Eingangstag;Betrag\n11.03.2026;13.03.2026;-5,00\n",
            "Valuta;Leer;Betrag\n13.03.2026;;-5,00\n",
        ],
    )
    def test_the_only_date_that_may_be_booked_is(self, text: str) -> None:
        assert days_of(text) == ["2026-03-13"]

    def test_a_date_that_rows_lack_is_not_booked(self) -> None:
        text = "Läuft;Gesettelt;Betrag\n13.03.2026;;-5,00\n16.03.2026;17.03.2026;-6,00\n"

        assert days_of(text) == ["2026-03-13", "2026-03-16"]

    def test_columns_of_equal_dates_are_no_question(self) -> None:
        assert days_of("13.03.2026;A;13.03.2026;-5,00\n14.03.2026;B;14.03.2026;-6,00\n") == [
            *("2026-03-13", "2026-03-14"),
        ]
        timed = "2026-03-13 10:00;A;2026-03-13;-5.00\n2026-03-14 11:00;B;2026-03-14;-6.00\n"
        assert days_of(timed) == ["2026-03-13", "2026-03-14"]

    def test_the_order_of_rows_suggests_which_date_is_booked(self) -> None:
        text = (
            "10.03.2026;12.03.2026;A;-5,00\n11.03.2026;12.03.2026;B;-6,00\n"
            "09.03.2026;13.03.2026;C;-7,00\n"
        )
        (question,) = asked(text)

        assert (question.field, question.suggestion) == (BOOKED, "#2")
        hints = replace(EUROS, columns={CsvColumn.BOOKING_DATE: "#1"})
        assert days_of(text, hints) == ["2026-03-10", "2026-03-11", "2026-03-09"]


class TestAmounts:
    def test_that_lead_from_balance_to_balance_are_found(self) -> None:
        rows = "13.03.2026;A;-12,50;87,50\n14.03.2026;B;100,00;187,50\n15.03.2026;C;-11,00;176,50\n"
        for text in (rows, f"Wann;Wofür;Zahl A;Zahl B\n{rows}"):
            statement = statement_of(text)

            assert [f"{row.amount.amount:f}" for row in statement.rows] == [
                *("-12.50", "100.00", "-11.00"),
            ]
            assert statement.reconciliation is Reconciliation.BALANCED

    def test_two_rows_prove_nothing(self) -> None:
        text = "Tag;Zahl A;Zahl B\n13.03.2026;12,50;1,00\n14.03.2026;13,50;1,10\n"

        assert fields(text) == [AMOUNT]

    def test_debits_and_credits_without_known_headings_are_proven_by_balances(self) -> None:
        text = (
            "Wann;Raus;Rein;Rest\n13.03.2026;12,50;;87,50\n14.03.2026;;100,00;187,50\n"
            "15.03.2026;11,00;;176,50\n"
        )

        assert amounts_of(text) == ["-12.50", "100.00", "-11.00"]

    def test_debits_and_credits_are_found_by_their_signs(self) -> None:
        text = "Wann;Rein;Raus\n13.03.2026;;-12,50\n14.03.2026;100,00;\n"

        assert amounts_of(text) == ["-12.50", "100.00"]

    def test_debits_and_credits_are_asked_where_nothing_shows_them(self) -> None:
        text = "Wann;Links;Rechts\n13.03.2026;12,50;0\n14.03.2026;0;100\n"
        first, second = asked(text)

        assert [first.field, second.field] == ["columns.debit", "columns.credit"]
        assert first.options == second.options == ["Links", "Rechts"]
        answers = {CsvColumn.DEBIT: "Rechts", CsvColumn.CREDIT: "Links"}
        assert amounts_of(text, replace(EUROS, columns=answers)) == ["12.50", "-100"]

    def test_an_amount_and_a_column_that_completes_it_are_not_one_amount(self) -> None:
        text = "Date;Amount;Otherwise\n13.03.2026;12,50;\n14.03.2026;;100,00\n"

        assert fields(text) == ["columns.debit", "columns.credit"]

    @pytest.mark.parametrize("heading", ["Debit", "Credit"])
    def test_half_a_pair_is_completed(self, heading: str) -> None:
        text = f"Date;{heading};Otherwise\n13.03.2026;12,50;\n14.03.2026;;100,00\n"
        expected = {"Debit": ["-12.50", "100.00"], "Credit": ["12.50", "-100.00"]}

        assert amounts_of(text) == expected[heading]

    def test_debits_alone_are_amounts_whose_sign_is_asked(self) -> None:
        text = "Date;Debit;Payee\n13.03.2026;12,50;A\n"

        assert fields(text, replace(EUROS, charges_positive=None)) == [Asked.CHARGES_POSITIVE]
        assert amounts_of(text, replace(EUROS, charges_positive=True)) == ["-12.50"]

    def test_other_numbers_show_the_decimal_mark(self) -> None:
        above = (
            "Kontostand vom 16.03.2026:;3.600,00 €\nTag;Betrag\n13.03.26;-1.200\n16.03.26;2.000\n"
        )
        beside = "Tag;Betrag;Kurs\n13.03.26;-1.200;0,8621\n16.03.26;2.000;\n"

        assert amounts_of(above) == amounts_of(beside) == ["-1200", "2000"]


class TestOneHeading:
    @pytest.mark.parametrize(
        "text",
        [
            "Date,Amount,Amount\n2026-03-13,-5.00,-5.00\n2026-03-14,6.00,6.00\n",
            "Date,Amount,Amount\n2026-03-13,,-5.00\n2026-03-14,,6.00\n",
            "Date,Amount,Amount\n2026-03-13,,-5.00\n2026-03-14,7.00,6.00\n",
            "Date,Amount,Amount,Balance\n2026-03-13,-6.10,-5.00,95.00\n"
            "2026-03-14,7.30,6.00,101.00\n2026-03-15,-1.20,-1.00,100.00\n",
        ],
    )
    def test_of_several_columns_is_decided_by_their_values(self, text: str) -> None:
        assert amounts_of(text)[:2] == ["-5.00", "6.00"]

    def test_of_two_dates_is_asked_if_they_differ(self) -> None:
        text = "Date,Date,Amount\n2026-03-13,2026-03-14,-5.00\n"

        assert fields(text) == [BOOKED]
        assert days_of(text.replace("-14", "-13")) == ["2026-03-13"]

    def test_of_an_empty_balance_is_passed_over(self) -> None:
        text = "Datum;Betrag;Saldo;Saldo\n13.03.2026;-5,00;;95,00\n14.03.2026;6,00;;101,00\n"

        assert statement_of(text).reconciliation is Reconciliation.BALANCED


class TestCurrencies:
    @pytest.mark.parametrize("code", ["USDC", "Points", "DOGE", "MILES"])
    def test_that_are_none_are_not_those_of_the_hint(self, code: str) -> None:
        text = f"Date,Currency,Amount\n2026-03-13,{code},1.50\n2026-03-14,{code},2.50\n"

        assert set(reasons_of(text).values()) == {"the currency is not an ISO 4217 code"}

    def test_that_are_codes_are_read_beside_others(self) -> None:
        text = (
            "Date,Currency,Amount\n2026-03-13,USDC,1.5\n2026-03-14,CRO,2.5\n2026-03-15,DOGE,1.0\n"
        )

        assert [row.amount.currency for row in rows_of(text)] == ["CRO"]
        assert len(reasons_of(text)) == 2

    @pytest.mark.parametrize(("name", "code"), [("Euro", "EUR"), ("Kč", "CZK"), ("zł", "PLN")])
    def test_have_names(self, name: str, code: str) -> None:
        text = f"Date;Currency;Amount\n13.03.2026;{name};-1,50\n"

        assert row_of(text, replace(EUROS, currency="USD")).amount.currency == code

    def test_of_a_symbol_of_many_are_those_of_the_hint(self) -> None:
        text = "Date,Currency,Amount\n2026-03-13,$,-1.50\n"

        assert row_of(text, replace(EUROS, currency="CAD")).amount.currency == "CAD"

    def test_are_found_beside_the_amount(self) -> None:
        text = "Date;Amount;Compte en;Text\n13.03.2026;-5,00;CHF;A\n"

        assert row_of(text).amount.currency == "CHF"
        away = "Date;Amount;Text;Original\n13.03.2026;-5,00;A;CHF\n"
        assert row_of(away).amount.currency == "EUR"
        named = "Date;Amount (EUR);Original;Text\n13.03.2026;-5,00;CHF;A\n"
        assert row_of(named).amount.currency == "EUR"

    def test_are_no_other_words_of_three_characters(self) -> None:
        assert row_of("13/03/2026,POS,-5.00,Coffee house\n").amount.currency == "EUR"


class TestTexts:
    def test_account_numbers_are_none(self) -> None:
        text = (
            "Date;Counterparty;Name;Description;Amount\n"
            "06.02.2026;;GREENGROCER;Apples;-8,78\n"
            "07.02.2026;NL91ABNA0417164300;FRIEND;Dinner;25,00\n"
        )

        assert [row.description for row in rows_of(text)] == [
            *("GREENGROCER – Apples", "FRIEND – Dinner"),
        ]

    def test_fill_in_for_an_empty_name(self) -> None:
        text = (
            "Date,Payee,Description,Amount\n2026-02-06,,CARD PAYMENT,-1.00\n"
            "2026-02-07,Friend,Dinner,25.00\n"
        )

        assert [row.description for row in rows_of(text)] == ["CARD PAYMENT", "Friend – Dinner"]

    def test_without_a_known_heading_replace_numbers_with_one(self) -> None:
        text = (
            "Date;Counterparty;Wer;Wofür;Amount\n"
            "06.02.2026;DE02120300000000202051;Laden;Brot;-1,00\n07.02.2026;;Freund;Essen;25,00\n"
        )

        assert [row.description for row in rows_of(text)] == ["Laden – Brot", "Freund – Essen"]


class TestWithoutAHeader:
    def test_the_account_is_repeated_before_the_date(self) -> None:
        text = "AT611904300234573201;Gehalt;17.03.2026;1500,00;EUR\n" * 2

        assert columns_of(text)["account"] == 0
        assert statement_of(text).account.number == "AT611904300234573201"

    def test_a_direction_is_in_every_row(self) -> None:
        text = "13.03.2026;LADEN;-5,00\n14.03.2026;GUTSCHRIFT;6,00\n"

        assert "direction" not in columns_of(text)
        assert [row.description for row in rows_of(text)] == ["LADEN", "GUTSCHRIFT"]
