"""What is in accounts, how far their statements reach, and which of them a word means."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum

from domain.ledger.account_names import is_number, nearly_same_name, same_name
from domain.ledger.entities import Account
from domain.ledger.errors import AccountNotEmpty
from domain.ledger.values import AccountReference


class AccountRemoval(StrEnum):
    """Why an account is no longer in the ledger. Its former versions stay."""

    DELETED = "deleted"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Freshness:
    """The latest day that a statement of an account covers or states, and the latest import."""

    latest_day: date | None = None
    imported_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountContents:
    """What is in an account, apart from what was undone or deleted."""

    transactions: bool = False
    balances: bool = False
    holdings: bool = False
    statements: bool = False

    def refuse_deletion(self) -> AccountNotEmpty | None:
        """Return why the account cannot be deleted, if it is not empty."""
        found = [each.name for each in fields(self) if getattr(self, each.name)]
        if not found:
            return None
        *most, last = found
        listed = " and ".join(filter(None, (", ".join(most), last)))
        return AccountNotEmpty(
            f"The account still has {listed}. Undo its imports and delete its transactions first,"
            " or close the account instead."
        )


def is_word(reference: AccountReference) -> bool:
    """Whether a reference names its account by a word, and not by a number."""
    return bool(reference.number) and not is_number(reference.number)


def is_called(reference: AccountReference, account: Account) -> bool:
    """Whether the word of a reference is the name of an account."""
    return (
        is_word(reference)
        and reference.currency == account.currency
        and same_name(reference.number, account.name)
    )


def may_be_called(reference: AccountReference, account: Account) -> bool:
    """Whether the word of a reference is nearly a word for an account.

    That is its name, or the word by which it was first imported. At two banks it is no likeness.
    """
    institutions = {reference.institution, account.institution} - {""}
    return (
        is_word(reference)
        and reference.currency == account.currency
        and len(institutions) < 2
        and any(
            nearly_same_name(reference.number, each)
            for each in (account.name, account.number)
            if not is_number(each)
        )
    )
