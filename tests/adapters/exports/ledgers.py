"""Ledgers to be written: a few words, or whatever chance makes of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from adapters.statements.references import usable
from domain.ledger.entities import Account
from domain.ledger.exports import AccountLedger, ExportedLeg, ExportedTransaction, Ledger
from domain.ledger.kinds import AccountKind, BalanceKind, TransactionKind
from domain.ledger.ports import LedgerWriter
from domain.ledger.values import StatedBalance, TransactionStatus
from domain.shared.ids import TransactionId, UserId, new_id
from domain.shared.money import Money
from tests.factories import make_account, make_connection

FIRST = date(2026, 3, 1)
CONNECTION = make_connection(UserId(new_id()))
# What files of banks, and people who mean no good, write.
NASTY = (
    "",
    "Coffee house",
    '=HYPERLINK("http://example.org")',
    "+49 30 123",
    "-1",
    "@home",
    "\tTab",
    "'quoted",
    'He said "no", then\r\nleft; \\ and \\n',
    "</NAME><TRNAMT>9</TRNAMT> & &amp; ]]>",
    "Müller – Straße",
    "A name that is much longer than what OFX takes – and a memo behind it",
    "x" * 300,
    "Shop \x00\x01\x1b[31m".replace("\x00", ""),
    "2026-03-01 open Assets:X",
    "日本 ☕ \u202e",
    ": ; | #tag ^link",
)


def make_exported_transaction(
    amount: str = "-12.50", day: int = 1, **changes: Any
) -> ExportedTransaction:
    transaction = ExportedTransaction(
        TransactionId(new_id()),
        FIRST + timedelta(days=day - 1),
        None,
        Money(Decimal(amount), changes.pop("currency", "EUR")),
        TransactionKind.DEBIT,
        TransactionStatus.POSTED,
        "Coffee house",
        "",
        "",
        "F1",
    )
    return replace(transaction, **changes)


def pending(amount: str, day: int, **changes: Any) -> ExportedTransaction:
    return make_exported_transaction(amount, day, status=TransactionStatus.PENDING, **changes)


def make_balance(amount: str, day: int, currency: str = "EUR") -> StatedBalance:
    return StatedBalance(
        kind=BalanceKind.BOOKED,
        money=Money(Decimal(amount), currency),
        day=FIRST + timedelta(days=day - 1),
    )


def make_account_ledger(
    *transactions: ExportedTransaction,
    balances: Sequence[StatedBalance] = (),
    account: Account | None = None,
    currency: str = "EUR",
    **changes: Any,
) -> AccountLedger:
    days = [*(each.booking_date for each in transactions), *(each.day for each in balances)]
    return AccountLedger(
        account=replace(account or make_account(CONNECTION), **changes),
        currency=currency,
        first_day=min(days, default=FIRST),
        last_day=max(days, default=FIRST),
        balances=balances,
        transactions=transactions,
        shared_ids=[
            provider_id for provider_id, count in ids_of(transactions).items() if count > 1
        ],
    )


def ids_of(transactions: Iterable[ExportedTransaction]) -> Counter[str]:
    """Count the bank's ids of booked transactions."""
    return Counter(
        each.provider_id for each in transactions if each.provider_id and not each.is_pending
    )


def written(writer: LedgerWriter, *account_ledgers: AccountLedger) -> str:
    return b"".join(writer.write(Ledger(accounts=account_ledgers))).decode()


texts = st.sampled_from(NASTY) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60
)
amounts = st.decimals(-(10**9), 10**9, places=2) | st.decimals(-10, 10, places=10)
days = st.integers(1, 60)
currencies = st.sampled_from(["EUR", "USD", "JPY", "KWD"])


@st.composite
def account_ledgers(draw: Callable[[Any], Any], account: Account, currency: str) -> AccountLedger:
    transactions = [
        make_exported_transaction(
            str(draw(amounts)),
            draw(days),
            currency=currency,
            kind=draw(st.sampled_from(TransactionKind)),
            status=draw(st.sampled_from(TransactionStatus)),
            value_date=draw(st.none() | st.just(FIRST)),
            description=draw(texts),
            note=draw(texts),
            category=draw(texts),
            provider_id=draw(st.none() | texts.filter(usable)),
        )
        for _ in range(draw(st.integers(0, 5)))
    ]
    transactions.sort(key=lambda each: (each.booking_date, each.id))
    stated = {day: draw(amounts) for day in sorted(draw(st.sets(days, max_size=3)))}
    balances = [make_balance(str(amount), day, currency) for day, amount in stated.items()]
    account_ledger = make_account_ledger(
        *transactions, balances=balances, account=account, currency=currency
    )
    ends = draw(st.lists(st.booleans(), min_size=len(transactions), max_size=len(transactions)))
    moved = [
        ExportedLeg(each.id, draw(amounts), draw(st.booleans()))
        for each, is_end in zip(transactions, ends, strict=True)
        if is_end
    ]
    return replace(account_ledger, transfers=moved)


@st.composite
def ledgers(draw: Callable[[Any], Any]) -> Ledger:
    """Make a ledger of accounts with nasty names, texts and figures."""
    drawn: list[AccountLedger] = []
    for _ in range(draw(st.integers(0, 4))):
        account = make_account(
            CONNECTION,
            draw(texts),
            institution=draw(texts),
            name=draw(texts),
            kind=draw(st.sampled_from(AccountKind)),
        )
        for currency in draw(st.sets(currencies, min_size=1, max_size=2)):
            account_ledger = draw(account_ledgers(account, currency))
            if account_ledger.transactions or account_ledger.balances:
                drawn.append(account_ledger)
    return Ledger(accounts=sorted(drawn, key=lambda account_ledger: account_ledger.sort_key))
