"""Beancount itself accepts the file as a ledger and computes its sums."""

import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import data
from hypothesis import given, settings

from adapters.exports.account_names import AccountNames, category_name, component
from adapters.exports.beancount import (
    EXCHANGE,
    FEES,
    OPENING,
    TRANSFER,
    BeancountWriter,
)
from domain.ledger.exports import AccountLedger, ExportedLeg, Ledger
from domain.ledger.kinds import AccountKind
from domain.ledger.ports import LedgerWriter
from tests.adapters.exports.ledgers import (
    CONNECTION,
    FIRST,
    NASTY,
    ledgers,
    make_account_ledger,
    make_balance,
    make_exported_transaction,
    pending,
    written,
)
from tests.contracts.exports import LedgerWriterContract
from tests.factories import make_account

NAME = "Assets:Northbank-checking-0300"


class TestBeancount(LedgerWriterContract):
    @pytest.fixture
    def writer(self) -> LedgerWriter:
        return BeancountWriter()


def load(text: str) -> list[Any]:
    """Return the directives, after beancount has found nothing wrong with them."""
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    return list(entries)


def of(kind: Any, text: str) -> list[Any]:
    return [entry for entry in load(text) if isinstance(entry, kind)]


def sums(entries: list[Any]) -> dict[tuple[str, str], Decimal]:
    """Add up what the directives move on each account, but for how it began."""
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in entries:
        if isinstance(entry, data.Transaction) and "id" in entry.meta:
            own = entry.postings[0]
            totals[own.account, own.units.currency] += own.units.number
    return dict(totals)


class TestTransactions:
    def test_have_every_detail(self) -> None:
        transaction = make_exported_transaction(
            value_date=date(2026, 3, 2), note="a\nb", category="Food:Out"
        )

        (entry,) = of(
            data.Transaction, written(BeancountWriter(), make_account_ledger(transaction))
        )

        assert (entry.date, entry.flag, entry.narration) == (FIRST, "*", "Coffee house")
        assert {
            (each.account, each.units.number, each.units.currency) for each in entry.postings
        } == {(NAME, Decimal("-12.50"), "EUR"), ("Expenses:Food:Out", Decimal("12.50"), "EUR")}
        metadata = {
            key: entry.meta[key] for key in ("id", "kind", "note", "category", "provider-id")
        }
        assert metadata == {
            "id": str(transaction.id),
            "kind": "debit",
            "note": "a\nb",
            "category": "Food:Out",
            "provider-id": "F1",
        }
        assert entry.meta["value-date"] == date(2026, 3, 2)

    def test_have_a_flag_while_pending(self) -> None:
        text = written(
            BeancountWriter(), make_account_ledger(make_exported_transaction(), pending("-1", 2))
        )

        assert [entry.flag for entry in of(data.Transaction, text)] == ["*", "!"]

    def test_without_a_category_are_still_balanced(self) -> None:
        account_ledger = make_account_ledger(
            make_exported_transaction("5"),
            make_exported_transaction("-5"),
            make_exported_transaction("0"),
        )

        others = [
            entry.postings[1].account
            for entry in of(data.Transaction, written(BeancountWriter(), account_ledger))
        ]

        assert sorted(others) == [
            "Expenses:Uncategorized",
            "Expenses:Uncategorized",
            "Income:Uncategorized",
        ]

    @pytest.mark.parametrize("text", NASTY)
    def test_preserve_their_texts(self, text: str) -> None:
        account_ledger = make_account_ledger(make_exported_transaction(description=text, note=text))

        (entry,) = of(data.Transaction, written(BeancountWriter(), account_ledger))

        expected = text.replace("\x01", "").replace("\x1b", "")
        assert entry.narration == expected
        assert entry.meta.get("note", "") == expected


class TestBalances:
    def _days(self, text: str) -> list[tuple[date, str]]:
        return [(entry.date, str(entry.amount.number)) for entry in of(data.Balance, text)]

    def test_are_asserted_on_the_next_day(self) -> None:
        account_ledger = make_account_ledger(
            make_exported_transaction("-10", 1),
            make_exported_transaction("-20", 3),
            balances=[make_balance("90", 1), make_balance("70", 3)],
        )

        text = written(BeancountWriter(), account_ledger)

        assert self._days(text) == [(date(2026, 3, 2), "90.00"), (date(2026, 3, 4), "70.00")]
        opening = next(each for each in of(data.Transaction, text) if "id" not in each.meta)
        assert opening.date == FIRST
        assert [(each.account, each.units.number) for each in opening.postings] == [
            (NAME, Decimal(100)),
            (OPENING, Decimal(-100)),
        ]

    def test_that_do_not_match_are_omitted(self) -> None:
        account_ledger = make_account_ledger(
            make_exported_transaction("-10", 2),
            balances=[make_balance("90", 2), make_balance("91", 5)],
        )

        assert self._days(written(BeancountWriter(), account_ledger)) == [
            (date(2026, 3, 3), "90.00")
        ]

    def test_that_include_pending_transactions_are_omitted(self) -> None:
        account_ledger = make_account_ledger(
            make_exported_transaction("-10", 1),
            pending("-5", 2),
            balances=[make_balance("90", 1), make_balance("90", 3)],
        )

        assert self._days(written(BeancountWriter(), account_ledger)) == [
            (date(2026, 3, 2), "90.00")
        ]

    def test_before_the_first_and_after_the_last_transaction(self) -> None:
        account_ledger = make_account_ledger(
            make_exported_transaction("-10", 5),
            balances=[make_balance("50", 1), make_balance("40", 9)],
        )

        assert len(self._days(written(BeancountWriter(), account_ledger))) == 2

    def test_on_the_last_possible_date_are_omitted(self) -> None:
        stated = make_balance("50", 1)
        last = type(stated)(kind=stated.kind, money=stated.money, day=date.max)

        assert self._days(written(BeancountWriter(), make_account_ledger(balances=[last]))) == []

    def test_of_zero_need_no_opening(self) -> None:
        account_ledger = make_account_ledger(
            make_exported_transaction("-10", 1), balances=[make_balance("-10", 1)]
        )

        text = written(BeancountWriter(), account_ledger)

        assert len(of(data.Transaction, text)) == 1
        assert len(self._days(text)) == 1


class TestTransfers:
    def _account_ledgers(self) -> list[AccountLedger]:
        """Return two accounts; what leaves one on a Friday comes to the other on the Monday."""
        out, incoming = (
            make_exported_transaction("-50", 6, category="Rent"),
            make_exported_transaction("50", 9),
        )
        spent = make_exported_transaction("-1", 7)
        checking = make_account_ledger(
            *(out, spent), balances=[make_balance("100", 5), make_balance("49", 7)]
        )
        savings = make_account_ledger(
            incoming, balances=[make_balance("0", 7), make_balance("50", 9)], number="7"
        )
        return [
            replace(checking, transfers=[ExportedLeg(out.id)]),
            replace(savings, transfers=[ExportedLeg(incoming.id)]),
        ]

    def _others(self, entries: list[Any]) -> list[tuple[int, str, Decimal]]:
        return [
            (entry.date.day, entry.postings[1].account, entry.postings[1].units.number)
            for entry in entries
            if isinstance(entry, data.Transaction) and "id" in entry.meta
        ]

    def test_use_a_clearing_account_on_the_date_of_each_transaction(self) -> None:
        entries = load(written(BeancountWriter(), *self._account_ledgers()))

        others = self._others(entries)
        assert others == [
            (6, TRANSFER, Decimal(50)),
            (7, "Expenses:Uncategorized", Decimal(1)),
            (9, TRANSFER, Decimal(-50)),
        ]
        assert len([each for each in entries if isinstance(each, data.Balance)]) == 4
        assert sum(amount for _, name, amount in others if name == TRANSFER) == 0

    def test_with_a_fee_leave_nothing_on_the_way(self) -> None:
        out, incoming = make_exported_transaction("-50", 6), make_exported_transaction("48.75", 9)
        fee = Decimal("1.25")
        checking = replace(make_account_ledger(out), transfers=[ExportedLeg(out.id, fee)])
        savings = make_account_ledger(incoming, number="7")

        entries = load(
            written(
                BeancountWriter(), checking, replace(savings, transfers=[ExportedLeg(incoming.id)])
            )
        )

        postings = [
            (posting.account, posting.units.number)
            for entry in entries
            if isinstance(entry, data.Transaction)
            for posting in entry.postings[1:]
        ]
        assert postings == [
            (TRANSFER, Decimal("48.75")),
            (FEES, Decimal("1.25")),
            (TRANSFER, Decimal("-48.75")),
        ]

    def test_of_two_currencies_are_an_exchange(self) -> None:
        out = make_exported_transaction("-92.10", 6)
        incoming = make_exported_transaction("100", 9, currency="USD")
        accounts = [
            replace(ledger, transfers=[ExportedLeg(each.id, is_exchange=True)])
            for each, ledger in (
                (out, make_account_ledger(out)),
                (incoming, make_account_ledger(incoming, number="7", currency="USD")),
            )
        ]

        assert self._others(load(written(BeancountWriter(), *accounts))) == [
            (6, EXCHANGE, Decimal("92.10")),
            (9, EXCHANGE, Decimal(-100)),
        ]

    def test_in_an_export_of_one_account_have_one_half(self) -> None:
        (_, savings) = self._account_ledgers()

        assert self._others(load(written(BeancountWriter(), savings))) == [
            (9, TRANSFER, Decimal(-50))
        ]

    def test_open_no_clearing_account_if_there_are_none(self) -> None:
        assert TRANSFER not in written(
            BeancountWriter(), make_account_ledger(make_exported_transaction())
        )


class TestNames:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("DE12 3456", "DE12-3456"),
            ("northbank", "Northbank"),
            ("Müller & Söhne", "Müller-Söhne"),
            ("--x--", "X"),
            ("ßen", "Xßen"),
            ("日本", "X日本"),
            ("²", ""),
            ("***", ""),
        ],
    )
    def test_are_valid_in_beancount(self, text: str, name: str) -> None:
        assert component(text) == name

    def test_are_unique_per_account(self) -> None:
        names = AccountNames()
        accounts = [make_account(CONNECTION, name=name) for name in ("1-2", "1 2", "1.2", "1-2-2")]

        assigned_names = [names.assign(account) for account in accounts]

        assert [name for name, _ in assigned_names] == [
            "Assets:1-2",
            "Assets:1-2-2",
            "Assets:1-2-3",
            "Assets:1-2-2-2",
        ]
        assert names.assign(accounts[1]) == ("Assets:1-2-2", False)

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("Every day", "Assets:Every-day"),
            ("Home: cash", "Assets:Home:Cash"),
            ("…", "Assets:Unnamed"),
        ],
    )
    def test_are_those_of_their_owner(self, name: str, expected: str) -> None:
        assert AccountNames().assign(make_account(CONNECTION, name=name)) == (expected, True)

    @pytest.mark.parametrize(
        ("kind", "root"),
        [
            (AccountKind.CREDIT_CARD, "Liabilities"),
            (AccountKind.CREDIT_LINE, "Liabilities"),
            (AccountKind.SAVINGS, "Assets"),
            (AccountKind.INVESTMENT, "Assets"),
        ],
    )
    def test_start_with_the_type_of_account(self, kind: AccountKind, root: str) -> None:
        name, _ = AccountNames().assign(make_account(CONNECTION, name="***", kind=kind))

        assert name == f"{root}:Unnamed"

    def test_of_categories(self) -> None:
        assert category_name("Expenses", "food: eating out") == "Expenses:Food:Eating-out"
        assert category_name("Expenses", "::") == "Expenses:Uncategorized"
        assert category_name("Income", "") == "Income:Uncategorized"


@pytest.mark.slow
def test_the_beancount_command_accepts_the_export(tmp_path: Path) -> None:
    path = tmp_path / "ledger.beancount"
    transactions = [make_exported_transaction(description=text, category=text) for text in NASTY]
    card = make_account_ledger(
        make_exported_transaction("-1"), number="4", kind=AccountKind.CREDIT_CARD
    )
    path.write_text(
        written(BeancountWriter(), make_account_ledger(*transactions), card), encoding="utf-8"
    )

    checked = subprocess.run(
        [sys.executable, "-m", "beancount.scripts.check", "--no-cache", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@settings(max_examples=80, deadline=None)
@given(ledgers())
def test_beancount_computes_the_same_sums(ledger: Ledger) -> None:
    names = AccountNames()
    expected: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for account_ledger in ledger.accounts:
        name, _ = names.assign(account_ledger.account)
        for transaction in account_ledger.transactions:
            expected[name, account_ledger.currency] += transaction.amount.amount

    assert sums(load(written(BeancountWriter(), *ledger.accounts))) == expected
