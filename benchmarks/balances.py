"""A page of a hundred days of balances of an account with very many rows.

Once a balance is stated for each day, and once there is only one, before all of the rows.
"""

import asyncio
import json
import statistics
import sys
import time
from datetime import date, timedelta

import psycopg

from benchmarks.growth import Ledger, _ledger
from benchmarks.server import migrated_database
from domain.ledger.balances import BalanceCursor, BalancesRange
from domain.shared.result import Success
from tests.unaudited import ADD_ENTRY

ROUNDS = 21
DAYS = 100
FIRST = date(2016, 1, 1)
SPAN = 3650
SMALL = 10_000

# Copies of one row of the account, on ten years of days.
_GROW = """
INSERT INTO ledger_transaction (id, user_id, account_id, import_id, fingerprint, occurrence,
    provider_id, booking_date, amount, currency, kind, status, description, line, raw)
SELECT uuidv7(), user_id, account_id, import_id, sha256(('grown ' || n)::bytea), 1,
    'G' || n, %(first)s::date + (n / (%(rows)s / %(span)s + 1))::int, amount, currency, kind,
    status, description || n, n, raw
FROM generate_series(1, %(rows)s) AS n,
    (SELECT * FROM ledger_transaction WHERE account_id = %(account)s LIMIT 1) AS one
"""
_STATE = """
INSERT INTO ledger_balance (id, user_id, account_id, import_id, kind, day, amount, currency)
SELECT uuidv7(), user_id, account_id, import_id, 'booked', %(first)s::date + n, n, currency
FROM generate_series(0, %(span)s) AS n,
    (SELECT * FROM ledger_transaction WHERE account_id = %(account)s LIMIT 1) AS one
"""
_FORGET = "DELETE FROM ledger_balance WHERE account_id = %(account)s AND day <> %(first)s"


def _execute(url: str, ledger: Ledger, rows: int, *statements: str) -> None:
    given = {
        "account": ledger.account_id,
        "first": FIRST,
        "span": SPAN,
        "rows": rows - SMALL,
    }
    with psycopg.connect(url, autocommit=True) as connection:
        # Disable triggers, which are not part of the measurement.
        connection.execute("SET session_replication_role = replica")
        with connection.transaction():
            connection.execute(ADD_ENTRY)
            for each in statements:
                connection.execute(each, given)
        connection.execute("VACUUM (ANALYZE) ledger_transaction, ledger_balance")


async def _page(ledger: Ledger, last: date) -> float:
    """Return how many milliseconds a page takes, with everything that a request needs of it."""
    from dashtam.application.ledger.balances import ListBalances
    from dashtam.container import container

    began = time.perf_counter()
    page = await container.use(ListBalances)(
        account_id=ledger.account_id,
        user_id=ledger.user_id,
        days=BalancesRange(None, last),
        after=BalanceCursor(last + timedelta(days=1), "AAA"),
        limit=DAYS,
    )
    assert isinstance(page, Success)
    assert len(page.value.items) == DAYS
    return (time.perf_counter() - began) * 1000


async def _pages(ledger: Ledger) -> tuple[float, float]:
    """Return what the latest page takes, and the worst of all."""
    latest = FIRST + timedelta(days=SPAN)
    took = [await _page(ledger, latest) for _ in range(ROUNDS)]
    older = [await _page(ledger, latest - timedelta(days=days)) for days in range(0, 3500, 350)]
    return statistics.median(took), max(older)


async def _net_worth(ledger: Ledger) -> float:
    from dashtam.application.ledger.holdings import ShowNetWorth
    from dashtam.container import container

    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        latest = FIRST + timedelta(days=SPAN)
        shown = await container.use(ShowNetWorth)(user_id=ledger.user_id, last=latest)
        assert isinstance(shown, Success)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


async def _measure(url: str, rows: int) -> dict[str, float]:
    from dashtam.container import container

    ledger = await _ledger("daily@dashtam.example")
    figures: dict[str, float] = {}
    for name, change in (("daily", (_GROW, _STATE)), ("once", (_FORGET,))):
        _execute(url, ledger, rows, *change)
        latest, worst = await _pages(ledger)
        figures |= {f"{name}_ms": latest, f"{name}_worst_ms": worst}
        figures[f"{name}_net_worth_ms"] = await _net_worth(ledger)
    await container.drain()
    container.database.close()
    return figures


def main(rows: int) -> dict[str, float]:
    with migrated_database() as url:
        return asyncio.run(_measure(url, rows))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
