"""Names of accounts as beancount takes them: letters, digits and hyphens between colons."""

import unicodedata
from functools import lru_cache
from uuid import UUID

from domain.ledger.entities import Account
from domain.ledger.values import AccountKind

LIABILITIES = {AccountKind.CREDIT_CARD, AccountKind.CREDIT_LINE}
UNCATEGORIZED = "Uncategorized"


class AccountNames:
    """Gives each account a name that no other has, in the order in which they are asked for."""

    def __init__(self) -> None:
        self._names: dict[UUID, str] = {}
        self._taken: set[str] = set()

    def of(self, account: Account) -> tuple[str, bool]:
        """Return the account's name, and whether it was given just now."""
        known = self._names.get(account.id)
        if known:
            return known, False
        name = self._free(_name(account))
        self._names[account.id] = name
        self._taken.add(name)
        return name, True

    def _free(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}-{number}"
        return name


@lru_cache(maxsize=4096)
def category_name(root: str, category: str) -> str:
    """Return the account of a category; what is set apart by colons goes below."""
    parts = [component(part) for part in category.split(":")]
    return (
        ":".join([root, *(part for part in parts if part)])
        if any(parts)
        else (f"{root}:{UNCATEGORIZED}")
    )


def component(text: str) -> str:
    """Return what is left of a text when it must be one part of a name; that may be nothing."""
    letters = "".join(each if _is_allowed(each) else "-" for each in text)
    part = "-".join(filter(None, letters.split("-")))
    first = part[:1].upper()
    if not part or _may_begin(first):
        return first + part[1:]
    return f"X{part}"


def _name(account: Account) -> str:
    root = "Liabilities" if account.kind in LIABILITIES else "Assets"
    parts = [component(account.institution), component(account.number)]
    return ":".join([root, *(part or "Unnamed" for part in parts)])


def _is_allowed(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category.startswith("L") or category == "Nd"


def _may_begin(letter: str) -> bool:
    return len(letter) == 1 and unicodedata.category(letter) in ("Lu", "Nd")
