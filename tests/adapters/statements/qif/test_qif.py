"""The QIF reader: what Quicken and its kin write, and what becomes of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.qif import QifReader
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement
from domain.ledger.hints import DateOrder, ReadingHints
from domain.ledger.kinds import AccountKind, BalanceKind, TransactionKind
from domain.ledger.questions import ACCOUNT_ASKED, CURRENCY_ASKED, Asked
from domain.ledger.values import QuarantinedRow, StatementFile, StatementRow
from domain.shared.money import Money
from domain.shared.result import Failure, Success

EUROS = ReadingHints(currency="EUR", account="Household")
COFFEE = "D13/03/2026\nT-12.50\nPCoffee house\nMInvoice 7\nLFood\n^\n"


def read(text: str, hints: ReadingHints = EUROS) -> StatementFile:
    result = QifReader().read(text.encode(), hints)
    assert isinstance(result, Success), result
    return result.value


def rows_of(text: str) -> list[StatementRow]:
    return [row for statement in read(text).statements for row in statement.rows]


def row_of(record: str, section: str = "!Type:Bank") -> StatementRow:
    (row,) = rows_of(f"{section}\n{record}")
    return row


class TestOpeningBalance:
    OPENING = "D01/03/2026\nT500,00\nCX\nPOpening Balance\nL[Checking]\n^\n"

    @pytest.mark.parametrize("section", ["!Type:Bank", "!Type:Cash", "!Type:Oth A"])
    def test_is_no_row(self, section: str) -> None:
        (statement,) = read(f"{section}\n{self.OPENING}{COFFEE.replace('.', ',')}").statements

        (balance,) = statement.balances
        assert [row.description for row in statement.rows] == ["Coffee house – Invoice 7"]
        assert (balance.kind, balance.day) == (BalanceKind.OPENING, date(2026, 3, 1))
        assert balance.money == Money(Decimal("500.00"), "EUR")

    def test_may_be_all_that_an_account_has(self) -> None:
        (statement,) = read(f"!Type:Bank\n{self.OPENING.replace('01/', '13/')}").statements

        assert (statement.rows, len(statement.balances)) == ([], 1)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("Opening Balance", "Opening balance bonus"),
            ("T500,00", "T0,00"),
            ("L[Checking]", "LIncome:Available this month"),
            ("L[Checking]", "L[Savings]"),
        ],
    )
    def test_is_a_transfer_to_itself_that_is_named_so(self, before: str, after: str) -> None:
        head = "!Account\nNChecking\n^\n!Type:Bank\n"
        record = self.OPENING.replace("01/", "13/").replace(before, after)

        assert len(rows_of(head + record)) == 1
        assert rows_of(head + self.OPENING.replace("01/", "13/")) == []

    def test_of_a_card_is_no_charge(self) -> None:
        spent = COFFEE.replace("12.50", "12,50")

        assert len(rows_of(f"!Type:CCard\n{self.OPENING}{spent}")) == 1


class TestRecords:
    def test_are_rows(self) -> None:
        row = row_of(COFFEE)

        assert row.amount == Money(Decimal("-12.50"), "EUR")
        assert (row.booking_date, row.line) == (date(2026, 3, 13), 2)
        assert row.description == "Coffee house – Invoice 7"
        assert row.kind is TransactionKind.DEBIT
        assert row.raw["L"] == "Food"
        assert row.provider_id is None

    def test_may_lack_an_end_mark_at_the_end_of_the_file(self) -> None:
        assert len(rows_of("!Type:Bank\n" + COFFEE + COFFEE.rstrip("^\n"))) == 2

    def test_may_be_empty(self) -> None:
        assert len(rows_of(f"!Type:Bank\n^\n{COFFEE}^\n\n{COFFEE}")) == 2

    def test_end_only_at_an_end_mark(self) -> None:
        row = row_of("D13/03/2026\nT-10.00\nPCoffee\u2028T99.00\n^\n")

        assert row.amount.amount == Decimal("-10.00")
        assert row.description == "Coffee T99.00"

    @pytest.mark.parametrize("end", ["\r\n", "\r"])
    def test_may_have_any_line_ends(self, end: str) -> None:
        assert len(rows_of(("!Type:Bank\n" + COFFEE * 2).replace("\n", end))) == 2

    def test_join_the_parts_of_a_split(self) -> None:
        row = row_of("D13/03/2026\nT-10.00\nL--Split--\nSFood\n$-9.00\nSTips\n$-1.00\n^\n")

        assert row.amount.amount == Decimal("-10.00")
        assert (row.raw["S"], row.raw["$"]) == ("Food\nTips", "-9.00\n-1.00")

    def test_identify_cheques_by_number(self) -> None:
        assert row_of("D13/03/2026\nT-5\nN1042\n^\n").kind is TransactionKind.CHECK
        assert row_of("D13/03/2026\nT5\nNATM\n^\n").kind is TransactionKind.CREDIT

    @pytest.mark.parametrize("number", ["0", "0000", "N/A"])
    def test_have_no_check_by_a_placeholder(self, number: str) -> None:
        row = row_of(f"D13/03/2026\nT-5\nN{number}\n^\n")

        assert (row.kind, row.provider_id) == (TransactionKind.DEBIT, None)

    def test_may_have_thousands_separators(self) -> None:
        assert row_of("D13/03/2026\nT-1,234,567.89\n^\n").amount.amount == Decimal("-1234567.89")

    @pytest.mark.parametrize(
        ("record", "reason"),
        [
            ("T-1.00\n^\n", "no booking date"),
            ("Dsoon\nT-1.00\n^\n", "the date is not a date"),
            ("D13/03/2026\n^\n", "no amount"),
            ("D13/03/2026\nTmuch\n^\n", "the amount is not a number"),
            (f"D13/03/2026\nT1\nM{'x' * 20_000}\n^\n", "a value is longer than 10,000 characters"),
        ],
    )
    def test_that_are_invalid_are_quarantined(self, record: str, reason: str) -> None:
        file = read(f"!Type:Bank\n{COFFEE}{record}")

        assert file.quarantined == [QuarantinedRow(8, reason)]
        assert len(file.statements[0].rows) == 1
        assert not file.statements[0].complete


class TestAccounts:
    def test_have_the_name_in_the_file(self) -> None:
        file = read(
            f"!Option:AutoSwitch\n!Account\nNChecking\nTBank\n^\n!Type:Bank\n{COFFEE}"
            f"!Account\nNCard\nTCCard\n^\n!Type:CCard\n{COFFEE}{COFFEE}"
        )

        parsed = [(s.account.number, s.account.kind, len(s.rows)) for s in file.statements]
        assert parsed == [
            ("Checking", AccountKind.CHECKING, 1),
            ("Card", AccountKind.CREDIT_CARD, 2),
        ]

    def test_have_the_name_in_a_hint_if_the_file_has_none(self) -> None:
        (statement,) = read(f"!Type:Cash\n{COFFEE}").statements

        assert (statement.account.number, statement.account.currency) == ("Household", "EUR")

    def test_lists_of_other_things_are_no_rows(self) -> None:
        lists = (
            "!Type:Cat\nNFood\nDWhat one eats\n^\n!Type:Security\nNACME\n^\n!Type:Class\nNX\n^\n"
        )

        assert len(rows_of(f"{lists}!Type:Bank\n{COFFEE}{lists}")) == 1
        assert read(lists).statements == []

    def test_of_an_unknown_type_are_reported_and_not_skipped(self) -> None:
        # Dates in ignored sections are no evidence for others.
        file = read(f"!Type:Bnk\nD03/13/2026\nT-1.00\n^\nNx\n^\n!Type:Bank\n{COFFEE}")

        assert file.quarantined == [
            QuarantinedRow(2, "the section is of a kind that is not supported")
        ]
        assert [len(each.rows) for each in file.statements] == [1]

    def test_names_are_limited_in_length(self) -> None:
        file = read(f"!Account\nN{'x' * 300}\n^\n!Type:Bank\n{COFFEE}")

        message = "the account's name is longer than 255 characters"
        assert [row.reason for row in file.quarantined] == [message]


class TestUndecided:
    def test_the_currency_must_be_given(self) -> None:
        result = QifReader().read(f"!Type:Bank\n{COFFEE}".encode())

        assert result == Failure(HintNeeded.ask(ACCOUNT_ASKED, CURRENCY_ASKED))

    def test_all_that_is_open_is_asked_at_once(self) -> None:
        text = "!Type:Bank\nD04/03/2026\nT-4.000\nPCoffee\n^\n"

        result = QifReader().read(text.encode())

        assert isinstance(result, Failure)
        assert isinstance(result.error, HintNeeded)
        assert {question.field: question.examples for question in result.error.questions} == {
            Asked.ACCOUNT: (),
            Asked.CURRENCY: (),
            Asked.DATE_ORDER: ["04/03/2026"],
            Asked.DECIMAL_MARK: ["-4.000"],
        }

    @pytest.mark.parametrize(("mark", "amount"), [(".", -4), (",", -4000)])
    def test_a_decimal_mark_that_no_amount_shows_must_be_given(
        self, mark: str, amount: int
    ) -> None:
        text = "!Type:Bank\nD13/03/2026\nT-4.000\n^\n"

        row = read(text, replace(EUROS, decimal_mark=mark)).statements[0].rows[0]

        assert row.amount.amount == Decimal(amount)

    def test_a_hint_does_not_contradict_the_amounts(self) -> None:
        text = "!Type:Bank\nD13/03/2026\nT-4.000\n^\nD13/03/2026\nT-4,00\n^\n"

        first, second = read(text, replace(EUROS, decimal_mark=".")).statements[0].rows

        assert [first.amount.amount, second.amount.amount] == [Decimal(-4000), Decimal(-4)]

    @pytest.mark.parametrize(
        "written", ["26 Jan 2026", "26-JAN-26", "Jan 26, 2026", "2026-01-26", "26. Januar 2026"]
    )
    def test_a_date_that_names_its_month_or_begins_with_its_year_is_certain(
        self, written: str
    ) -> None:
        row = row_of(COFFEE.replace("13/03/2026", written))

        assert row.booking_date == date(2026, 1, 26)

    def test_an_ambiguous_date_order_must_be_given(self) -> None:
        text = "!Type:Bank\n" + COFFEE.replace("13/03", "04/03")

        result = QifReader().read(text.encode(), EUROS)
        hints = ReadingHints(currency="EUR", date_order=DateOrder.MONTH_FIRST)

        assert isinstance(result, Failure)
        assert isinstance(result.error, HintNeeded)
        assert read(text, hints).statements[0].rows[0].booking_date == date(2026, 4, 3)


class TestInvestments:
    def act(self, action: str) -> StatementRow:
        record = f"D13/03/2026\nN{action}\nYACME\nI10.00\nQ5\nT50.00\nO1.00\n^\n"
        return row_of(record, "!Type:Invst")

    def test_a_purchase_costs_cash_and_adds_units(self) -> None:
        row = self.act("Buy")

        assert (row.kind, row.amount.amount) == (TransactionKind.BUY, Decimal(-50))
        assert row.trade
        assert (row.trade.quantity, row.trade.unit_price) == (Decimal(5), Decimal(10))
        assert row.trade.security.name == "ACME"
        assert row.description == "ACME"

    @pytest.mark.parametrize(
        ("action", "kind", "amount", "quantity"),
        [
            ("Sell", TransactionKind.SELL, 50, -5),
            ("SellX", TransactionKind.SELL, 0, -5),
            ("BuyX", TransactionKind.BUY, 0, 5),
            ("CvrShrtX", TransactionKind.BUY, 0, 5),
            ("Exercise", TransactionKind.BUY, -50, 5),
            ("ExercisX", TransactionKind.BUY, 0, 5),
            ("ShrsIn", TransactionKind.TRANSFER, 0, 5),
            ("ShrsOut", TransactionKind.TRANSFER, 0, -5),
            ("ReinvDiv", TransactionKind.REINVESTMENT, 0, 5),
        ],
    )
    def test_other_actions_have_their_effects(
        self, action: str, kind: TransactionKind, amount: int, quantity: int
    ) -> None:
        row = self.act(action)

        assert (row.kind, row.amount.amount) == (kind, Decimal(amount))
        assert row.trade
        assert row.trade.quantity == quantity

    @pytest.mark.parametrize(
        ("action", "kind", "amount"),
        [
            ("Div", TransactionKind.DIVIDEND, 50),
            ("IntInc", TransactionKind.INTEREST, 50),
            ("MiscExp", TransactionKind.FEE, -50),
            ("DivX", TransactionKind.DIVIDEND, 0),
            ("MiscExpX", TransactionKind.FEE, 0),
            ("XIn", TransactionKind.TRANSFER, 50),
            ("XOut", TransactionKind.TRANSFER, -50),
            ("ContribX", TransactionKind.TRANSFER, 50),
            ("WithdrwX", TransactionKind.TRANSFER, -50),
            ("Reminder", TransactionKind.OTHER, 0),
            ("Unheard", TransactionKind.OTHER, 50),
        ],
    )
    def test_cash_alone_moves_no_units(
        self, action: str, kind: TransactionKind, amount: int
    ) -> None:
        row = self.act(action)

        assert (row.kind, row.amount.amount, row.trade) == (kind, Decimal(amount), None)

    @pytest.mark.parametrize(
        ("action", "settled", "amount"),
        [("BuyX", "50.00", 0), ("BuyX", "30.00", -20), ("SellX", "30.00", 20)],
    )
    def test_what_another_account_does_not_settle_is_cash(
        self, action: str, settled: str, amount: int
    ) -> None:
        record = f"D13/03/2026\nN{action}\nYACME\nQ5\nT50.00\nL[Checking]\n${settled}\n^\n"

        assert row_of(record, "!Type:Invst").amount.amount == Decimal(amount)


class TestHostile:
    def test_rows_are_limited(self) -> None:
        result = QifReader(max_rows=2).read(f"!Type:Bank\n{COFFEE * 3}".encode(), EUROS)

        assert result == Failure(StatementTooLarge("A file has at most 2 rows."))

    def test_binary_is_refused(self) -> None:
        result = QifReader().read(b"!Type:Bank\n\0\n", EUROS)

        assert isinstance(result, Failure)
        assert isinstance(result.error, UnreadableStatement)

    @given(st.lists(st.sampled_from([COFFEE, "Dx\n^\n", "D13/03/2026\nTx\n^\n"])))
    def test_every_record_counts_once(self, parts: list[str]) -> None:
        file = read("!Type:Bank\n" + "".join(parts))

        assert sum(len(s.rows) for s in file.statements) + len(file.quarantined) == len(parts)


@pytest.mark.parametrize("before", ["\ufeff", "\ufeff\r\n", "\x1a"])
def test_marks_around_the_text_are_no_part_of_it(before: str) -> None:
    content = f"{before}!Type:Bank\n{COFFEE}\x1a".encode()

    assert QifReader().recognises(content)
    assert isinstance(result := QifReader().read(content, EUROS), Success)
    assert [len(each.rows) for each in result.value.statements] == [1]


def test_only_its_sections_are_recognised() -> None:
    assert QifReader().recognises(b"\r\n!type:bank\r\n")
    assert QifReader().recognises(b"^\n!Type:Security\n")
    assert not QifReader().recognises(b"<OFX>\n!Type:Bank")
    assert not QifReader().recognises(b"Type:Bank")
