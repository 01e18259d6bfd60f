"""Accounts and transactions as SimpleFIN writes them, and documents as they are fetched."""

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

ORG = {"domain": "bank.example", "name": "Bank", "sfin-url": "https://bank.example/simplefin"}
DAY = date(2026, 3, 13)


def noon(day: date) -> int:
    """Return noon of a day in UTC, in seconds since 1970."""
    return int(datetime.combine(day, time(12), UTC).timestamp())


def row(
    id: str, amount: str = "-12.50", day: date = DAY, text: str = "Coffee house", **more: Any
) -> dict[str, Any]:
    """Write a transaction that is booked, unless it is said to be pending."""
    booked = {"id": id, "posted": noon(day), "amount": amount, "description": text}
    if more.get("pending"):
        booked |= {"posted": 0, "transacted_at": noon(day)}
    return booked | more


def account(*rows: Any, id: str = "A-1", **more: Any) -> dict[str, Any]:
    """Write an account with its transactions; further members may replace the usual ones."""
    written = {
        "org": ORG,
        "id": id,
        "name": "Savings",
        "currency": "USD",
        "balance": "100.00",
        "balance-date": noon(DAY),
        "transactions": list(rows),
    }
    hyphened = {"balance_date": "balance-date", "available_balance": "available-balance"}
    return written | {hyphened.get(name, name): value for name, value in more.items()}


def answer(*accounts: Any, **more: Any) -> bytes:
    """Write an answer of a server; it is read by people, too."""
    return json.dumps({"errors": [], "accounts": list(accounts)} | more, indent=1).encode()


def fetched(
    *rows: Any,
    first: date = DAY - timedelta(20),
    last: date = DAY,
    is_complete: bool = True,
    **more: Any,
) -> bytes:
    """Write a document of one account, as it is stored after it was fetched on its last day."""
    retrieval = {
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "complete": is_complete,
        "retrieved_at": f"{last.isoformat()}T18:00:00+00:00",
    }
    more = {"balance_date": noon(last)} | more
    return answer(account(*rows, **more), retrieval=retrieval)
