"""Statements, accounts, transactions and imports."""

from datetime import date
from decimal import Decimal

import pytest

from domain.audit.entities import AuditEntry
from domain.audit.origin import Origin
from domain.connections.values import STATEMENT_FILES
from domain.ledger.imports import StatementOutcome
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import (
    MatchResult,
    Reconciliation,
    StatedBalance,
    Statement,
    TransactionStatus,
    masked,
)
from domain.shared.ids import AccountId, StatementId, UserId, new_id
from domain.shared.money import Money
from tests.factories import (
    make_account,
    make_connection,
    make_import,
    make_row,
    make_statement,
    make_transaction,
)

OPENING, BOOKED = BalanceKind.OPENING, BalanceKind.BOOKED


def stated(kind: BalanceKind, amount: str, day: int = 1, currency: str = "EUR") -> StatedBalance:
    return StatedBalance(kind=kind, money=Money(Decimal(amount), currency), day=date(2026, 3, day))


def between(opening: str, closing: str, *amounts: str) -> Statement:
    rows = [make_row(amount) for amount in amounts]
    return make_statement(*rows, balances=[stated(OPENING, opening), stated(BOOKED, closing)])


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (between("10.00", "7.50", "-3.00", "0.50"), Reconciliation.BALANCED),
        (between("10.00", "10.00"), Reconciliation.BALANCED),
        (between("10.00", "7.51", "-3.00", "0.50"), Reconciliation.UNBALANCED),
        (make_statement(make_row(), balances=[stated(BOOKED, "1")]), Reconciliation.UNKNOWN),
        (make_statement(make_row(), balances=[stated(OPENING, "1")]), Reconciliation.UNKNOWN),
        (make_statement(make_row()), Reconciliation.UNKNOWN),
    ],
)
def test_a_statement_is_reconciled_by_its_balances(
    statement: Statement, expected: Reconciliation
) -> None:
    assert statement.reconciliation is expected


def test_pending_rows_do_not_count_in_the_reconciliation() -> None:
    balances = [stated(OPENING, "10"), stated(BOOKED, "7")]
    statement = make_statement(make_row("-3"), make_row("-1", pending=True), balances=balances)

    assert statement.reconciliation is Reconciliation.BALANCED


def test_quarantined_rows_leave_the_reconciliation_unknown() -> None:
    balances = [stated(OPENING, "10"), stated(BOOKED, "7")]

    assert (
        make_statement(make_row("-3"), balances=balances, complete=False).reconciliation
        is Reconciliation.UNKNOWN
    )


def test_mixed_currencies_leave_the_reconciliation_unknown() -> None:
    balances = [stated(OPENING, "10"), stated(BOOKED, "7", currency="USD")]

    assert make_statement(balances=balances).reconciliation is Reconciliation.UNKNOWN
    foreign = between("10", "7", "-3")
    row = make_row("-3")
    dollars = type(row)(
        line=1,
        provider_id=None,
        booking_date=row.booking_date,
        amount=Money(Decimal(-3), "USD"),
        kind=row.kind,
        description="",
    )
    assert (
        make_statement(dollars, balances=foreign.balances).reconciliation is Reconciliation.UNKNOWN
    )


def test_the_latest_of_several_balances_counts() -> None:
    statement = make_statement(balances=[stated(BOOKED, "2", day=2), stated(BOOKED, "1", day=1)])

    assert statement.balance(BOOKED) == stated(BOOKED, "2", day=2)
    assert statement.balance(OPENING) is None


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("DE89370400440532013000", "••••3000"),
        ("1234", "••••34"),
        ("12", "••••2"),
        ("1", "••••"),
        ("", "••••"),
    ],
)
def test_only_the_end_of_an_account_number_is_shown(number: str, expected: str) -> None:
    assert masked(number) == expected


def test_repr_hides_personal_data() -> None:
    connection = make_connection(UserId(new_id()))
    account = make_account(connection, "100200300")
    source = make_import(account.user_id)
    transaction = make_transaction(account, source)

    for each in (account, source, transaction, make_row(), make_statement(make_row())):
        assert "100200300" not in repr(each)
        assert "Coffee" not in repr(each)
        assert "march.ofx" not in repr(each)


def test_a_row_becomes_a_transaction() -> None:
    account = make_account(make_connection(UserId(new_id())))
    row = make_row("-3.00", pending=True)

    transaction = make_transaction(account, make_import(account.user_id), row)

    assert transaction.status is TransactionStatus.PENDING
    assert (transaction.user_id, transaction.account_id) == (account.user_id, account.id)
    assert (transaction.amount, transaction.booking_date) == (row.amount, row.booking_date)


def test_outcome_counts_match_results() -> None:
    results = [MatchResult.NEW, MatchResult.SAME, MatchResult.SAME, MatchResult.CONFLICT]

    outcome = StatementOutcome.of(
        make_statement(number="7"),
        results,
        id=StatementId(new_id()),
        account_id=AccountId(new_id()),
        balances=1,
        suggested=1,
    )

    assert (outcome.number, outcome.reconciliation, outcome.currency) == (
        "7",
        Reconciliation.UNKNOWN,
        "EUR",
    )
    assert (outcome.new, outcome.same, outcome.conflict) == (1, 2, 1)
    assert (outcome.balances, outcome.suggested) == (1, 1)


def test_the_import_event_has_counts_and_no_names() -> None:
    source = make_import(UserId(new_id()))

    details = AuditEntry.of(source.imported(), Origin()).details

    assert details == {
        "format": "ofx",
        "sha256": source.digest.hex(),
        "accounts": [str(source.statements[0].account_id)],
        "new": 1,
        "same": 2,
        "updates": 0,
        "conflict": 3,
        "deleted": 0,
        "quarantined": 1,
    }


def test_the_connection_event_has_its_provider() -> None:
    connection = make_connection(UserId(new_id()))

    assert connection.provider == STATEMENT_FILES
