"""Rows of OFX files: amounts, dates, texts, kinds, currencies."""

from datetime import date
from decimal import Decimal

import pytest

from adapters.statements.amounts import TOO_LONG
from domain.ledger.hints import ReadingHints
from domain.ledger.kinds import TransactionKind
from domain.ledger.questions import Asked
from domain.ledger.values import QuarantinedRow
from domain.shared.money import Money
from tests.adapters.statements.ofx_reading import (
    LEAVES,
    one_statement,
    questions,
    read,
    reason_of,
    row_of,
)
from tests.statements import ofx, statement, transaction


class TestRows:
    @pytest.mark.parametrize(
        ("amount", "value"),
        [
            ("-1.5", "-1.5"),
            ("+7", "7"),
            ("-12,50", "-12.50"),
            ("1,234.56", "1234.56"),
            ("1.234,56", "1234.56"),
            ("1 234,56", "1234.56"),
            ("1'234.56", "1234.56"),
            ("-.75", "-0.75"),
            ("0,5", "0.5"),
            ("1,2345", "1.2345"),
            ("1,234,567.00", "1234567.00"),
            ("1,234,567", "1234567"),
            ("-1.234.567", "-1234567"),
            ("0.125", "0.125"),
            ("0,125", "0.125"),
            ("1E+5", "100000"),
        ],
    )
    def test_amounts_are_read(self, amount: str, value: str) -> None:
        assert row_of(f"<DTPOSTED>20260301<TRNAMT>{amount}").amount.amount == Decimal(value)

    @pytest.mark.parametrize(
        ("amount", "reason"),
        [
            ("$120", "the amount is not a number"),
            ("12-", "the amount is not a number"),
            ("1.2.3", "the amount is not a number"),
            ("NaN", "the amount is not a number"),
            ("Infinity", "the amount is not a number"),
            ("1E+9999999", "the amount is not a number"),
            ("9" * 30, TOO_LONG),
            ("0." + "9" * 11, TOO_LONG),
            ("1,23,45.00", "the amount is not a number"),
            ("1.234,567,890", "the amount is not a number"),
            ("", "no amount"),
        ],
    )
    def test_invalid_amounts_are_quarantined(self, amount: str, reason: str) -> None:
        assert reason_of(f"<DTPOSTED>20260301<TRNAMT>{amount}") == reason

    @pytest.mark.parametrize(
        ("unclear", "beside", "value"),
        [
            ("1,234", "5,50", "1.234"),
            ("1.234", "5,50", "1234"),
            ("1,234", "5.50", "1234"),
            ("1.234", "5.50", "1.234"),
            ("1,234", "9,999.00", "1234"),
            ("1.234", "9.999,00", "1234"),
            ("1.234", "9.999.999", "1234"),
            ("1.234", "5", "1.234"),
        ],
    )
    def test_the_whole_file_decides_the_decimal_mark(
        self, unclear: str, beside: str, value: str
    ) -> None:
        rows = transaction(unclear), transaction(beside)

        first, _ = one_statement(ofx(statement(*rows, balance=""))).rows

        assert first.amount.amount == Decimal(value)

    def test_balances_are_evidence_too(self) -> None:
        balance = "<LEDGERBAL><BALAMT>2.500,75<DTASOF>20260331</LEDGERBAL>"

        (row,) = one_statement(ofx(statement(transaction("1.234"), balance=balance))).rows

        assert row.amount.amount == Decimal(1234)

    @pytest.mark.parametrize(
        ("unclear", "beside"), [("1,234", "5"), ("1,234", "2.345"), ("1.234", "5,50 6.50")]
    )
    def test_an_ambiguous_amount_is_asked(self, unclear: str, beside: str) -> None:
        content = ofx(statement(*map(transaction, (unclear, *beside.split())), balance=""))

        (asked,) = questions(content)

        assert asked.field is Asked.DECIMAL_MARK
        assert unclear in asked.examples

    @pytest.mark.parametrize(("mark", "amount"), [(",", "-4.000"), (".", "-4000")])
    def test_a_hint_decides_about_an_ambiguous_amount(self, mark: str, amount: str) -> None:
        content = ofx(statement(transaction("-4,000"), balance=""))

        (row,) = read(content, ReadingHints(decimal_mark=mark)).statements[0].rows

        assert row.amount.amount == Decimal(amount)

    def test_a_hint_does_not_contradict_the_amounts(self) -> None:
        content = ofx(statement(transaction("-4,000"), transaction("-4.50")))

        first, _ = read(content, ReadingHints(decimal_mark=",")).statements[0].rows

        assert first.amount.amount == Decimal(-4000)

    @pytest.mark.parametrize(
        "day",
        ["20260301", "20260301235959", "20260301000000.000[-11:XXX]", "20260301120000[+14:LINT]"],
    )
    def test_the_date_is_as_the_bank_wrote_it(self, day: str) -> None:
        assert row_of(f"<DTPOSTED>{day}<TRNAMT>1").booking_date == date(2026, 3, 1)

    @pytest.mark.parametrize(
        ("day", "reason"),
        [
            ("", "no booking date"),
            ("20260230", "the date does not exist"),
            ("00000000", "the date does not exist"),
            ("2026-03-01", "the date is not a date"),
            ("March", "the date is not a date"),
            ("٢٠٢٦٠٣٠١", "the date is not a date"),
        ],
    )
    def test_invalid_dates_are_quarantined(self, day: str, reason: str) -> None:
        assert reason_of(f"<DTPOSTED>{day}<TRNAMT>1.00") == reason

    @pytest.mark.parametrize(
        ("leaves", "description"),
        [
            ("<NAME>Shop<MEMO>Card 7", "Shop – Card 7"),
            ("<NAME>Shop<MEMO>Shop", "Shop"),
            ("<MEMO>Card 7", "Card 7"),
            ("<PAYEE><NAME>Ada<CITY>Paris</PAYEE>", "Ada"),
            ("<NAME>  Two\n  lines ", "Two lines"),
            ("<NAME>Tom &amp; Co &lt;3 &#233;&#xe9;", "Tom & Co <3 éé"),
            ("<NAME>Caf&eacute; &Uuml;ber&shy;see&nbsp;&euro;", "Café Übersee €"),
            ("<NAME>CAF&EACUTE; &AMP; &NBSP; SHOP", "CAFÉ & SHOP"),
            ("<NAME>R&D; &notit; &eacute &Amp;", "R&D; &notit; &eacute &Amp;"),
            ("<NAME>AT&T & Sons &unknown; &amp;lt;", "AT&T & Sons &unknown; &lt;"),
            ("<NAME>R&REG &copy", "R&REG &copy"),
            ("<NAME>a < b", "a < b"),
            (
                "<NAME>&#0; &#27; &#155; &#xD800; &#1114112;",
                "&#0; &#27; &#155; &#xD800; &#1114112;",
            ),
            ("<NAME>a\x1b[31mb\x07", "a [31mb"),
            ("<NAME><![CDATA[Tom & <Co>]]></NAME>", "Tom & <Co>"),
            ("<!-- <NAME>Hidden --><NAME>Shop", "Shop"),
            ("<NAME></NAME><MEMO></MEMO>", ""),
        ],
    )
    def test_descriptions_are_read(self, leaves: str, description: str) -> None:
        row = row_of(f"<DTPOSTED>20260301<TRNAMT>1<FITID>F1{leaves}")

        assert row.description == description

    @pytest.mark.parametrize(
        ("stated", "kind"),
        [
            ("INT", TransactionKind.INTEREST),
            ("srvchg", TransactionKind.SERVICE_CHARGE),
            ("XFER", TransactionKind.TRANSFER),
            ("REPEATPMT", TransactionKind.REPEATING_PAYMENT),
            ("HOLD", TransactionKind.HOLD),
            ("NEWTYPE", TransactionKind.OTHER),
            ("", TransactionKind.OTHER),
        ],
    )
    def test_transaction_types_are_read(self, stated: str, kind: TransactionKind) -> None:
        assert row_of(f"<TRNTYPE>{stated}<DTPOSTED>20260301<TRNAMT>1").kind is kind

    def test_an_empty_id_is_ignored(self) -> None:
        assert row_of("<DTPOSTED>20260301<TRNAMT>1<FITID></FITID>").provider_id is None

    def test_an_oversized_id_is_quarantined(self) -> None:
        reason = reason_of(f"<DTPOSTED>20260301<TRNAMT>1<FITID>{'F' * 256}")

        assert reason == "the bank's id is longer than 255 characters"

    def test_an_oversized_value_is_quarantined(self) -> None:
        reason = reason_of(f"<DTPOSTED>20260301<TRNAMT>1<NAME>{'x' * 10_001}")

        assert reason == "a value is longer than 10,000 characters"

    def test_pending_rows_are_marked(self) -> None:
        rows = f"<STMTTRNP>{LEAVES.replace('DTPOSTED', 'DTTRAN')}</STMTTRNP>"

        (row,) = one_statement(ofx(statement(rows))).rows

        assert row.pending

    def test_a_foreign_amount_is_in_its_own_currency(self) -> None:
        row = row_of(f"{LEAVES}<CURRENCY><CURRATE>1.06<CURSYM>USD</CURRENCY>")

        assert row.amount == Money(Decimal("-1.00"), "USD")
        assert row.exchange_rate == Decimal("1.06")

    def test_a_converted_amount_preserves_the_original(self) -> None:
        row = row_of(f"{LEAVES}<ORIGCURRENCY><CURRATE>0,95<CURSYM>CHF</ORIGCURRENCY>")

        assert row.amount.currency == "EUR"
        assert (row.original_currency, row.exchange_rate) == ("CHF", Decimal("0.95"))

    def test_an_unknown_currency_is_quarantined(self) -> None:
        reason = reason_of(f"{LEAVES}<CURRENCY><CURRATE>1<CURSYM>dollars</CURRENCY>")

        assert reason == "the currency is not an ISO 4217 code"

    def test_a_counterpartys_account_is_not_the_account(self) -> None:
        leaves = f"{LEAVES}<BANKACCTTO><BANKID>OTHER<ACCTID>999</BANKACCTTO>"
        file = read(ofx(statement(f"<STMTTRN>{leaves}</STMTTRN>")))

        assert file.statements[0].account.number == "100200300"
        assert file.statements[0].rows[0].raw["BANKACCTTO.ACCTID"] == "999"

    def test_quarantined_rows_report_their_line(self) -> None:
        content = ofx(statement(transaction(), transaction("?")))

        file = read(content)

        line = content.decode().split("\n").index("<TRNAMT>?") - 2
        assert file.quarantined == [QuarantinedRow(line, "the amount is not a number")]


def test_equal_texts_are_stored_once() -> None:
    first, second = one_statement(ofx(statement(transaction(), transaction()))).rows

    pairs = zip(first.raw.items(), second.raw.items(), strict=True)

    assert all(one is other for pair in pairs for one, other in zip(*pair, strict=True))
    assert first.booking_date is second.booking_date
