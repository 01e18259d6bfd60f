"""The cost of an import and of a page in a small account, and in a large one.

Rounds of small and grown are interleaved, in accounts of two users of one database.
"""

import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import psycopg

from benchmarks.server import migrated_database
from benchmarks.synthetic import ofx
from domain.ledger.ports import TransactionFilter
from domain.shared.ids import AccountId, TransactionId, UserId
from domain.shared.pages import Cursor
from domain.shared.result import Success
from tests.imported_rows import record_rows
from tests.unaudited import ADD_ENTRY

SMALL = 10_000
IMPORTED = 10_000
PAGE = 50
DEEP = 1000
IMPORT_ROUNDS = 3
PAGE_ROUNDS = 60

#: Copies of the account's rows, with other days, ids and fingerprints.
_GROW = """
INSERT INTO ledger_transaction (id, user_id, account_id, import_id, fingerprint, occurrence,
    provider_id, booking_date, amount, currency, kind, status, description, line, raw)
SELECT uuidv7(), user_id, account_id, import_id, sha256(('grown ' || n)::bytea), 1,
    'G' || n, date '2020-01-01' + n %% 2000, amount, currency, kind, status,
    description || n, n, raw
FROM generate_series(1, %s) AS n,
    (SELECT * FROM ledger_transaction WHERE account_id = %s LIMIT 1) AS one
"""
_DEEP = """
SELECT booking_date, id FROM ledger_transaction WHERE account_id = %s AND removal IS NULL
ORDER BY booking_date DESC, id DESC OFFSET %s LIMIT 1
"""


@dataclass
class Ledger:
    """A user with one account."""

    user_id: UserId
    account_id: AccountId
    next_row: int = SMALL

    async def bring(self) -> None:
        """Import new rows."""
        content = ofx(IMPORTED, first=self.next_row)
        self.next_row += IMPORTED
        await _bring(self.user_id, content, IMPORTED)

    async def turn(self, after: Cursor | None) -> None:
        """Read a page."""
        from dashtam.application.ledger.transactions import ListTransactions
        from dashtam.container import container

        page = await container.use(ListTransactions)(
            account_id=self.account_id,
            user_id=self.user_id,
            where=TransactionFilter(),
            after=after,
            limit=PAGE,
        )
        assert isinstance(page, Success)
        assert len(page.value.items) == PAGE


async def _bring(user_id: UserId, content: bytes, rows: int) -> AccountId:
    from dashtam.application.ledger.import_pipeline import ImportPipeline
    from dashtam.container import container
    from domain.ledger.imports import ImportRequest

    done = await container.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="bench.ofx", content=content)
    )
    assert isinstance(done, Success)
    assert done.value.new == rows
    return done.value.statements[0].account_id


async def _ledger(email: str) -> Ledger:
    from dashtam.application.identity.users import RegisterUser
    from dashtam.container import container

    registered = await container.use(RegisterUser)(email=email, password="a password for measuring")
    assert isinstance(registered, Success)
    user_id = registered.value.id
    return Ledger(user_id, await _bring(user_id, ofx(SMALL), SMALL))


def _grow(url: str, account_id: AccountId, rows: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        # Disable triggers, which are not part of the measurement.
        connection.execute("SET session_replication_role = replica")
        with connection.transaction():
            connection.execute(ADD_ENTRY)
            connection.execute(_GROW, (rows - SMALL, account_id))
            connection.execute(
                record_rows("account_id = %s AND provider_id LIKE 'G%%'"), (account_id,)
            )
        connection.execute("VACUUM (ANALYZE) ledger_transaction, ledger_imported_rows")


def _deep(url: str, account_id: AccountId, rows: int) -> Cursor:
    """Return the cursor of the thousandth page, or of the last full one."""
    with psycopg.connect(url) as connection:
        offset = min(PAGE * (DEEP - 1), rows - PAGE) - 1
        found = connection.execute(_DEEP, (account_id, offset)).fetchone()
    assert found
    return Cursor(found[0], TransactionId(found[1]))


async def _seconds(work: Callable[[], Coroutine[Any, Any, None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def _measure(url: str, rows: int) -> dict[str, float]:
    from dashtam.container import container

    small, grown = await _ledger("small@dashtam.example"), await _ledger("grown@dashtam.example")
    _grow(url, grown.account_id, rows)
    await container.drain()
    places = {
        "small_first": (small, None),
        "small_deep": (small, _deep(url, small.account_id, SMALL)),
        "grown_first": (grown, None),
        "grown_deep": (grown, _deep(url, grown.account_id, rows)),
    }
    taken: dict[str, list[float]] = {name: [] for name in [*places, "small", "grown"]}
    for number in range(PAGE_ROUNDS):
        # Change the order in each round, because the first one pays for what came before.
        for name in random.Random(number).sample(list(places), len(places)):
            ledger, after = places[name]
            taken[name].append(await _seconds(lambda: ledger.turn(after)))  # noqa: B023
    for _ in range(IMPORT_ROUNDS):
        for name, ledger in (("small", small), ("grown", grown)):
            taken[name].append(await _seconds(ledger.bring))
    await container.drain()
    container.database.close()
    figures = {name: statistics.median(times) for name, times in taken.items()}
    pages = [figures[name] for name in places]
    return {
        **{f"{name}_ms": figures[name] * 1000 for name in taken},
        "page_ratio": max(pages) / min(pages),
        "import_ratio": figures["grown"] / figures["small"],
    }


def main(rows: int) -> dict[str, float]:
    with migrated_database() as url:
        return asyncio.run(_measure(url, rows))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
