"""Writes what an app reads in the words of SimpleFIN: of versions 1 and 2 at once.

A reader of one version ignores what only the other one has. Some fields are in neither, and
programs fail without them: see docs/simplefin.md.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from typing import Any, Final

from domain.ledger.entities import Holding
from domain.shared.money import MAX_DECIMALS
from domain.sharing.shared_ledger import (
    MOST_TRANSACTIONS,
    SharedAccount,
    SharedLedger,
    SharedTransaction,
)

#: Programs show the day of a moment in their own zone: at noon UTC it is the same from -12 to +11.
NOON: Final = time(12, tzinfo=UTC)
_DECIMALS = 2
# Wide enough for a product of the longest numbers.
_EXACT = Context(prec=80)
_SLUG = re.compile(r"[^a-z0-9]+")
# Transactions that are written at once.
_BATCH = 500


class SimpleFinWriter:
    """`SharedLedgerWriter` in JSON: first what is wrong, then the accounts one after the other."""

    media_type = "application/json"

    def write(self, ledger: SharedLedger) -> Iterator[bytes]:
        problems = _problems(ledger)
        head = {
            "errors": [each["msg"] for each in problems],
            "errlist": problems,
            "connections": _connections(ledger),
        }
        yield _json(head)[:-1] + b',"accounts":['
        groups = groupby(ledger.rows.transactions, key=lambda each: each[:2])
        key, rows = next(groups, (None, iter(())))
        for number, account in enumerate(ledger.accounts):
            yield (b"," if number else b"") + _json(_account(account, ledger.root))[:-1]
            yield b',"transactions":['
            if key == account.key:
                yield from _transactions(rows)
                key, rows = next(groups, (None, iter(())))
            yield b"]}"
        yield b"]}"


@lru_cache
def moment_of(day: date) -> int:
    """Return the moment that stands for a day, in seconds since 1970."""
    return int(datetime.combine(day, NOON).timestamp())


def amount_of(amount: Decimal) -> str:
    """Write an amount with at least two decimals: some programs remove the point, and no more."""
    # As text: a sum may have more digits than Python's default context.
    whole, _, decimals = f"{amount or 0:f}".partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(_DECIMALS, '0')}"


def _problems(ledger: SharedLedger) -> list[dict[str, str]]:
    problems = []
    if ledger.rows.complete_since:
        since = ledger.rows.complete_since
        msg = f"Transactions before {since} were left out, because there are more than"
        msg = f"{msg} {MOST_TRANSACTIONS:,}. Request fewer days at once."
        problems.append({"code": "gen.api", "msg": msg})
    for account in ledger.accounts:
        if account.is_known or account.total is None:
            continue
        msg = f"The balance of {account.name} is not known: its transactions are added up instead."
        problems.append(
            {
                "code": "act.missingdata",
                "msg": msg,
                "conn_id": _connection_id(account),
                "account_id": account.id,
            }
        )
    return problems


def _connections(ledger: SharedLedger) -> list[dict[str, str]]:
    known = {_connection_id(account): account for account in ledger.accounts}
    return [
        {
            "conn_id": conn_id,
            "name": _institution(account),
            "org_id": _org_id(account),
            "org_name": _institution(account),
            "sfin_url": ledger.root,
        }
        for conn_id, account in known.items()
    ]


def _account(account: SharedAccount, root: str) -> dict[str, Any]:
    amount = amount_of(account.amount)
    return {
        "id": account.id,
        "name": account.name,
        "currency": account.currency,
        "balance": amount,
        "available-balance": amount,
        "balance-date": moment_of(account.day),
        "conn_id": _connection_id(account),
        "org": {
            "id": _org_id(account),
            "name": _institution(account),
            "domain": f"{_org_id(account)}.invalid",
            "sfin-url": root,
        },
        "holdings": [_holding(each) for each in account.holdings],
    }


def _institution(account: SharedAccount) -> str:
    return account.account.institution or "Dashtam"


def _org_id(account: SharedAccount) -> str:
    """Return an id of the institution that is a valid label of a host name (RFC 1035)."""
    name = _institution(account)
    slug = _SLUG.sub("-", name.lower())[:40].strip("-")
    digest = sha256(name.encode()).hexdigest()[:8]
    return f"{slug}-{digest}" if slug else digest


def _connection_id(account: SharedAccount) -> str:
    return f"CON-{account.account.connection_id}"


def _transactions(rows: Iterator[SharedTransaction]) -> Iterator[bytes]:
    batch: list[bytes] = []
    separator = b""
    for row in rows:
        batch.append(_json(_transaction(row)))
        if len(batch) == _BATCH:
            yield separator + b",".join(batch)
            batch, separator = [], b","
    if batch:
        yield separator + b",".join(batch)


def _transaction(row: SharedTransaction) -> dict[str, Any]:
    moment = moment_of(row.booking_date)
    described = row.description or row.payee or row.memo
    return {
        "id": str(row.id),
        # While it is pending, the bank has not said when it will be booked.
        "posted": 0 if row.is_pending else moment,
        "transacted_at": moment,
        "amount": amount_of(row.amount),
        "description": described,
        "payee": row.payee or described,
        "memo": row.memo,
        "pending": row.is_pending,
    }


def _holding(holding: Holding) -> dict[str, Any]:
    """Write a position: 0 stands for what no statement says, and some read names with hyphens."""
    cost, worth = holding.cost_basis or Decimal(0), holding.worth or Decimal(0)
    price = _EXACT.divide(cost, holding.quantity) if holding.quantity else Decimal(0)
    paid, value, each = (amount_of(round(number, MAX_DECIMALS)) for number in (cost, worth, price))
    return {
        "id": str(holding.id),
        "created": moment_of(holding.day),
        "currency": holding.currency,
        "cost_basis": paid,
        "cost-basis": paid,
        "description": holding.security.name or holding.security.number,
        "market_value": value,
        "market-value": value,
        "purchase_price": each,
        "purchase-price": each,
        "shares": amount_of(holding.quantity),
        "symbol": holding.security.ticker or holding.security.number,
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
