"""Files whose rows, headings or balances mislead: none of them is untrue without a word."""

from dataclasses import replace
from datetime import date

import pytest

from domain.ledger.hints import NO_HINTS, DateOrder, ReadingHints
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import Reconciliation
from tests.adapters.statements.csv.reading import (
    DAY_FIRST,
    EUROS,
    amounts_of,
    asked,
    reasons_of,
    rows_of,
    statement_of,
)

ASKED = replace(EUROS, charges_positive=None)
NAMED = ReadingHints(account="Household")


class TestCurrencies:
    def test_a_column_of_a_foreign_currency_is_not_that_of_the_amounts(self) -> None:
        text = (
            "Date;Text;Currency Amount;Rate;Currency;Amount\n2026-03-02;A;-99.50;1;NOK;-99.50\n"
            "2026-03-05;B;-20.00;11.4;EUR;-228.00\n2026-03-15;C;1000;1;NOK;1000\n"
        )

        assert [each.field for each in asked(text, NAMED)] == ["currency"]

    def test_amounts_with_and_without_fees_are_in_one_currency(self) -> None:
        text = (
            "Date,Name,Currency,Gross,Fee,Net\n2026-03-13,A,EUR,-9.00,0.00,-9.00\n"
            "2026-03-14,B,USD,50.00,-2.00,48.00\n"
        )

        assert [row.amount.currency for row in rows_of(text, NAMED)] == ["EUR", "USD"]

    @pytest.mark.parametrize("heading", ["Foreign Currency", "Code there"])
    def test_codes_beside_some_amounts_alone_are_of_foreign_ones(self, heading: str) -> None:
        text = (
            f"Date,Merchant,Paid,{heading},Amount,Balance\n2026-03-03,A,-10.00,USD,-9.20,90.80\n"
            "2026-03-04,B,,,-5.00,85.80\n2026-03-20,C,,,100.00,185.80\n"
        )

        assert {row.amount.currency for row in rows_of(text)} == {"EUR"}


class TestBalances:
    @pytest.mark.parametrize("heading", ["Saldo", "Davor"])
    def test_those_before_the_rows_turn_no_sign_round(self, heading: str) -> None:
        text = (
            f"Datum;Text;Betrag;{heading}\n01.03.2026;A;20,00;100,00\n"
            "02.03.2026;B;1.500,00;80,00\n13.03.2026;C;35,00;1.580,00\n24.03.2026;D;10,00;1.545,00\n"
        )

        assert set(amounts_of(text, ASKED)) <= {"-20.00", "1500.00", "-35.00"}

    def test_those_before_the_rows_are_none_where_nothing_calls_them_so(self) -> None:
        text = (
            "01-03-2026,A,EUR,100.00,EUR,-20.00\n02-03-2026,B,EUR,80.00,EUR,1500.00\n"
            "15-03-2026,C,EUR,1580.00,EUR,-35.10\n"
        )
        statement = statement_of(text)

        assert amounts_of(text) == ["-20.00", "1500.00", "-35.10"]
        assert statement.reconciliation is Reconciliation.UNKNOWN

    def test_characters_with_blanks_between_them_are_one_word(self) -> None:
        text = (
            "Data;Histórico;Valor\n31/01/2026;Saldo Anterior;1500,00\n"
            "03/02/2026;Pix;-80,00\n28/02/2026;S A L D O;1420,00\n"
        )
        statement = statement_of(text, DAY_FIRST)

        assert [row.amount.amount for row in statement.rows] == [-80]
        assert statement.reconciliation is Reconciliation.BALANCED

    @pytest.mark.parametrize(
        ("opening", "turnover", "closing"),
        [
            ("Algsaldo", "Käive", "Lõppsaldo"),
            ("Likutis pradžiai", "Apyvarta", "Likutis pabaigai"),
        ],
    )
    def test_turnovers_before_the_closing_balance_are_no_rows(
        self, opening: str, turnover: str, closing: str
    ) -> None:
        text = (
            f"Date;Text;Amount;D/C\n2026-03-01;{opening};100.00;C\n2026-03-02;Shop;10.50;D\n"
            f"2026-03-10;Wages;1200.00;C\n2026-03-31;{turnover};10.50;D\n"
            f"2026-03-31;{turnover};1200.00;C\n2026-03-31;{closing};1289.50;C\n"
        )
        statement = statement_of(text)

        assert [row.description for row in statement.rows] == ["Shop", "Wages"]
        assert statement.reconciliation is Reconciliation.BALANCED

    def test_a_last_line_beside_its_day_is_the_closing_balance(self) -> None:
        text = (
            "Buchungstag;Wert;Text;Name;IBAN;Betrag;Währung\n"
            "30.5.2026;30.5.2026;Miete;A;;-700,00;EUR\n2.5.2026;2.5.2026;Lohn;B;;50,00;EUR\n"
            "Kontostand;31.5.2026;;;337,01;EUR\n"
        )
        statement = statement_of(text, NAMED)

        assert reasons_of(text, NAMED) == {}
        (closing,) = statement.balances
        assert (closing.kind, closing.day) == (BalanceKind.BOOKED, date(2026, 5, 31))
        assert f"{closing.money.amount}" == "337.01"

    def test_a_last_line_that_alone_has_no_text_is_no_row(self) -> None:
        text = (
            "03/03/2026;-23,40;Carte;;CB;;0;\n05/03/2026;1850,00;Virement;;VIR;;0;\n"
            "17/03/2026;-600,00;Loyer;;PRLV;;0;\n31/03/2026;1226,60;;;;01234 123456A;\n"
        )

        assert amounts_of(text) == ["-23.40", "1850.00", "-600.00"]
        assert list(reasons_of(text)) == [4]

    def test_a_first_line_whose_date_is_written_otherwise_is_no_row(self) -> None:
        text = (
            "2026-05-31,01-05-2026,Ada,EUR,1000.00,1450.50\n30-05-2026,29-05-2026,A,,-49.50,1450.50\n"
            "15-05-2026,15-05-2026,B,,600.00,1500.00\n05-05-2026,05-05-2026,C,,-100.00,900.00\n"
        )
        hints = replace(EUROS, columns={}, date_order=DateOrder.DAY_FIRST)
        (question,) = asked(text, hints)

        assert question.field == "columns.booking_date"
        assert "2026-05-31" not in question.examples


class TestStates:
    def test_a_balance_that_is_overdrawn_is_not_missing(self) -> None:
        text = (
            "Date,Description,Paid Out,Paid In,Balance\n2026-03-03,A,500.00,,480.00 OD\n"
            "2026-03-04,B,,470.00,10.00 OD\n2026-03-05,C,20.00,,30.00 OD\n"
        )
        statement = statement_of(text)

        assert not any(row.pending for row in statement.rows)
        assert statement.reconciliation is Reconciliation.BALANCED

    def test_a_balance_that_cannot_be_read_is_not_missing(self) -> None:
        rows = "2026-03-03,A,-5.00,95.00\n2026-03-04,B,-5.00,90.00\n2026-03-05,C,-5.00,85?\n"

        assert not any(row.pending for row in rows_of(f"Date,Payee,Amount,Balance\n{rows}"))

    @pytest.mark.parametrize(("no", "yes"), [("N", "Y"), ("", "x"), ("false", "TRUE")])
    def test_a_heading_may_ask_whether_a_row_is_pending(self, no: str, yes: str) -> None:
        text = (
            f"Date,Pending?,Description,Amount\n2026-03-13,{no},A,-5.00\n2026-03-14,{yes},B,-6.00\n"
        )

        assert [row.pending for row in rows_of(text)] == [False, True]


class TestSigns:
    def test_dashes_beside_signed_amounts_are_no_directions(self) -> None:
        text = (
            '2026-03-04,-12.50,"-","Point of sale"\n2026-03-05,1500.00,"-","Payroll"\n'
            '2026-03-14,-60.00,"-","Bill"\n'
        )

        assert amounts_of(text) == ["-12.50", "1500.00", "-60.00"]

    def test_the_heading_of_a_direction_may_be_that_of_amounts(self) -> None:
        text = (
            "Date,Description,Debit/Credit,Balance\n14/03/2026,A,-£12.50,£87.50\n"
            "13/03/2026,B,+£100.00,£100.00\n"
        )

        assert amounts_of(text, NAMED) == ["-12.50", "100.00"]

    @pytest.mark.parametrize("sign", ["", "-"])
    def test_kinds_of_a_card_decide_what_a_sign_means(self, sign: str) -> None:
        back = "" if sign else "-"
        text = (
            f"Date,Merchant,Kind,Amount\n2026-03-09,A,Purchase,{sign}5.75\n"
            f"2026-03-07,B,Payment,{back}200.00\n2026-03-02,C,Refund,{back}14.99\n"
        )

        assert amounts_of(text, ASKED) == ["-5.75", "200.00", "14.99"]

    def test_a_card_of_chase_is_as_it_is_written(self) -> None:
        text = (
            "Transaction Date,Post Date,Description,Category,Type,Amount,Memo\n"
            "03/09/2026,03/10/2026,A,Food,Sale,-5.75,\n03/07/2026,03/07/2026,B,,Payment,200.00,\n"
            "03/02/2026,03/04/2026,C,Shopping,Return,14.99,\n"
        )

        assert amounts_of(text, ASKED) == ["-5.75", "200.00", "14.99"]

    def test_a_fee_beside_an_amount_of_zero_counts(self) -> None:
        text = (
            "Date,Description,Amount,Fee,Balance\n2026-03-01,A,-12.50,0.00,87.50\n"
            "2026-03-04,Premium,0.00,7.99,79.51\n"
        )

        assert amounts_of(text) == ["-12.50", "-7.99"]


class TestMarks:
    def test_amounts_below_japanese_headings_have_their_point(self) -> None:
        text = '日付,摘要,出金,入金\n2026/3/3,A,"10,000",\n2026/3/25,B,,"250,000"\n'

        assert amounts_of(text) == ["-10000", "250000"]

    def test_a_decimal_comma_is_no_delimiter(self) -> None:
        text = "03/03/2026;-23,40;A;;\n15/03/2026;1850,00;B;;\n17/03/2026;-600,00;C\n"

        assert amounts_of(text) == ["-23.40", "1850.00", "-600.00"]


IBAN = "DE89370400440532013000"
ROWS = "Datum;Text;Betrag in EUR\n13.03.2026;A;-12,50\n14.03.2026;B;3,00\n"


class TestAccounts:
    @pytest.mark.parametrize(
        ("above", "account"),
        [
            ("Umsätze Girokonto DE89 3704 0044 0532 0130 00;;\n", IBAN),
            ("Konto;Nummer;IBAN;Währung\nGiro;999 12;DE89370400440532013000;EUR\n", IBAN),
            ("Kontonummer:;0234 00123456.01\nIBAN:;DE89 3704 0044 0532 0130 00\n", IBAN),
            ("Bank : 1;Filiale : 2\nKonto : 040123;Name : A;Währung : EUR\n", "040123"),
            ("Conta ;0123456789012 - EUR - Extracto\n", "0123456789012"),
            (",Account Number;123456789012 ( EUR ) - ADA\n".lstrip(","), "123456789012"),
            ("Account Number :;_00000012345678901\n", "00000012345678901"),
        ],
    )
    def test_lines_above_the_rows_name_it(self, above: str, account: str) -> None:
        assert statement_of(above + ROWS, NO_HINTS).account.number == account

    def test_two_ibans_in_titles_name_none(self) -> None:
        above = f"Von {IBAN};;\nNach DE02120300000000202051;;\n"

        assert statement_of(above + ROWS, NO_HINTS).account.number == ""

    def test_a_number_before_the_dates_is_it_without_a_header(self) -> None:
        rows = (
            '"117731610123456700000000","T",-4990,"HUF",20260303,"A"\n'
            '"117731610123456700000000","J",350000,"HUF",20260305,"B"\n'
        )

        assert statement_of(rows, NO_HINTS).account.number == "117731610123456700000000"

    def test_two_dutch_layouts_are_known_by_their_values(self) -> None:
        triodos = (
            '"02-01-2026","NL86TRIO0123456789","15,00","Debet","A","NL91ABNA0417164300","IC","B","985,00"\n'
            '"13-01-2026","NL86TRIO0123456789","40,25","Credit","C","","BA","D","1.025,25"\n'
        )
        asn = (
            "01-07-2026,NL15ASNB0123456789,NL91ABNA0417164300,A,,,,EUR,100.00,EUR,-20.00,"
            "01-07-2026,01-07-2026,9810,IC,1234,,'B',1\n"
            "02-07-2026,NL15ASNB0123456789,,C,,,,EUR,80.00,EUR,1500.00,"
            "02-07-2026,02-07-2026,9811,OV,1235,,'D',1\n"
        )

        assert amounts_of(triodos, replace(NO_HINTS, currency="EUR")) == ["-15.00", "40.25"]
        assert amounts_of(asn, NO_HINTS) == ["-20.00", "1500.00"]
        assert statement_of(asn, NO_HINTS).account.number == "NL15ASNB0123456789"
