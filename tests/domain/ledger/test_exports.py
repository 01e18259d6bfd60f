"""The ledger on its way out."""

from datetime import date

from domain.ledger.exports import Ledger
from tests.adapters.exports.ledgers import (
    make_account_ledger,
    make_balance,
    make_exported_transaction,
    pending,
)


def test_repr_hides_personal_data() -> None:
    transaction = make_exported_transaction(description="secret", note="secret", category="secret")

    assert "secret" not in repr(transaction)
    assert "100200300" not in repr(make_account_ledger(transaction))


def test_the_period_of_a_ledger_spans_its_accounts() -> None:
    ledger = Ledger(
        accounts=[make_account_ledger(make_exported_transaction(day=day)) for day in (3, 1, 9)]
    )

    assert (ledger.first_day, ledger.last_day) == (date(2026, 3, 1), date(2026, 3, 9))
    assert (Ledger(accounts=[]).first_day, Ledger(accounts=[]).last_day) == (None, None)


def test_a_cursor_contains_no_id() -> None:
    first, second = (make_account_ledger(balances=[make_balance("1", 1)]) for _ in range(2))

    assert first.account.id != second.account.id
    named = ("Northbank", "100200300", "Northbank checking 0300")
    assert first.sort_key == second.sort_key == (*named, "EUR", "EUR")


def test_a_pending_transaction_is_not_booked() -> None:
    assert pending("-1", 1).is_pending
    assert not make_exported_transaction().is_pending
