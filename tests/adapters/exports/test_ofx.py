"""OFX: an independent reader accepts every word, and our own reader returns the same rows."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from ofxtools.Parser import OFXTree

from adapters.exports.ofx import OfxWriter
from adapters.exports.text import on_one_line
from domain.ledger.exports import AccountLedger, ExportedTransaction, Ledger
from domain.ledger.kinds import AccountKind, BalanceKind, TransactionKind
from domain.ledger.ports import LedgerWriter
from domain.ledger.values import Statement
from tests.adapters.exports.ledgers import (
    FIRST,
    NASTY,
    ids_of,
    ledgers,
    make_account_ledger,
    make_balance,
    make_exported_transaction,
    pending,
    written,
)
from tests.adapters.statements.ofx_reading import read
from tests.contracts.exports import LedgerWriterContract


class TestOfx(LedgerWriterContract):
    @pytest.fixture
    def writer(self) -> LedgerWriter:
        return OfxWriter()


def parse(text: str) -> Any:
    """Read it as ofxtools does, which refuses what breaks the specification."""
    tree = OFXTree()
    tree.parse(BytesIO(text.encode()))
    return tree.convert()


def is_card(account_ledger: AccountLedger) -> bool:
    return account_ledger.account.kind is AccountKind.CREDIT_CARD


def in_order(ledger: Ledger) -> list[AccountLedger]:
    """Return the sheets as OFX has them: cards have a part of their own, behind the others."""
    return sorted(ledger.accounts, key=is_card)


def booked(account_ledger: AccountLedger) -> list[ExportedTransaction]:
    return [each for each in account_ledger.transactions if not each.is_pending]


class TestForOtherPrograms:
    def test_has_every_detail(self) -> None:
        transaction = make_exported_transaction(value_date=date(2026, 3, 2))
        account_ledger = make_account_ledger(
            transaction, balances=[make_balance("9", 1), make_balance("-100.5", 4)]
        )

        ofx = parse(written(OfxWriter(), account_ledger))

        assert (ofx.sonrs.dtserver.date(), ofx.sonrs.fi.org) == (date(2026, 3, 4), "Northbank")
        (statement,) = ofx.statements
        account = statement.account
        assert (account.bankid, account.acctid, account.accttype) == (
            "Northbank",
            "100200300",
            "CHECKING",
        )
        assert (statement.curdef, str(statement.ledgerbal.balamt)) == ("EUR", "-100.50")
        assert statement.ledgerbal.dtasof.date() == date(2026, 3, 4)
        (row,) = statement.transactions
        assert (row.trntype, str(row.trnamt), row.fitid) == ("DEBIT", "-12.50", "F1")
        assert (row.dtposted.date(), row.dtavail.date()) == (FIRST, date(2026, 3, 2))
        assert (row.name, row.memo) == ("Coffee house", None)

    def test_a_card_account_has_a_card_statement(self) -> None:
        card = make_account_ledger(make_exported_transaction(), kind=AccountKind.CREDIT_CARD)

        ofx = parse(written(OfxWriter(), card, make_account_ledger(make_exported_transaction())))

        assert [type(each).__name__ for each in ofx.statements] == ["STMTRS", "CCSTMTRS"]

    @pytest.mark.parametrize("kind", list(TransactionKind))
    def test_every_kind_has_a_code(self, kind: TransactionKind) -> None:
        (statement,) = parse(
            written(OfxWriter(), make_account_ledger(make_exported_transaction(kind=kind)))
        ).statements

        assert statement.transactions[0].trntype in {"DEBIT", "OTHER"} | set(kind_codes())

    def test_without_a_stated_balance_it_is_the_sum_of_booked_rows(self) -> None:
        account_ledger = make_account_ledger(
            make_exported_transaction("-1", 1), make_exported_transaction("-2", 5), pending("-4", 3)
        )

        (statement,) = parse(written(OfxWriter(), account_ledger)).statements

        assert str(statement.ledgerbal.balamt) == "-3.00"
        assert statement.ledgerbal.dtasof.date() == date(2026, 3, 5)

    def test_a_unique_bank_id_is_preserved(self) -> None:
        bank_ids = ["F1", "0", "0", None, "P&G <7>", "a  b", " c", "d\u0085e", "x" * 256, "y" * 255]
        transactions = [make_exported_transaction(provider_id=each) for each in bank_ids]
        waiting = pending("-1", 1, provider_id="F1")

        (statement,) = parse(
            written(OfxWriter(), make_account_ledger(*transactions, waiting))
        ).statements

        preserved = {0: "F1", 4: "P&G <7>", 9: "y" * 255}
        expected = [preserved.get(at, str(each.id)) for at, each in enumerate(transactions)]
        assert [row.fitid for row in statement.transactions] == expected

    def test_long_names_stay_distinct(self) -> None:
        numbers = [f"{first}FR7630006000011234567890189" for first in "AB"]
        account_ledgers = [
            make_account_ledger(make_exported_transaction(), number=number) for number in numbers
        ]

        first, second = parse(written(OfxWriter(), *account_ledgers)).statements

        assert first.account.acctid != second.account.acctid
        assert {len(each.account.acctid) for each in (first, second)} == {22}
        assert first.account.acctid.endswith("1234567890189")

    def test_an_empty_ledger_has_no_dates(self) -> None:
        ofx = parse(written(OfxWriter()))

        assert (ofx.sonrs.dtserver.date(), ofx.statements) == (date(1970, 1, 1), [])

    @settings(max_examples=60, deadline=None)
    @given(ledgers())
    def test_has_the_same_rows(self, ledger: Ledger) -> None:
        statements = parse(written(OfxWriter(), *ledger.accounts)).statements

        for statement, account_ledger in zip(statements, in_order(ledger), strict=True):
            assert statement.curdef == account_ledger.currency
            assert [
                (row.fitid, row.trnamt, row.dtposted.date()) for row in statement.transactions
            ] == [
                (expected_id(each, account_ledger), each.amount.amount, each.booking_date)
                for each in booked(account_ledger)
            ]
            if account_ledger.balances:
                latest = account_ledger.balances[-1]
                stated = statement.ledgerbal.balamt, statement.ledgerbal.dtasof.date()
                assert stated == (latest.money.amount, latest.day)


class TestReimport:
    @settings(max_examples=100, deadline=None)
    @given(ledgers())
    def test_the_same_rows_are_imported(self, ledger: Ledger) -> None:
        file = read(written(OfxWriter(), *ledger.accounts))

        assert file.quarantined == []
        for statement, account_ledger in zip(file.statements, in_order(ledger), strict=True):
            assert rows_of(statement) == expected_rows(account_ledger)
            assert statement.account.currency == account_ledger.currency

    def test_pending_rows_stay_pending(self) -> None:
        account_ledger = make_account_ledger(
            make_exported_transaction("-1", 1), pending("-2", 2), make_exported_transaction("-3", 3)
        )

        (statement,) = read(written(OfxWriter(), account_ledger)).statements

        assert {row.amount.digits: row.pending for row in statement.rows} == {
            "-1.00": False,
            "-2.00": True,
            "-3.00": False,
        }

    def test_account_and_balance_survive(self) -> None:
        account_ledger = make_account_ledger(
            make_exported_transaction(), balances=[make_balance("-7", 9)], kind=AccountKind.SAVINGS
        )

        (statement,) = read(written(OfxWriter(), account_ledger)).statements

        account = statement.account
        assert (account.kind, account.number) == (AccountKind.SAVINGS, "100200300")
        assert account.institution == "Northbank"
        assert statement.balance(BalanceKind.BOOKED) == account_ledger.balances[0]

    def test_a_card_account_preserves_its_only_institution(self) -> None:
        card = make_account_ledger(make_exported_transaction(), kind=AccountKind.CREDIT_CARD)

        (statement,) = read(written(OfxWriter(), card)).statements

        assert statement.account.institution == "Northbank"

    @pytest.mark.parametrize("text", [*NASTY, "N" * 32, "N" * 33, "A – B", "Shop – Shop", " – x"])
    def test_texts_survive(self, text: str) -> None:
        transaction = make_exported_transaction(description=text)

        (statement,) = read(written(OfxWriter(), make_account_ledger(transaction))).statements

        assert [row.description for row in statement.rows] == [on_one_line(text)[:255]]

    def test_text_too_long_for_a_name_becomes_a_memo(self) -> None:
        text = "A transfer to somebody with a name of several parts"

        content = written(
            OfxWriter(), make_account_ledger(make_exported_transaction(description=text))
        )

        assert "<MEMO>" not in written(
            OfxWriter(), make_account_ledger(make_exported_transaction(description="N" * 32))
        )
        assert f"</FITID><MEMO>{text}</MEMO>" in content


def kind_codes() -> list[str]:
    return (
        "CREDIT INT DIV FEE SRVCHG DEP ATM POS XFER CHECK PAYMENT CASH DIRECTDEP DIRECTDEBIT "
        "REPEATPMT"
    ).split()


def rows_of(statement: Statement) -> list[tuple[Any, ...]]:
    return [
        (
            row.provider_id,
            row.booking_date,
            row.value_date,
            row.amount,
            row.description,
            row.pending,
        )
        for row in statement.rows
    ]


def expected_id(transaction: ExportedTransaction, account_ledger: AccountLedger) -> str:
    """Return the bank's id if it is unique and valid, and ours otherwise."""
    bank_id = transaction.provider_id or ""
    stays = bank_id and bank_id == on_one_line(bank_id) and len(bank_id) <= 255
    return (
        bank_id
        if stays and ids_of(account_ledger.transactions)[bank_id] == 1
        else str(transaction.id)
    )


def expected_rows(account_ledger: AccountLedger) -> list[tuple[Any, ...]]:
    """Return what OFX stores of each transaction; pending ones have neither id nor value date."""
    waiting = [each for each in account_ledger.transactions if each.is_pending]
    return [
        (
            None if each.is_pending else expected_id(each, account_ledger),
            each.booking_date,
            None if each.is_pending else each.value_date,
            each.amount,
            on_one_line(each.description)[:255].strip(),
            each.is_pending,
        )
        for each in [*booked(account_ledger), *waiting]
    ]


def test_a_ledger_is_equal_for_every_owner() -> None:
    account_ledger = make_account_ledger(make_exported_transaction())

    assert written(OfxWriter(), account_ledger) == written(OfxWriter(), replace(account_ledger))
