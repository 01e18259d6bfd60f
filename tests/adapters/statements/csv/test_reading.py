"""The CSV reader: accounts, balances, states, and quarantined rows."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.csv.reader import CsvReader
from domain.ledger.errors import StatementTooLarge
from domain.ledger.hints import ReadingHints
from domain.ledger.kinds import AccountKind, BalanceKind, TransactionKind
from domain.ledger.values import Reconciliation
from domain.shared.money import Money
from domain.shared.result import Failure
from tests.adapters.statements.csv.reading import (
    EUROS,
    amounts_of,
    read,
    reasons_of,
    refused,
    row_of,
    rows_of,
    statement_of,
)

HEADER = "Date,Amount,Payee,Memo\n"
COFFEE = "2026-03-13,-12.50,Coffee house,Invoice 7\n"


class TestRows:
    def test_have_the_values_of_their_columns(self) -> None:
        row = row_of(HEADER + COFFEE)

        assert (row.line, row.booking_date) == (2, date(2026, 3, 13))
        assert row.amount == Money(Decimal("-12.50"), "EUR")
        assert row.kind is TransactionKind.DEBIT
        assert row.description == "Coffee house – Invoice 7"
        assert (row.provider_id, row.pending) == (None, False)
        assert row.raw == {
            "Date": "2026-03-13",
            "Amount": "-12.50",
            "Payee": "Coffee house",
            "Memo": "Invoice 7",
        }

    def test_without_a_header_are_read_by_column_number(self) -> None:
        row = row_of("2026-03-13,Coffee house,-12.50,D\n2026-03-14,Tea house,-2.50,D\n"[:33])

        assert row.raw == {"1": "2026-03-13", "2": "Coffee house", "3": "-12.50", "4": "D"}

    def test_have_bank_ids_if_there_are_any(self) -> None:
        text = "Transaction ID,Date,Amount\n=0017,2026-03-13,1.50\n,2026-03-14,2.50\n"

        assert [row.provider_id for row in rows_of(text)] == ["=0017", None]

    def test_are_described_by_their_type_if_there_is_no_text(self) -> None:
        row = row_of("Date,Amount,Buchungstext\n2026-03-13,-1.50,Gebühren\n")

        assert (row.kind, row.description) == (TransactionKind.FEE, "Gebühren")

    def test_repeat_no_text(self) -> None:
        assert row_of(f"{HEADER}2026-03-13,1.50,A  b,A b\n").description == "A b"
        assert row_of(f"{HEADER}2026-03-13,1.50,,A b\n").description == "A b"

    def test_distinguish_columns_with_the_same_name(self) -> None:
        row = row_of("Date,Amount,Note,Note,\n2026-03-13,1.50,a,b,c\n")

        assert (row.raw["Note"], row.raw["Note 4"], row.raw["5"]) == ("a", "b", "c")

    def test_may_contain_line_breaks_and_quotes(self) -> None:
        text = f'{HEADER}2026-03-13,1.50,"A ""b""\nc, d",e\n2026-03-14,2.50,f,g\n'

        first, second = rows_of(text)

        assert first.description == 'A "b" c, d – e'
        assert (first.line, second.line) == (2, 4)

    def test_may_have_empty_trailing_values(self) -> None:
        assert amounts_of(HEADER + COFFEE.replace("\n", ",,,\n")) == ["-12.50"]

    @pytest.mark.parametrize(
        ("status", "pending"),
        [
            ("Pending", True),
            ("PENDING", True),
            ("Uncleared", True),
            ("Noch nicht gebucht", True),
            ("En cours de traitement", True),
            ("En proceso", True),
            ("In corso", True),
            ("In behandeling", True),
            ("Oczekująca", True),
            ("Reserverad", True),
            ("Completed", False),
            ("Gebucht", False),
            ("Zaksięgowana", False),
            ("vorgemerkt", True),
            ("En attente", True),
            ("Posted", False),
            ("completed", False),
            ("", False),
        ],
    )
    def test_are_pending_by_their_status(self, status: str, pending: bool) -> None:
        row = row_of(f"Date,Amount,Status\n2026-03-13,1.50,{status}\n")

        assert row.pending is pending

    @pytest.mark.parametrize("status", ["Declined", "FAILED", "reverted", "Cancelled"])
    def test_that_were_cancelled_are_quarantined(self, status: str) -> None:
        text = f"Date,Amount,Status\n2026-03-13,1.50,{status}\n"

        assert reasons_of(text) == {2: "the bank says that it did not come about"}


class TestQuarantine:
    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("Total,-25.00", "the row has 2 values, and others have 4"),
            ("Total", "the row has 1 value, and others have 4"),
            ("2026-03-13,1.50,a,b,c", "the row has 5 values, and others have 4"),
            ("Date,Amount,Payee,Memo", "the header is repeated"),
            (",1.50,a,b", "no booking date"),
            ("Total,1.50,a,b", "the date is not a date"),
            ("2026-03-13,,a,b", "no amount"),
            ("2026-03-13,much,a,b", "the amount is not a number"),
            (f"2026-03-13,1.50,{'x' * 20_000},b", "a value is longer than 10,000 characters"),
        ],
    )
    def test_has_line_and_reason(self, row: str, reason: str) -> None:
        text = f"{HEADER}{COFFEE}{row}\n{COFFEE}{COFFEE}"

        assert reasons_of(text) == {3: reason}
        assert len(rows_of(text)) == 3
        assert not statement_of(text).complete

    def test_includes_names_that_are_too_long(self) -> None:
        text = f"Account,Date,Amount,ID\nA,2026-03-13,1.50,{'x' * 256}\n"

        assert reasons_of(text) == {2: "the bank's id is longer than 255 characters"}
        text = f"Account,Date,Amount,ID\n{'x' * 256},2026-03-13,1.50,A\n"
        assert reasons_of(text) == {2: "the account's name is longer than 255 characters"}

    def test_ignores_only_blank_lines(self) -> None:
        text = f"\n\n{HEADER}\n{COFFEE}\n,,,\n{COFFEE}\n\n"

        assert [row.line for row in rows_of(text)] == [5, 8]
        assert reasons_of(text) == {}

    def test_separates_rows_that_a_stray_quote_joins(self) -> None:
        text = (
            f'{HEADER}{COFFEE}2026-03-14,1.50,"Inn,b\n2026-03-15,2.50,c,d\n'
            f'2026-03-16,3.50,Inn",f\n{COFFEE}'
        )

        file = read(text)

        assert [row.line for row in file.statements[0].rows] == [2, 3, 4, 5, 6]
        assert file.statements[0].rows[1].description == '"Inn – b'

    @given(
        st.lists(
            st.sampled_from(
                [
                    COFFEE,
                    "Total,1.00\n",
                    "x,y,z,a\n",
                    HEADER,
                    '2026-03-13,1.50,"a\nb",c\n',
                    "2026-03-13,,,\n",
                    "2026-03-13,1.50,a,b,c\n",
                ]
            )
        )
    )
    def test_every_row_counts_once(self, parts: list[str]) -> None:
        file = read(HEADER + COFFEE * 20 + "".join(parts))

        accepted = sum(len(statement.rows) for statement in file.statements)
        assert accepted + len(file.quarantined) == 20 + len(parts)

    @given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)))
    def test_any_quoted_text_survives(self, texts: list[str]) -> None:
        quoted = "".join(f'2026-03-13,1.50,"{t.replace(chr(34), chr(34) * 2)}",m\n' for t in texts)

        rows = rows_of(HEADER + quoted)

        assert [row.raw.get("Payee", "") for row in rows] == [text.strip() for text in texts]


class TestAuthorizations:
    HEAD = "Date,Name,Type,Status,Currency,Net,Transaction ID\n"

    @pytest.mark.parametrize("status", ["Pending", "Completed", ""])
    @pytest.mark.parametrize("kind", ["General Authorization", "Authorization Hold"])
    def test_are_pending_whatever_their_status_is(self, kind: str, status: str) -> None:
        assert row_of(f"{self.HEAD}2026-03-13,Shop,{kind},{status},EUR,-20.00,A1\n").pending

    def test_are_not_payments(self) -> None:
        row = row_of(f"{self.HEAD}2026-03-13,Shop,Website Payment,Completed,EUR,-20.00,A1\n")

        assert not row.pending


class TestAccounts:
    ROWS = "Account,Date,Amount\nA,2026-03-13,1.50\nB,2026-03-13,2.50\nA,2026-03-14,3.50\n"

    def test_are_read_from_rows(self) -> None:
        first, second = read(self.ROWS).statements

        assert (first.account.number, len(first.rows)) == ("A", 2)
        assert (second.account.number, len(second.rows)) == ("B", 1)
        assert first.account.kind is AccountKind.OTHER

    def test_are_incomplete_if_one_of_their_rows_is_quarantined(self) -> None:
        first, second = read(self.ROWS + "B,2026-03-14,x\n").statements

        assert (first.complete, second.complete) == (True, False)
        assert not any(each.complete for each in read(self.ROWS + ",x,y\n").statements)

    def test_have_a_statement_for_each_currency(self) -> None:
        text = "Date,Amount,Currency\n2026-03-13,1.50,EUR\n2026-03-13,1.50,USD\n"

        assert [each.account.currency for each in read(text).statements] == ["EUR", "USD"]

    def test_use_a_hint_if_the_file_has_no_name(self) -> None:
        assert statement_of(HEADER + COFFEE).account.number == "Household"
        assert statement_of(HEADER + COFFEE, ReadingHints(currency="EUR")).account.number == ""

    @pytest.mark.parametrize(
        ("above", "number"),
        [
            ("IBAN;DE02 1203 0000 0000 2020 51", "DE02120300000000202051"),
            ("IBAN: DE02120300000000202051", "DE02120300000000202051"),
            ("Account Number:;1234 5678", "1234 5678"),
            ("Kontonummer;12345678", "12345678"),
            ("Konto;Girokonto", "Household"),
            ("From;2026-03-01", "Household"),
        ],
    )
    def test_may_be_named_above_the_header(self, above: str, number: str) -> None:
        text = f"{above}\n\nDate;Amount;Payee\n2026-03-13;1.50;A\n"

        assert statement_of(text).account.number == number

    def test_of_counterparties_are_ignored(self) -> None:
        text = "Date;Amount;Kontonummer\n2026-03-13;1.50;DE02120300000000202051\n"

        assert statement_of(text).account.number == "Household"


class TestBalances:
    UP = [("13", "-1.50", "98.50"), ("14", "-2.50", "96.00"), ("14", "10.00", "106.00")]

    def stated(self, rows: list[tuple[str, str, str]]) -> dict[BalanceKind, tuple[str, int]]:
        lines = "".join(f"2026-03-{day},{amount},{balance}\n" for day, amount, balance in rows)
        statement = statement_of("Date,Amount,Balance\n" + lines)
        return {each.kind: (each.money.digits, each.day.day) for each in statement.balances}

    def test_that_run_through_all_rows_reconcile_them(self) -> None:
        both = {BalanceKind.OPENING: ("100.00", 13), BalanceKind.BOOKED: ("106.00", 14)}

        assert self.stated(self.UP) == both
        assert self.stated(self.UP[::-1]) == both

    def test_of_which_one_is_wrong_show_that_the_statement_does_not_add_up(self) -> None:
        broken = [*self.UP[:2], ("15", "10.00", "107.00")]

        assert self.stated(broken) == {
            BalanceKind.OPENING: ("100.00", 13),
            BalanceKind.BOOKED: ("107.00", 15),
        }

    def test_that_do_not_run_show_that_the_statement_does_not_add_up(self) -> None:
        broken = [("13", "-1.50", "50.00"), ("14", "1.00", "7.00"), ("15", "10.00", "107.00")]

        both = {BalanceKind.OPENING: ("51.50", 13), BalanceKind.BOOKED: ("107.00", 15)}
        assert self.stated(broken) == both
        assert self.stated(broken[::-1]) == both

    def test_need_no_order_of_their_rows(self) -> None:
        mixed = [self.UP[2], self.UP[0], self.UP[1]]

        assert self.stated(mixed) == {
            BalanceKind.OPENING: ("100.00", 13),
            BalanceKind.BOOKED: ("106.00", 14),
        }

    def test_of_days_beside_each_of_their_rows_reconcile_them(self) -> None:
        of_days = [("13", "-1.00", "97.00"), ("13", "-2.00", "97.00"), ("14", "-4.00", "93.00")]

        assert self.stated(of_days) == {
            BalanceKind.OPENING: ("100.00", 13),
            BalanceKind.BOOKED: ("93.00", 14),
        }

    def test_that_run_in_both_orders_follow_the_dates(self) -> None:
        both = [("13", "-5.00", "95.00"), ("14", "5.00", "100.00")]

        assert self.stated(both)[BalanceKind.BOOKED] == ("100.00", 14)
        assert self.stated(both[::-1])[BalanceKind.BOOKED] == ("100.00", 14)
        assert self.stated([("13", "-5.00", "95.00"), ("13", "5.00", "100.00")]) == {}

    def test_of_a_single_row_has_one_before_it(self) -> None:
        assert self.stated(self.UP[:1]) == {
            BalanceKind.OPENING: ("100.00", 13),
            BalanceKind.BOOKED: ("98.50", 13),
        }

    def test_that_are_missing_or_invalid_prove_nothing(self) -> None:
        assert self.stated([*self.UP[1:], ("13", "10.00", "")]) == {}
        assert self.stated([*self.UP[1:], ("13", "10.00", "x")]) == {}
        assert self.stated([(day, amount, "") for day, amount, _ in self.UP]) == {}

    def test_exclude_pending_rows(self) -> None:
        text = (
            "Date,Amount,Balance,Status\n2026-03-15,-7.00,,Pending\n"
            "2026-03-14,-2.50,96.00,Posted\n2026-03-13,-1.50,98.50,Posted\n"
        )

        statement = statement_of(text)

        assert statement.reconciliation is Reconciliation.BALANCED
        assert len(statement.rows) == 3

    def test_reconcile_each_account_separately(self) -> None:
        text = "Account,Date,Amount,Balance\n" + "".join(
            f"{account},2026-03-{day},{amount},{balance}\n"
            for day, amount, balance in self.UP
            for account in "AB"
        )

        assert [each.reconciliation for each in read(text).statements] == [
            Reconciliation.BALANCED,
            Reconciliation.BALANCED,
        ]

    @given(st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=30), st.booleans())
    def test_reconcile_any_rows(self, cents: list[int], down: bool) -> None:
        total, lines = 5000, []
        for number, each in enumerate(cents):
            total += each
            month, day = divmod(number, 28)
            lines.append(f"2026-{month + 1:02}-{day + 1:02},{each / 100:.2f},{total / 100:.2f}\n")

        text = "Date,Amount,Balance\n" + "".join(lines[::-1] if down else lines)

        statement = statement_of(text)
        assert statement.reconciliation is Reconciliation.BALANCED
        opening = statement.balance(BalanceKind.OPENING)
        assert opening
        assert opening.money.amount == 50


class TestFiles:
    def test_with_only_a_header_have_no_rows(self) -> None:
        assert read(HEADER).statements == []
        assert reasons_of(HEADER * 2) == {2: "the header is repeated"}

    def test_are_limited_in_size(self) -> None:
        result = CsvReader(max_rows=2).read((HEADER + COFFEE * 3).encode(), EUROS)

        assert result == Failure(StatementTooLarge("A file has at most 2 rows."))
        assert len(read(HEADER + COFFEE * 2).statements[0].rows) == 2

    @pytest.mark.parametrize("text", ["", "hello", "hello\nthere\n", "\n\n"])
    def test_without_columns_are_refused(self, text: str) -> None:
        assert refused(text) == "The file has no columns."

    def test_that_are_binary_are_refused(self) -> None:
        assert refused(HEADER + "2026-03-13,\0,A\n") == "The file is binary: it contains NUL bytes."

    def test_ignore_unneeded_hints(self) -> None:
        text = "Date,Amount,Currency\n2026-03-13,1.50,EUR\n"

        assert read(text.replace("1.50", "-1.50"), ReadingHints()) == read(
            text.replace("1.50", "-1.50"), replace(EUROS, account="")
        )


class TestLedgersOfSeveralBanks:
    """What a user with many files must be able to rely on."""

    def test_the_same_row_is_equal_in_either_order_of_a_file(self) -> None:
        lines = [f"2026-03-{day:02},-{day}.50,Shop {day},m\n" for day in range(1, 29)]

        down, up = rows_of(HEADER + "".join(lines)), rows_of(HEADER + "".join(lines[::-1]))

        assert [replace(row, line=0) for row in down] == [replace(row, line=0) for row in up[::-1]]

    def test_zero_is_zero_in_every_notation(self) -> None:
        amounts = {
            str(row.amount.amount)
            for written in ("0", "0.00", "-0.00", "(0.00)", "0.0-")
            for row in rows_of(f"{HEADER}2026-03-13,{written},a,b\n2026-03-13,1.50,a,b\n")[:1]
        }

        assert amounts == {"0"}

    def test_types_that_rarely_look_like_directions_change_no_sign(self) -> None:
        text = "Date,Type,Amount\n2026-03-13,Deposit,5.00\n2026-03-14,Fee,-1.00\n"

        assert amounts_of(text) == ["5.00", "-1.00"]
        assert [row.kind for row in rows_of(text)] == [
            TransactionKind.DEPOSIT,
            TransactionKind.FEE,
        ]

    def test_an_unsigned_amount_needs_a_direction_in_every_row(self) -> None:
        text = "Date,Type,Amount\n2026-03-13,Debit,5.00\n2026-03-14,Fee,1.00\n"

        assert amounts_of(text) == ["-5.00"]
        assert reasons_of(text) == {3: "the direction is neither debit nor credit"}
