"""The MT940 reader: what banks put into their messages, and what becomes of it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.amounts import AMBIGUOUS, TOO_LONG
from adapters.statements.limits import MAX_STATEMENTS, MAX_VALUE
from adapters.statements.mt940 import Mt940Reader
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement
from domain.ledger.hints import ReadingHints
from domain.ledger.kinds import BalanceKind, TransactionKind
from domain.ledger.questions import ACCOUNT_ASKED, CURRENCY_ASKED
from domain.ledger.values import (
    QuarantinedRow,
    Reconciliation,
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.money import Money
from domain.shared.result import Failure, Success

LINE = ":61:2603020301D12,50NTRFCUST7//BANK9\n"
HEAD = ":20:REF\n:25:10020030/100200300\n:28C:7/1\n:60F:C260228EUR100,00\n"
TAIL = ":62F:C260301EUR87,50\n-\n"
OTHERWISE = ReadingHints(currency="EUR", account="Household")


def read(text: str, hints: ReadingHints | None = None) -> StatementFile:
    result = Mt940Reader().read(text.encode(), hints or ReadingHints())
    assert isinstance(result, Success), result
    return result.value


def one(body: str = LINE, head: str = HEAD, tail: str = TAIL) -> Statement:
    (only,) = read(head + body + tail).statements
    return only


def row_of(body: str = LINE) -> StatementRow:
    (row,) = one(body).rows
    return row


class TestMessages:
    def test_are_statements(self) -> None:
        parsed = one()

        assert (parsed.account.institution, parsed.account.number) == ("10020030", "100200300")
        assert (parsed.account.currency, parsed.number, parsed.reconciliation) == (
            "EUR",
            "7/1",
            Reconciliation.BALANCED,
        )
        assert parsed.balance(BalanceKind.BOOKED)

    @pytest.mark.parametrize("below", ["2. Batch\n", "\n\n2. Batch\n", "42\n"])
    def test_lines_below_a_balance_do_not_belong_to_it(self, below: str) -> None:
        tail = f":62F:C260301EUR87,50\n{below}"

        assert one(tail=tail).balance(BalanceKind.BOOKED) == one().balance(BalanceKind.BOOKED)

    def test_a_balance_may_span_lines(self) -> None:
        assert one(tail=":62F:C260301\nEUR87,50\n-\n").reconciliation is Reconciliation.BALANCED

    def test_may_follow_each_other(self) -> None:
        text = HEAD + LINE + TAIL

        assert [len(each.rows) for each in read(text * 3).statements] == [1, 1, 1]

    def test_may_follow_each_other_without_a_separator(self) -> None:
        second = HEAD.replace(":20:REF\n", "")

        assert len(read(HEAD + LINE + TAIL.replace("-\n", "") + second + LINE).statements) == 2

    @pytest.mark.parametrize("next_day", [":60F:C260301EUR87,50\n", ""])
    def test_without_a_header_continue_the_account(self, next_day: str) -> None:
        first, second = read(HEAD + LINE + TAIL + next_day + LINE, OTHERWISE).statements

        assert second.account == first.account
        assert (len(first.rows), len(second.rows)) == (1, 1)

    def test_with_a_header_without_account_do_not_continue_it(self) -> None:
        first, second = read(HEAD + LINE + TAIL + ":20:REF\n" + LINE, OTHERWISE).statements

        assert (first.account.number, second.account.number) == ("100200300", "Household")

    def test_may_be_in_an_envelope_after_a_preamble(self) -> None:
        text = f"NORTHBANK\n940\n{{1:F01X}}{{2:I940X}}{{4:\n{HEAD}{LINE}:62F:C260301EUR87,50\n-}}\n"

        (parsed,) = read(text).statements

        assert (len(parsed.rows), parsed.reconciliation) == (1, Reconciliation.BALANCED)

    def test_of_one_number_and_page_stay_apart(self) -> None:
        pages = [
            HEAD + LINE + ":62M:C260301EUR87,50\n-\n",
            HEAD.replace("60F:C260228EUR100,00", "60M:C260301EUR87,50")
            + LINE
            + ":62F:C260301EUR75,00\n-\n",
        ]

        assert [each.reconciliation for each in read("".join(pages)).statements] == [
            Reconciliation.BALANCED
        ] * 2

    @pytest.mark.parametrize(
        ("text", "report_type"),
        [
            (HEAD + LINE + TAIL, "mt940"),
            (":20:R\n:25:1\n:28C:1/1\n:34F:EURD0,\n:13D:2603011200+0100\n" + LINE, "mt942"),
            (":20:R\n:25:1\n:28C:1/1\n" + LINE + ":90D:1EUR12,50\n", "mt942"),
            (":20:R\n:25:1\n" + LINE, "mt940"),
        ],
    )
    def test_are_statements_or_interim_reports(self, text: str, report_type: str) -> None:
        (told,) = read(text, OTHERWISE).statements

        assert told.report_type == report_type

    @pytest.mark.parametrize("end", ["\r\n", "\r"])
    def test_may_have_any_line_ends(self, end: str) -> None:
        (parsed,) = read((HEAD + LINE + TAIL).replace("\n", end)).statements

        assert parsed.reconciliation is Reconciliation.BALANCED

    def test_report_the_line_of_each_row(self) -> None:
        assert [row.line for row in one(LINE + ":86:text\nmore\n" + LINE).rows] == [5, 8]

    @pytest.mark.parametrize(
        ("account", "institution", "number"),
        [
            ("DE89370400440532013000", "", "DE89370400440532013000"),
            ("123456789 USD", "", "123456789"),
            ("/NL20ANDL0123456789", "", "NL20ANDL0123456789"),
            ("BLZ/0042", "BLZ", "0042"),
            ("BLZ 12030000 KTO 202051", "12030000", "202051"),
            ("Sort code 12-34-56, Account No. 12345678", "12-34-56", "12345678"),
            ("BLZ:12030000/KTO:202051 EUR", "12030000", "202051"),
            ("Kto.-Nr. 202051", "", "202051"),
            ("P9876543", "", "9876543"),
            ("P98A", "", "P98A"),
        ],
    )
    def test_name_their_account(self, account: str, institution: str, number: str) -> None:
        parsed = one(head=HEAD.replace("10020030/100200300", account)).account

        assert (parsed.institution, parsed.number, parsed.currency) == (institution, number, "EUR")

    def test_may_lack_an_account(self) -> None:
        (parsed,) = read(LINE, ReadingHints(currency="EUR", account="Household")).statements

        assert (parsed.account.number, parsed.reconciliation) == (
            "Household",
            Reconciliation.UNKNOWN,
        )

    def test_must_have_a_currency(self) -> None:
        result = Mt940Reader().read(LINE.encode())

        assert result == Failure(HintNeeded.ask(ACCOUNT_ASKED, CURRENCY_ASKED))
        assert isinstance(Mt940Reader().read(LINE.encode(), OTHERWISE), Success)

    def test_an_interim_report_has_the_currency_of_its_floor_limit(self) -> None:
        (parsed,) = read(f":20:R\n:25:1\n:28C:1\n:34F:EURD0,\n{LINE}:90D:1EUR12,50\n-\n").statements

        assert (parsed.account.currency, len(parsed.rows)) == ("EUR", 1)


class TestLines:
    def test_are_rows(self) -> None:
        row = row_of()

        assert row.amount == Money(Decimal("-12.50"), "EUR")
        assert (row.booking_date, row.value_date) == (date(2026, 3, 1), date(2026, 3, 2))
        assert (row.provider_id, row.kind) == ("BANK9", TransactionKind.TRANSFER)
        assert row.description == "CUST7"

    @pytest.mark.parametrize(
        ("mark", "amount"),
        [("C", 5), ("D", -5), ("RC", -5), ("RD", 5), ("EC", 5), ("ED", -5), ("CR", 5), ("DR", -5)],
    )
    def test_a_reversal_inverts_the_sign(self, mark: str, amount: int) -> None:
        row = row_of(f":61:2603020302{mark}5,NMSCNONREF\n")

        assert row.amount.amount == Decimal(amount)
        assert row.provider_id is None
        # An expected transaction is not booked yet.
        assert row.pending == (mark in ("EC", "ED"))

    @pytest.mark.parametrize(
        ("dates", "booked"),
        [
            ("2603020228", date(2026, 2, 28)),
            ("2512310102", date(2026, 1, 2)),
            ("2601021231", date(2025, 12, 31)),
            ("260302", date(2026, 3, 2)),
            ("2603020230", date(2026, 3, 2)),
            ("260302    ", date(2026, 3, 2)),
            ("990302", date(1999, 3, 2)),
        ],
    )
    def test_entry_dates_are_in_the_nearest_year(self, dates: str, booked: date) -> None:
        assert row_of(f":61:{dates}D1,NMSCNONREF\n").booking_date == booked

    @pytest.mark.parametrize(
        ("dates", "booked"),
        [
            # Seven months after its value date, and before the statement of January.
            ("2206010105", date(2023, 1, 5)),
            ("2306010105", date(2023, 1, 5)),
            ("2206011230", date(2022, 12, 30)),
            # Not within a month of the statement: then the value date decides.
            ("2206010601", date(2022, 6, 1)),
            ("2202280229", date(2022, 2, 28)),
        ],
    )
    def test_entry_dates_are_among_the_days_of_the_statement(
        self, dates: str, booked: date
    ) -> None:
        head = HEAD.replace("C260228", "C230104")

        (row,) = one(f":61:{dates}D1,NMSCX\n", head, ":62F:C230105EUR99,00\n").rows

        assert row.booking_date == booked

    def test_an_interim_report_has_the_day_on_which_it_was_made(self) -> None:
        head = ":20:R\n:25:1\n:28C:1\n:34F:EURD0,\n:13D:2301051200+0100\n"

        (row,) = one(":61:2206010105D1,NMSCX\n", head, ":90D:1EUR1,\n").rows

        assert row.booking_date == date(2023, 1, 5)

    def test_balances_in_no_order_do_not_date_entries(self) -> None:
        (row,) = one(":61:2206010105D1,NMSCX\n", tail=":62F:C230105EUR99,00\n").rows

        assert row.booking_date == date(2022, 1, 5)

    def test_a_value_date_may_be_30_february(self) -> None:
        row = row_of(":61:2602300301DR6,00N024NONREF\n")
        alone = row_of(":61:260230DR6,00N024NONREF\n")

        assert (row.booking_date, row.value_date) == (date(2026, 3, 1), None)
        assert alone.booking_date == date(2026, 2, 28)

    @pytest.mark.parametrize(
        ("text", "amount"),
        [
            ("1,5", "1.5"),
            ("1.234,56", "1234.56"),
            ("10,", "10"),
            ("10.5", "10.5"),
            ("7", "7"),
            ("1,234", "1.234"),
        ],
    )
    def test_a_comma_separates_decimals(self, text: str, amount: str) -> None:
        assert row_of(f":61:260302C{text}NMSCX\n").amount.amount == Decimal(amount)

    def test_may_be_wrapped(self) -> None:
        assert row_of(":61:2603020301CR\n30,00N062NONREF\n:\n86:text\n").description == "text"

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            (":61:what is this\n", "the statement line does not have the form of field :61:"),
            (":61:261302D1,NMSCX\n", "the date does not exist"),
            (f":61:260302D{'1' * 30},NMSCX\n", TOO_LONG),
            (":61:260302D12.34,56NMSCX\n", "the amount is not a number"),
            (":61:260302D1.234NMSCX\n", AMBIGUOUS),
        ],
    )
    def test_that_are_invalid_are_quarantined(self, line: str, reason: str) -> None:
        file = read(HEAD + LINE + line + TAIL)

        assert file.quarantined == [QuarantinedRow(6, reason)]
        assert file.statements[0].reconciliation is Reconciliation.UNKNOWN


class TestReferences:
    @pytest.mark.parametrize(
        ("references", "bank_id"),
        [
            ("CUST7//BANK9", "BANK9"),
            ("CUST7//NONREF", None),
            ("CUST7//NOTPROVIDED", None),
            ("CUST7//0000", None),
            ("CUST7", None),
        ],
    )
    def test_of_the_bank_are_ids(self, references: str, bank_id: str | None) -> None:
        assert row_of(f":61:2603020301D12,50NTRF{references}\n").provider_id == bank_id

    @pytest.mark.parametrize(
        ("references", "text"),
        [
            ("CUST7//NONREF", "Lunch – CUST7"),
            ("EREF//NONREF", "Lunch"),
            ("NONREF", "Lunch"),
            ("Lunch", "Lunch"),
            ("CUST7//BANK9", "Lunch"),
            ("NONREF\nCARD 77aa", "Lunch – CARD 77aa"),
            ("CUST7\nCARD 77aa\nat noon", "Lunch – CARD 77aa at noon, CUST7"),
        ],
    )
    def test_are_named_where_the_bank_gives_no_id(self, references: str, text: str) -> None:
        body = f":61:2603020301D12,50NTRF{references}\n:86:Lunch\n"

        assert row_of(body).description == text

    @pytest.mark.parametrize(
        ("references", "text"),
        [
            ("NONREF\nREBATE_CARD", "REBATE_CARD"),
            ("NONREF//BANK9\nREBATE_CARD", "REBATE_CARD"),
            ("CUST7//BANK9", "CUST7"),
            ("NONREF", ""),
        ],
    )
    def test_and_details_tell_where_no_information_does(self, references: str, text: str) -> None:
        assert row_of(f":61:2603020301D12,50NTRF{references}\n").description == text

    def test_are_read_from_the_information(self) -> None:
        body = ":61:2603020301D12,50NTRFNONREF\n:86:/NAME/Ada/REMI/Rent/EREF/E1/MARF/M-7\n"

        assert row_of(body).description == "Ada – Rent – E1, M-7"


class TestInformation:
    def test_numbered_subfields_have_name_and_purpose(self) -> None:
        text = ":86:166?00TRANSFER?109310?20Invoice 7 of?21 March?32Coffee?33 house?34888\n"

        row = row_of(LINE + text)

        assert row.description == "Coffee house – Invoice 7 of March"
        assert (row.raw["code"], row.raw["booking text"]) == ("166", "TRANSFER")

    def test_without_a_purpose_the_booking_text_is_used(self) -> None:
        assert row_of(LINE + ":86:808?00CHARGES\n").description == "CHARGES"

    def test_keywords_may_span_lines(self) -> None:
        text = ":86:/TRTP/SEPA/IBAN/NL20/NAME/COFFEE HO\nUSE/REMI/Invoice 7/EREF/E1\n"

        row = row_of(LINE + text)

        assert row.description == "COFFEE HOUSE – Invoice 7"
        assert row.raw["EREF"] == "E1"

    def test_plain_text_keeps_its_lines(self) -> None:
        assert row_of(LINE + ":86:Coffee house\n- with milk\n").description == (
            "Coffee house - with milk"
        )

    @pytest.mark.parametrize(
        "wrapped",
        [
            *(":26:41 card", ":99:41 card", ":20:41 card", ":25:41", ":28:41", ":13:41", ":21:41"),
            *(":64:41", ":65:41", "-"),
        ],
    )
    def test_a_line_of_it_may_look_like_a_field(self, wrapped: str) -> None:
        body = f"{LINE}:86:Lunch at 16\n{wrapped}\nCOFFEE HOUSE\n"

        parsed = one(body + LINE, tail=":62F:C260301EUR75,00\n:64:C260301EUR75,00\n-\n")

        assert parsed.rows[0].description == f"Lunch at 16 {wrapped} COFFEE HOUSE"
        assert parsed.reconciliation is Reconciliation.BALANCED
        assert parsed.balance(BalanceKind.AVAILABLE)

    @pytest.mark.parametrize("wrapped", [":61:41 card", ":61:", ":61:2 card"])
    def test_a_line_of_it_may_look_like_an_entry(self, wrapped: str) -> None:
        body = f"{LINE}:86:Lunch at 16\n{wrapped}\n:86:COFFEE HOUSE\n"

        file = read(HEAD + body + TAIL)

        assert file.quarantined == []
        assert file.statements[0].reconciliation is Reconciliation.BALANCED
        assert file.statements[0].rows[0].description == f"Lunch at 16 {wrapped} COFFEE HOUSE"

    def test_what_looks_like_an_entry_is_one_unless_balances_show_that_it_is_none(self) -> None:
        file = read(HEAD + LINE + ":86:Lunch\n:61:26O301D1,NMSCX\n" + LINE + TAIL)

        assert [each.line for each in file.quarantined] == [7]
        assert file.statements[0].reconciliation is Reconciliation.UNKNOWN

    def test_a_message_may_follow_it(self) -> None:
        text = HEAD + LINE + ":86:Lunch\n" + TAIL + HEAD + LINE + ":86:Lunch\n"

        first, second = read(text + HEAD.replace(":20:REF\n", ":20:\n") + LINE).statements[:2]

        assert (len(first.rows), len(second.rows)) == (1, 1)

    @pytest.mark.parametrize(
        ("text", "description"),
        [
            ("/CNTP/NL91ABNA0417164300/ABNANL2A/Shop/City//REMI/USTD//Card 1/", "Shop – Card 1"),
            ("/CNTP///Shop///REMI/STRD/CUR/9901/", "Shop – 9901"),
            ("/CNTP/NL91ABNA0417164300/ABNANL2A///REMI/USTD//Card 1/", "Card 1"),
            ("/EREF/E1//NAME/Shop//REMI/Card 1", "Shop – Card 1"),
            ("/ORDP/Shop/REMI/Card 1", "Shop – Card 1"),
            ("/ORDP//NAME/Shop/REMI/Card 1/CREF/7", "Shop – Card 1"),
            ("166~00TRANSFER~20Card 1~32Shop", "Shop – Card 1"),
            ("?20Card 1?32Shop", "Shop – Card 1"),
            ("<20Card 1<32Sh<33op", "Shop – Card 1"),
            ("+49 30 1234", "+49 30 1234"),
        ],
    )
    def test_names_the_counterparty(self, text: str, description: str) -> None:
        line = LINE.replace("CUST7", "NONREF")

        assert row_of(f"{line}:86:{text}\n").description == description

    def test_is_limited_in_length(self) -> None:
        row = row_of(LINE + ":86:" + "x" * 1_000 + ("\n:86:" + "y" * 1_000) * 20 + "\n")

        assert len(row.raw[":86:"]) == MAX_VALUE

    def test_of_the_statement_belongs_to_no_row(self) -> None:
        parsed = one(LINE, tail=":62F:C260301EUR87,50\n:86:Thank you\n-\n")

        assert parsed.rows[0].description == "CUST7"


class TestHostile:
    def test_rows_are_limited(self) -> None:
        result = Mt940Reader(max_rows=2).read((HEAD + LINE * 3).encode())

        assert result == Failure(StatementTooLarge("A file has at most 2 rows."))

    def test_statements_are_limited(self) -> None:
        content = (":20:\n" * (MAX_STATEMENTS + 1)).encode()

        result = Mt940Reader().read(content, OTHERWISE)

        message = "A file has at most 2,000 statements."
        assert result == Failure(StatementTooLarge(message))

    def test_binary_is_refused(self) -> None:
        result = Mt940Reader().read(b":20:\0R")

        assert isinstance(result, Failure)
        assert isinstance(result.error, UnreadableStatement)

    @given(st.lists(st.sampled_from([LINE, ":61:x\n", LINE + ":86:text\n"])))
    def test_every_line_counts_once(self, parts: list[str]) -> None:
        file = read(HEAD + "".join(parts))

        assert sum(len(s.rows) for s in file.statements) + len(file.quarantined) == len(parts)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda text: "@@" + text.replace("\n", "@@"),
        lambda text: text.replace("\n", "@@\r\n"),
        lambda text: text.replace("\n", "\r\n@@\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: "\x01{1:F01X}{2:I940X}{4:\r\n" + text + "-}\x03",
        lambda text: "{1:F01X}{2:I940X}{4:" + text + "-}",
        lambda text: "{4:" + text + "-}",
        lambda text: text + "\0\x1a\0",
    ],
)
def test_marks_around_the_lines_are_no_part_of_them(wrap: Callable[[str], str]) -> None:
    text = wrap(HEAD + LINE + ":86:166?00TRANSFER?20Lunch?32Coffee\n" + TAIL.removesuffix("-\n"))

    assert Mt940Reader().recognises(text.encode())
    (parsed,) = read(text).statements
    assert [row.description for row in parsed.rows] == ["Coffee – Lunch"]
    assert parsed.reconciliation is Reconciliation.BALANCED


def test_only_its_fields_are_recognised() -> None:
    assert Mt940Reader().recognises(b"NORTHBANK\r\n940\r\n:20:REF\r\n")
    assert not Mt940Reader().recognises(b"<x>\n:20:REF")
    assert not Mt940Reader().recognises(b"time\n12:20:00\n")
