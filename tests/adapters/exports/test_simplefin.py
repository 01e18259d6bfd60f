"""Answers in the words of SimpleFIN, as an independent reader understands them."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.exports.simplefin import SimpleFinWriter, amount_of, moment_of
from domain.ledger.balances import DailyBalance
from domain.ledger.kinds import BalanceKind
from domain.shared.ids import TransactionId, UserId, new_id
from domain.sharing.shared_ledger import (
    SharedAccount,
    SharedLedger,
    SharedRows,
    SharedTotal,
    SharedTransaction,
)
from tests.factories import make_account, make_connection

DAY = date(2026, 3, 1)
ROOT = "https://dashtam.example/simplefin"


def account_in(currency: str = "EUR", amount: str | None = "1", **changes: Any) -> SharedAccount:
    account = make_account(make_connection(UserId(new_id())), **changes)
    balance = DailyBalance(
        account_id=account.id,
        day=DAY,
        currency=currency,
        amount=None if amount is None else Decimal(amount),
        kind=BalanceKind.BOOKED,
        stated_on=None if amount is None else DAY,
    )
    return SharedAccount(account=account, currency=currency, balance=balance)


def row_of(account: SharedAccount, amount: str = "-1", **changes: Any) -> SharedTransaction:
    row = SharedTransaction(
        account_id=account.account.id,
        currency=account.currency,
        id=TransactionId(new_id()),
        booking_date=DAY,
        amount=Decimal(amount),
        is_pending=False,
        description="Tea",
        payee="Tea house",
        memo="",
    )
    return row._replace(**changes)


def written(accounts: Iterable[SharedAccount], rows: Iterable[SharedTransaction] = ()) -> Any:
    ordered = sorted(accounts, key=lambda each: each.key)
    ledger = SharedLedger(root=ROOT, accounts=ordered, rows=SharedRows(None, rows))
    return json.loads(b"".join(SimpleFinWriter().write(ledger)))


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=10, max_value=10**28, min_value=-(10**28)
    )
)
def test_an_amount_is_exact_and_has_two_decimals_or_more(amount: Decimal) -> None:
    text = amount_of(amount)

    assert Decimal(text) == amount
    _, _, decimals = text.partition(".")
    assert len(decimals) >= 2
    assert len(decimals) == 2 or not decimals.endswith("0")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0.00"),
        ("-0", "0.00"),
        ("-0.00", "0.00"),
        ("1E+3", "1000.00"),
        ("9000", "9000.00"),
        ("1.2340000000", "1.234"),
        ("-12.5", "-12.50"),
        ("12345678901234567890123456789.1234567891", "12345678901234567890123456789.1234567891"),
    ],
)
def test_an_amount_is_written_plainly(amount: str, text: str) -> None:
    assert amount_of(Decimal(amount)) == text


@given(st.dates(min_value=date(1970, 1, 2)), st.integers(-12, 11))
def test_a_day_is_the_same_in_nearly_every_zone(day: date, hours: int) -> None:
    zone = timezone(timedelta(hours=hours))

    assert datetime.fromtimestamp(moment_of(day), UTC).date() == day
    if day < date.max:
        assert datetime.fromtimestamp(moment_of(day), zone).date() == day


def test_each_account_has_its_own_transactions() -> None:
    first, second, empty = account_in(), account_in(), account_in()
    rows = [row_of(each, str(n)) for each in (first, second) for n in range(3)]
    rows.sort(key=lambda row: row.account_id)

    answer = written([second, first, empty], rows)

    found = {each["id"]: [r["id"] for r in each["transactions"]] for each in answer["accounts"]}
    assert found == {
        each.id: [str(r.id) for r in rows if r.account_id == each.account.id]
        for each in (first, second, empty)
    }


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1000])
def test_batches_are_joined(count: int) -> None:
    account = account_in()
    rows = [row_of(account, str(number)) for number in range(count)]

    (shown,) = written([account], rows)["accounts"]

    assert [each["amount"] for each in shown["transactions"]] == [f"{n}.00" for n in range(count)]


def test_another_currency_is_another_account() -> None:
    euros = account_in(name="Everyday")
    dollars = replace(account_in("USD", "7"), account=euros.account)

    answer = written([euros, dollars], [row_of(euros, "1"), row_of(dollars, "2")])

    first, second = answer["accounts"]
    assert (first["id"], first["name"], first["currency"]) == (euros.id, "Everyday", "EUR")
    assert (second["id"], second["name"]) == (f"{euros.id}-USD", "Everyday (USD)")
    assert (second["balance"], second["transactions"][0]["amount"]) == ("7.00", "2.00")
    assert len(answer["connections"]) == 1


def test_texts_are_not_changed() -> None:
    account = account_in(name='Ада "€" \\ 💶', institution="Банк </script>")
    row = row_of(account, description='a"b\\c\u2028', payee="", memo="\n")

    (shown,) = written([account], [row])["accounts"]

    (transaction,) = shown["transactions"]
    assert (shown["name"], shown["org"]["name"]) == ('Ада "€" \\ 💶', "Банк </script>")
    assert transaction["description"] == transaction["payee"] == 'a"b\\c\u2028'
    assert transaction["memo"] == "\n"


def test_a_transaction_without_words_has_those_that_it_has() -> None:
    account = account_in()
    rows = [
        row_of(account, description="", payee="Tea house"),
        row_of(account, description="", payee="", memo="Two cups"),
        row_of(account, description="", payee="", memo=""),
    ]

    (shown,) = written([account], rows)["accounts"]

    words = [(each["description"], each["payee"]) for each in shown["transactions"]]
    assert words == [("Tea house", "Tea house"), ("Two cups", "Two cups"), ("", "")]


def test_an_unknown_balance_is_reported() -> None:
    unknown = account_in(amount=None, name="Purse")
    total = SharedTotal(unknown.account.id, "EUR", Decimal("2.5"), DAY)
    unknown = replace(unknown, total=total)
    empty = replace(account_in(amount=None), balance=None)

    answer = written([unknown, empty])

    (error,) = answer["errlist"]
    assert error == {
        "code": "act.missingdata",
        "msg": "The balance of Purse is not known: its transactions are added up instead.",
        "conn_id": f"CON-{unknown.account.connection_id}",
        "account_id": unknown.id,
    }
    assert {each["balance"] for each in answer["accounts"]} == {"2.50", "0.00"}


@pytest.mark.parametrize("institution", ["Northbank", "Банк", "", "x" * 255, "...", "North Bank"])
def test_a_bank_has_a_domain_that_leads_nowhere(institution: str) -> None:
    (shown,) = written([account_in(institution=institution)])["accounts"]

    label, _, top = shown["org"]["domain"].partition(".")
    assert top == "invalid"
    assert 0 < len(label) <= 63
    assert label.strip("-") == label
    assert shown["org"]["name"]
    assert shown["org"]["sfin-url"] == ROOT
