"""Currencies that the euro replaced."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.ledger.changeovers import ABOLISHED, Changeover
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import Reconciliation
from domain.shared.ids import AccountId, UserId, new_id
from domain.shared.money import is_listed
from tests.factories import make_account, make_connection


def changeover(currency: str) -> Changeover:
    old = make_account(make_connection(UserId(new_id())))
    new = replace(old, id=AccountId(new_id()))
    return Changeover(replace(old, currency=currency), new)


@pytest.mark.parametrize(
    ("currency", "amount", "euros"),
    [
        ("HRK", "753.45", "100.00"),
        ("HRK", "-0.04", "-0.01"),
        ("DEM", "1.00", "0.51"),
        ("ITL", "1000000", "516.46"),
        ("IEP", "0.79", "1.00"),
        ("BGN", "100.00", "51.13"),
    ],
)
def test_amounts_are_converted_to_the_cent(currency: str, amount: str, euros: str) -> None:
    assert changeover(currency).converted(Decimal(amount)) == Decimal(euros)


def test_twenty_one_currencies_were_replaced() -> None:
    assert len(ABOLISHED) == 21
    assert all(is_listed(each) for each in ABOLISHED)
    # Fixed rates have six significant figures.
    assert {len(str(each.rate).replace(".", "").lstrip("0")) for each in ABOLISHED.values()} == {6}


def test_what_one_account_loses_the_other_gains() -> None:
    old, new = changeover("HRK").statements(Decimal("753.45"))

    assert {old.reconciliation, new.reconciliation} == {Reconciliation.BALANCED}
    closings = [each.balance(BalanceKind.BOOKED) for each in (old, new)]
    assert [(str(each.money), each.day) for each in closings if each] == [
        ("0.00 HRK", date(2023, 1, 1)),
        ("100.00 EUR", date(2023, 1, 1)),
    ]
    (row,) = new.rows
    assert (row.original_currency, row.exchange_rate) == ("HRK", Decimal("0.1327228084"))
