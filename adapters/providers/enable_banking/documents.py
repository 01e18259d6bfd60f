"""Documents: what Enable Banking answered about an account, as `adapters.statements` reads it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from adapters.providers.enable_banking.sessions import Session, SessionAccount
from adapters.statements.enable_banking import FORMAT, MARK
from domain.connections.providers import AccountDocument
from domain.connections.values import Window

#: What is another one each time although nothing has changed.
_CHANGING = ("transaction_id", "last_change_date_time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What was answered about an account, and for which days."""

    pages: Sequence[Sequence[Any]] = field(repr=False)
    balances: Sequence[Any] | None = field(repr=False)
    window: Window
    at: datetime


def document_of(session: Session, account: SessionAccount, answered: Answered) -> AccountDocument:
    """Write a document, with each transaction on a line of its own."""
    transactions = [*_without_repetition(answered.pages)]
    parts = {
        MARK: FORMAT,
        "aspsp": session.bank,
        "account": account.description,
        "balances": answered.balances,
    }
    lines = [f"{_written(name)}: {_written(part)}," for name, part in parts.items()]
    listed = ",\n".join(map(_written, transactions))
    lines += ['"transactions": [', *([listed] if listed else []), "],"]
    lines += [f'"retrieval": {_written(_retrieval(answered))}}}']
    return AccountDocument(
        account_key=account.key,
        content=("{" + "\n".join(lines) + "\n").encode(),
        file_name=f"{FORMAT}.json",
        fingerprint=_fingerprint(parts, transactions),
        window=answered.window,
    )


def _retrieval(answered: Answered) -> Mapping[str, Any]:
    """Return which days are listed in full, and when that was."""
    return {
        "first_day": answered.window.first.isoformat(),
        "last_day": answered.window.last.isoformat(),
        "complete": True,
        "retrieved_at": answered.at.isoformat(timespec="seconds"),
    }


def _without_repetition(pages: Sequence[Sequence[Any]]) -> Iterator[Any]:
    """Yield the transactions of all pages, but not those that a page repeats of earlier ones.

    Two that are equal on one page are two: not every bank's reference is unique.
    """
    earlier = set[str]()
    for page in pages:
        names = [_written(_lasting(each)) if _reference(each) else "" for each in page]
        for name, each in zip(names, page, strict=True):
            if not name or name not in earlier:
                yield each
        earlier |= {*names}


def _reference(transaction: Any) -> object:
    return transaction.get("entry_reference") if isinstance(transaction, dict) else None


def _fingerprint(parts: Mapping[str, Any], transactions: Sequence[Any]) -> bytes:
    """Return a digest of what is said about the account, in whatever order, and not of when."""
    balances = parts["balances"] or ()
    said = [_written(parts["account"])]
    for each in (balances, transactions):
        said += ["", *sorted(_written(_lasting(one)) for one in each)]
    return sha256("\n".join(said).encode()).digest()


def _lasting(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    return {name: item[name] for name in sorted(item) if name not in _CHANGING}


def _written(value: Any) -> str:
    return json.dumps(value)
