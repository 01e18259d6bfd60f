"""What a user writes in the ledger by hand: an import of one row, or of one balance.

Its kept bytes are a small document, so that whatever counts for imports counts for it as well.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from domain.ledger.entities import Account, Transaction
from domain.ledger.kinds import BalanceKind, TransactionKind
from domain.ledger.matches import ExistingTransaction
from domain.ledger.values import (
    BY_HAND,
    AccountReference,
    StatedBalance,
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.money import Money

#: What the documents begin with, by which their reader recognises them.
MARK = "dashtam"
_ID_PREFIX = "by-hand:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A transaction as its user writes it. The amount is in the currency of the account.

    Without a description, payee and memo are the description; without a kind, the sign decides.
    """

    booking_date: date
    amount: Decimal
    value_date: date | None = None
    kind: TransactionKind | None = None
    description: str = field(default="", repr=False)
    payee: str = field(default="", repr=False)
    counterparty_account: str = field(default="", repr=False)
    reference: str = field(default="", repr=False)
    memo: str = field(default="", repr=False)

    @classmethod
    def of(cls, transaction: Transaction) -> Self:
        """Return what a transaction says."""
        names = {each.name for each in fields(cls)} - {"amount"}
        stated = {name: getattr(transaction, name) for name in names}
        return cls(amount=transaction.amount.amount, **stated)

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return the entry with changes; what follows from what they change follows them."""
        follows: dict[str, Any] = {}
        if self.description == self._text and "description" not in changes:
            follows["description"] = ""
        if "amount" in changes and self.kind in (TransactionKind.CREDIT, TransactionKind.DEBIT):
            follows["kind"] = None
        return replace(self, **{**follows, **changes})

    def row(self, entry_id: UUID, currency: str) -> StatementRow:
        """Return the row that states it."""
        by_sign = TransactionKind.CREDIT if self.amount > 0 else TransactionKind.DEBIT
        return StatementRow(
            line=1,
            provider_id=f"{_ID_PREFIX}{entry_id}",
            booking_date=self.booking_date,
            value_date=self.value_date,
            amount=Money(self.amount, currency),
            kind=self.kind or by_sign,
            description=self.description or self._text,
            payee=self.payee,
            counterparty_account=self.counterparty_account,
            reference=self.reference,
            memo=self.memo,
        )

    @property
    def _text(self) -> str:
        return " ".join(filter(None, (self.payee, self.memo)))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningBalance:
    """What an account has at the beginning of a day."""

    day: date
    amount: Decimal

    def stated(self, currency: str) -> StatedBalance:
        """Return the balance that it is: that of the evening before."""
        before = self.day - timedelta(days=1)
        money = Money(self.amount, currency)
        return StatedBalance(kind=BalanceKind.BOOKED, money=money, day=before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What the bytes of an entry say; another `id` makes other bytes, and another transaction."""

    id: UUID
    currency: str
    content: Entry | OpeningBalance

    def encode(self) -> bytes:
        """Return the bytes that are kept."""
        name = "transaction" if isinstance(self.content, Entry) else "opening_balance"
        stated = {
            each.name: value
            for each in fields(self.content)
            if (value := getattr(self.content, each.name)) not in (None, "")
        }
        document = {MARK: BY_HAND, "id": str(self.id), "currency": self.currency, name: stated}
        return json.dumps(document, default=str, ensure_ascii=False, indent=1).encode()

    def file(self, account: AccountReference) -> StatementFile:
        """Return the file that it is, about an account."""
        stated: dict[str, Any] = {"report_type": BY_HAND}
        if isinstance(self.content, Entry):
            stated["rows"] = [self.content.row(self.id, self.currency)]
        else:
            balance = self.content.stated(self.currency)
            stated |= {"rows": [], "balances": [balance]}
            stated |= {"first_day": balance.day, "last_day": balance.day}
        return StatementFile(format=BY_HAND, statements=[Statement(account=account, **stated)])


def entry_id_of(provider_id: str | None) -> UUID | None:
    """Return the id of the document that states a transaction by hand."""
    if provider_id is None or not provider_id.startswith(_ID_PREFIX):
        return None
    return UUID(provider_id.removeprefix(_ID_PREFIX))


def unnamed(account: Account) -> AccountReference:
    """Return the reference of a document, which names no account."""
    return AccountReference(kind=account.kind, number="", currency=account.currency)


def existing(transaction: Transaction) -> ExistingTransaction:
    """Return a transaction as one that a row may be."""
    return ExistingTransaction(
        id=transaction.id,
        booking_date=transaction.booking_date,
        amount=transaction.amount,
        provider_id=transaction.provider_id,
        description=transaction.description,
        pending=transaction.is_pending,
        balance=transaction.balance,
        removal=transaction.removal,
    )
