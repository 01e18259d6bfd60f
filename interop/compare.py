"""What programs have, beside what the files state and what Dashtam answers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from interop.household import Account


def day_of(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def cents(amount: str) -> int:
    return int(Decimal(amount) * 100)


def with_files(
    files: Sequence[Account], shared: Mapping[str, Any], numbers: Mapping[str, str]
) -> list[str]:
    """Compare Dashtam's answer with what the files state; `numbers` are those of the ids."""
    wrong = []
    by_number = {numbers[each["id"]]: each for each in shared["accounts"]}
    if by_number.keys() != {each.number for each in files}:
        wrong.append(f"Dashtam shares the accounts {sorted(by_number)}.")
    for file in files:
        account = by_number[file.number]
        stated = Counter((str(row.day), row.cents, row.text, row.pending) for row in file.rows)
        found = Counter(
            (day_of(row["transacted_at"]), cents(row["amount"]), row["description"], row["pending"])
            for row in account["transactions"]
        )
        if stated != found:
            wrong.append(f"{file.number}: stated {stated - found}, shared {found - stated}.")
        if Decimal(account["balance"]) != Decimal(file.balance):
            wrong.append(f"{file.number}: balance {account['balance']}, stated {file.balance}.")
    return wrong


def with_actual(shared: Mapping[str, Any], actual: Mapping[str, Any]) -> list[str]:
    """Compare what Actual has after the first synchronisation and after the second."""
    first, second = actual["first"], actual["second"]
    wrong = [] if first == second else ["The second synchronisation changed something."]
    if first.keys() != {each["id"] for each in shared["accounts"]}:
        wrong.append(f"Actual has the accounts {sorted(first)}.")
    for account in shared["accounts"]:
        known = first.get(account["id"], {"transactions": [], "balance": None})
        found = Counter(
            (row["id"], row["date"], row["amount"], row["cleared"], row["notes"], row["payee"])
            for row in known["transactions"]
            if not row["starting"]
        )
        expected = Counter(
            (
                row["id"],
                day_of(row["transacted_at"]),
                cents(row["amount"]),
                not row["pending"],
                row["description"],
                row["payee"],
            )
            for row in account["transactions"]
        )
        if found != expected:
            wrong.append(
                f"{account['name']}: Actual has {found - expected}, not {expected - found}."
            )
        if known["balance"] != cents(account["balance"]):
            wrong.append(f"{account['name']}: Actual's balance is {known['balance']} cents.")
    return wrong


def with_simplefin4py(shared: Mapping[str, Any], read: Sequence[Mapping[str, Any]]) -> list[str]:
    """Compare what the library of Home Assistant has read; it cannot request pending rows."""
    expected = {
        account["id"]: {
            "name": account["name"],
            "currency": account["currency"],
            "balance": account["balance"],
            "available": account["balance"],
            "day": day_of(account["balance-date"]),
            "bank": account["org"]["name"],
            "transactions": [
                {
                    "id": row["id"],
                    "date": day_of(row["posted"]),
                    "amount": row["amount"],
                    "description": row["description"],
                }
                for row in account["transactions"]
                if not row["pending"]
            ],
            "holdings": [],
        }
        for account in shared["accounts"]
    }
    return [
        f"simplefin4py read {each} where Dashtam shares {expected}."
        for each in read
        if each != expected
    ]
