"""Exports of other programs: one file has the accounts of many banks."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.statements.csv.sides import NOT_OWN
from domain.ledger.hints import NO_HINTS, CsvColumn, CsvProfile, DateOrder, ReadingHints
from domain.ledger.kinds import BalanceKind, TransactionKind
from domain.ledger.values import StatementFile, StatementRow
from tests.adapters.statements.csv.reading import asked, read
from tests.programs import (
    CHECKING,
    CORRECTION,
    DOLLARS,
    EMPLOYER,
    INITIAL,
    JANUARY,
    LOAN,
    MARKET,
    MINT,
    SAVINGS,
    YNAB,
    YNAB_HEADER,
    firefly,
    journal,
)

DOLLAR = ReadingHints(currency="USD")
BOOKED = BalanceKind.BOOKED
TRANSFER = TransactionKind.TRANSFER


def rows_of(file: StatementFile) -> dict[str, list[StatementRow]]:
    """Return the rows of the accounts, by their names."""
    found: dict[str, list[StatementRow]] = {}
    for statement in file.statements:
        found.setdefault(statement.account.number, []).extend(statement.rows)
    return found


def shown(file: StatementFile) -> dict[str, list[str]]:
    return {name: [str(row.amount) for row in rows] for name, rows in rows_of(file).items()}


def balances_of(file: StatementFile) -> list[tuple[str, BalanceKind, str, str]]:
    return [
        (statement.account.number, each.kind, str(each.money), each.day.isoformat())
        for statement in file.statements
        for each in statement.balances
    ]


def by_id(file: StatementFile, number: int) -> dict[str, StatementRow]:
    """Return the rows with an id, by the names of their accounts."""
    return {
        statement.account.number: row
        for statement in file.statements
        for row in statement.rows
        if row.provider_id == str(number)
    }


class TestFirefly:
    def test_has_a_statement_for_each_own_account(self) -> None:
        file = read(firefly(*JANUARY), NO_HINTS)

        assert shown(file) == {
            "Checking": ["-12.50 EUR", "2000.00 EUR", "-300.00 EUR"],
            "Savings": ["300.00 EUR"],
        }
        assert not file.quarantined
        assert {each.account.layout for each in file.statements} == {"csv Firefly III"}

    def test_takes_along_what_rows_are_for(self) -> None:
        file = read(firefly(*JANUARY), NO_HINTS)

        bought, paid = by_id(file, 2)["Checking"], by_id(file, 3)["Checking"]
        assert (bought.payee, bought.memo) == ("Market", "with bread")
        assert (bought.category, bought.tags) == ("Groceries", ("city-trip", "food"))
        assert (paid.payee, paid.category, paid.tags) == ("Employer", "Salary", ())
        assert (bought.kind, paid.kind) == (TransactionKind.DEBIT, TransactionKind.CREDIT)

    def test_has_both_sides_of_a_transfer(self) -> None:
        sides = by_id(read(firefly(*JANUARY), NO_HINTS), 4)

        assert {name: (row.counterparty_account, row.payee) for name, row in sides.items()} == {
            "Checking": ("Savings", ""),
            "Savings": ("Checking", ""),
        }
        assert {row.kind for row in sides.values()} == {TRANSFER}
        assert {row.tags for row in sides.values()} == {("saving",)}

    def test_says_what_an_account_began_with(self) -> None:
        file = read(firefly(*JANUARY), NO_HINTS)

        assert balances_of(file) == [("Checking", BOOKED, "1000.00 EUR", "2023-12-31")]

    def test_an_account_may_have_an_opening_alone(self) -> None:
        travel = journal(9, "Opening balance", "50.00", INITIAL, DOLLARS, currency="USD", day=2)

        file = read(firefly(*JANUARY, travel), NO_HINTS)

        assert ("Travel", BOOKED, "50.00 USD", "2024-01-01") in balances_of(file)
        assert not file.quarantined

    def test_what_happened_before_the_opening_counts(self) -> None:
        later = JANUARY[0].replace("2024-01-01", "2024-01-06")

        file = read(firefly(later, *JANUARY[1:]), NO_HINTS)

        assert balances_of(file) == [("Checking", BOOKED, "987.50 EUR", "2024-01-05")]

    def test_an_opening_that_nothing_can_be_added_to_stays_as_it_is(self) -> None:
        most = "9" * 18
        rows = [
            journal(1, "Opening balance", most, INITIAL, CHECKING, day=6),
            journal(2, "Deposit", most, EMPLOYER, CHECKING, day=5),
        ]

        file = read(firefly(*rows), NO_HINTS)

        opening = [("Checking", BalanceKind.OPENING, f"{most}.00 EUR", "2024-01-06")]
        assert balances_of(file) == opening

    @pytest.mark.parametrize("release", ["6.1", "6.2"])
    @pytest.mark.parametrize("sign", ["", "-"])
    def test_the_sides_say_which_way_money_goes_and_no_sign_does(
        self, sign: str, release: str
    ) -> None:
        rows = [
            journal(1, "Withdrawal", f"{sign}1.00", CHECKING, MARKET, release=release),
            journal(2, "Deposit", f"{sign}2.00", EMPLOYER, CHECKING, release=release),
            journal(3, "Transfer", f"{sign}3.00", SAVINGS, CHECKING, release=release),
            journal(4, "Reconciliation", f"{sign}4.00", CORRECTION, CHECKING, release=release),
            journal(5, "Reconciliation", f"{sign}5.00", CHECKING, CORRECTION, release=release),
            journal(6, "Withdrawal", f"{sign}6.00", CHECKING, LOAN, release=release),
        ]

        assert shown(read(firefly(*rows, release=release), NO_HINTS)) == {
            "Checking": ["-1.00 EUR", "2.00 EUR", "3.00 EUR", "4.00 EUR", "-5.00 EUR", "-6.00 EUR"],
            "Savings": ["-3.00 EUR"],
            "Car loan": ["6.00 EUR"],
        }

    def test_another_amount_reaches_an_account_of_another_currency(self) -> None:
        rows = [
            journal(1, "Transfer", "100.00", CHECKING, DOLLARS, foreign=("108.50", "USD")),
            journal(2, "Withdrawal", "-8.00", DOLLARS, MARKET, currency="USD"),
            # It was paid in another currency, which no own account has.
            journal(3, "Withdrawal", "-7.00", CHECKING, MARKET, foreign=("-8.00", "USD")),
        ]

        assert shown(read(firefly(*rows), NO_HINTS)) == {
            "Checking": ["-100.00 EUR", "-7.00 EUR"],
            "Travel": ["108.50 USD", "-8.00 USD"],
        }

    def test_an_amount_for_information_reaches_no_account(self) -> None:
        rows = [
            journal(1, "Transfer", "100.00", CHECKING, SAVINGS, foreign=("108.50", "USD")),
            journal(2, "Deposit", "1.00", EMPLOYER, SAVINGS),
        ]

        assert shown(read(firefly(*rows), NO_HINTS))["Savings"] == ["100.00 EUR", "1.00 EUR"]

    def test_the_journals_of_a_group_stay_rows(self) -> None:
        rows = [
            journal(5, "Withdrawal", "-7.00", CHECKING, MARKET, category="Food", group=5),
            journal(6, "Withdrawal", "-3.00", CHECKING, MARKET, category="Gifts", group=5),
        ]

        (statement,) = read(firefly(*rows), NO_HINTS).statements

        assert [(row.provider_id, row.category) for row in statement.rows] == [
            ("5", "Food"),
            ("6", "Gifts"),
        ]

    def test_a_row_between_strangers_is_quarantined(self) -> None:
        file = read(firefly(*JANUARY, journal(9, "Deposit", "1.00", EMPLOYER, MARKET)), NO_HINTS)

        assert [(each.line, each.reason) for each in file.quarantined] == [(6, NOT_OWN)]


class TestYnab:
    def test_has_a_statement_for_each_account(self) -> None:
        file = read(YNAB, DOLLAR)

        assert shown(file) == {
            "Checking": ["-85.42 USD", "3500.00 USD", "-500.00 USD", "-6.75 USD", "-3.25 USD"],
            "Savings": ["500.00 USD"],
            "Brokerage": [],
        }
        assert not file.quarantined
        assert balances_of(file) == [
            ("Checking", BOOKED, "1500.00 USD", "2025-12-31"),
            ("Brokerage", BOOKED, "483.25 USD", "2026-01-01"),
        ]

    def test_has_categories_on_two_levels(self) -> None:
        rows = rows_of(read(YNAB, DOLLAR))

        assert [row.category for row in rows["Checking"]] == [
            "Food:Groceries",
            "Inflow:Ready to Assign",
            "",
            "Food:Groceries",
            "Home:Things",
        ]

    def test_names_the_other_account_of_a_transfer(self) -> None:
        rows = rows_of(read(YNAB, DOLLAR))

        sides = rows["Checking"][2], rows["Savings"][0]
        assert [row.counterparty_account for row in sides] == ["Savings", "Checking"]
        assert {row.kind for row in sides} == {TRANSFER}

    def test_has_older_registers_with_whole_categories(self) -> None:
        text = (
            "Account,Flag,Check Number,Date,Payee,Category,Master Category,Sub Category,Memo"
            ",Outflow,Inflow,Cleared,Running Balance\n"
            "Cash,,,2015/03/14,Cafe,Food: Dining,Food,Dining,,4.50,0.00,C,95.50\n"
        )

        (row,) = rows_of(read(text, DOLLAR))["Cash"]

        assert (row.category, str(row.amount)) == ("Food: Dining", "-4.50 USD")

    def test_asks_for_its_currency_and_the_order_of_its_dates(self) -> None:
        row = '"Cash","","03/04/2026","Kiosk","Food: Sweets","Food","Sweets","",$1.00,$0.00,"C"'

        assert [question.field for question in asked(YNAB_HEADER + row, NO_HINTS)] == [
            "date_order",
            "currency",
        ]

    def test_writes_amounts_and_days_as_its_user_does(self) -> None:
        row = "Cash\t\t25.08.2026\tBäcker\tAlltag: Essen\tAlltag\tEssen\t\t84,23€\t0,00€\tCleared"
        header = YNAB_HEADER.replace('"', "").replace(",", "\t")

        assert shown(read(header + row, NO_HINTS)) == {"Cash": ["-84.23 EUR"]}


class TestMint:
    def test_has_a_statement_for_each_account(self) -> None:
        file = read(MINT, DOLLAR)

        assert shown(file) == {
            "Gold Card": ["-5.75 USD", "-42.18 USD"],
            "Checking": ["2500.00 USD", "-100.00 USD"],
            "Savings": ["100.00 USD"],
        }

    def test_has_categories_labels_and_notes(self) -> None:
        card, checking, _ = read(MINT, DOLLAR).statements

        assert [(row.category, row.tags) for row in card.rows] == [
            ("Coffee Shops", ()),
            ("Groceries", ("food", "healthy")),
        ]
        assert [row.memo for row in checking.rows] == ["bonus", ""]

    def test_asks_for_its_currency_alone(self) -> None:
        assert [question.field for question in asked(MINT, NO_HINTS)] == ["currency"]


class TestAProfile:
    TEXT = "When,From,To,Sum,For,Group,Marks\n2026-03-04,Purse,Jar,5.00,Coins,Aside,a b;C\n"

    def profile(self, **columns: int) -> CsvProfile:
        own = {"booking_date": 0, "account": 1, "destination": 2, "amount": 3}
        return CsvProfile(
            header=self.TEXT.split("\n")[0].split(","),
            date_order=DateOrder.YEAR_FIRST,
            columns={CsvColumn(name): at for name, at in {**own, **columns}.items()},
        )

    def test_of_a_user_has_two_sides_too(self) -> None:
        profile = self.profile(category=4, category_group=5, tags=6)

        file = read(self.TEXT, ReadingHints(currency="EUR", csv_profile=profile))

        # Without a column of kinds, both accounts are own ones.
        assert shown(file) == {"Purse": ["-5.00 EUR"], "Jar": ["5.00 EUR"]}
        rows = [row for statement in file.statements for row in statement.rows]
        assert {(row.category, row.tags) for row in rows} == {("Aside:Coins", ("a-b", "c"))}
        assert {row.amount.amount for row in rows} == {Decimal("5.00"), Decimal("-5.00")}

    def test_is_found_by_its_header(self) -> None:
        hints: dict[str, Any] = {"currency": "EUR", "csv_profiles": [self.profile()]}

        assert list(shown(read(self.TEXT, ReadingHints(**hints)))) == ["Purse", "Jar"]
