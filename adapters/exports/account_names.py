"""Names of accounts in beancount: letters, digits and hyphens, separated by colons."""

import unicodedata
from functools import lru_cache
from uuid import UUID

from domain.ledger.entities import Account
from domain.ledger.kinds import AccountKind

LIABILITIES = {AccountKind.CREDIT_CARD, AccountKind.CREDIT_LINE}
UNCATEGORIZED = "Uncategorized"


class AccountNames:
    """Assigns each account a unique name, in the order of the calls."""

    def __init__(self) -> None:
        self._names: dict[UUID, str] = {}
        self._used: set[str] = set()

    def assign(self, account: Account) -> tuple[str, bool]:
        """Return the account's name, and whether it is new."""
        known = self._names.get(account.id)
        if known:
            return known, False
        name = self._unused(_name(account))
        self._names[account.id] = name
        self._used.add(name)
        return name, True

    def _unused(self, base: str) -> str:
        name, number = base, 1
        while name in self._used:
            number += 1
            name = f"{base}-{number}"
        return name


@lru_cache(maxsize=4096)
def category_name(root: str, category: str) -> str:
    """Return the account of a category; its parts between colons become sub-accounts."""
    parts = [component(part) for part in category.split(":")]
    return (
        ":".join([root, *(part for part in parts if part)])
        if any(parts)
        else (f"{root}:{UNCATEGORIZED}")
    )


def component(text: str) -> str:
    """Return a text as one part of a name; the result may be empty."""
    letters = "".join(each if _is_allowed(each) else "-" for each in text)
    part = "-".join(filter(None, letters.split("-")))
    first = part[:1].upper()
    if not part or _may_begin(first):
        return first + part[1:]
    return f"X{part}"


def _name(account: Account) -> str:
    root = "Liabilities" if account.kind in LIABILITIES else "Assets"
    parts = list(filter(None, map(component, account.name.split(":"))))
    return ":".join([root, *(parts or ["Unnamed"])])


def _is_allowed(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category.startswith("L") or category == "Nd"


def _may_begin(letter: str) -> bool:
    return len(letter) == 1 and unicodedata.category(letter) in ("Lu", "Nd")
