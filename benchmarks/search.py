"""Search 1,000,000 transactions of one user for words, and edit 500 of them at once.

Words have the frequencies of a language: few are in every tenth row, most in a handful. A page that
is searched for is compared with a page of the account, in turns; the 200 words are timed in the
database, without the audit entry of a request.
"""

import asyncio
import json
import random
import statistics
import sys
import time

import psycopg

from benchmarks.growth import PAGE, SMALL, Ledger, _ledger
from benchmarks.server import migrated_database
from domain.ledger.allocations import Annotation
from domain.ledger.listing import BulkEdit, TransactionFilter, TransactionSort, words_of
from domain.shared.pages import MAX_PAGE_SIZE
from domain.shared.result import Success
from tests.unaudited import ADD_ENTRY

WORDS = 200
ROUNDS = 3
VOCABULARY = 20_000


def _word(letter: str, power: int) -> str:
    """Return SQL for a random word; none is the beginning of another one."""
    return f"'{letter}' || lpad(floor({VOCABULARY} * random() ^ {power})::int::text, 5, '0')"


#: Copies of a row with other days and ids, and with words. The fourth power of a random number
#: makes the first ones frequent.
_GROW = f"""
INSERT INTO ledger_transaction (id, user_id, account_id, import_id, fingerprint, occurrence,
    provider_id, booking_date, amount, currency, kind, status, description, payee, memo, line, raw)
SELECT uuidv7(), user_id, account_id, import_id, sha256(('grown ' || n)::bytea), 1,
    'G' || n, date '2020-01-01' + n %% 2000, amount, currency, kind, status,
    'Card payment ' || shop, shop, 'Ref ' || n || ' ' || text, n, raw
FROM (
    SELECT n, {_word("w", 4)} || ' ' || {_word("w", 4)} AS shop,
        {_word("m", 3)} || ' ' || {_word("m", 3)} AS text
    FROM generate_series(1, %s) AS n OFFSET 0
) AS made, (SELECT * FROM ledger_transaction WHERE account_id = %s LIMIT 1) AS one
"""


def _grow(url: str, ledger: Ledger, rows: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        # Disable triggers, which are not part of the measurement.
        connection.execute("SET session_replication_role = replica")
        with connection.transaction():
            connection.execute(ADD_ENTRY)
            connection.execute(_GROW, (rows - SMALL, ledger.account_id))
        connection.execute("VACUUM (ANALYZE) ledger_transaction")


async def _page(ledger: Ledger, text: str = "") -> float:
    """Return the milliseconds of a page of the account, or of one that is searched for."""
    from dashtam.application.ledger.transactions import ListTransactions
    from dashtam.container import container

    began = time.perf_counter()
    page = await container.use(ListTransactions)(
        account_id=None if text else ledger.account_id,
        user_id=ledger.user_id,
        where=TransactionFilter(words=words_of(text)),
        after=None,
        limit=PAGE,
    )
    took = (time.perf_counter() - began) * 1000
    assert isinstance(page, Success)
    assert text or page.value.items
    return took


async def _in_database(ledger: Ledger, text: str) -> float:
    """Return the milliseconds that the repository needs."""
    from dashtam.container import container

    async with container.ports.unit_of_work(owner=ledger.user_id):
        began = time.perf_counter()
        page = await container.ports.transactions.page(
            None,
            owner=ledger.user_id,
            where=TransactionFilter(words=words_of(text)),
            after=None,
            limit=PAGE,
            sort=TransactionSort.NEWEST,
        )
        took = (time.perf_counter() - began) * 1000
    assert isinstance(page, Success)
    return took


async def _edit(ledger: Ledger, number: int) -> float:
    """Return the milliseconds of an edit of as many transactions as one request may name."""
    from dashtam.application.ledger.transactions import EditTransactions
    from dashtam.container import container

    async with container.ports.unit_of_work(owner=ledger.user_id):
        page = await container.ports.transactions.page(
            ledger.account_id,
            owner=ledger.user_id,
            where=TransactionFilter(words=("card",)),
            after=None,
            limit=MAX_PAGE_SIZE,
        )
    assert isinstance(page, Success)
    edit = BulkEdit(
        transaction_ids=frozenset(row.id for row in page.value.items),
        annotation=Annotation(note=f"Shops {number}"),
    )
    began = time.perf_counter()
    done = await container.use(EditTransactions)(edit, user_id=ledger.user_id)
    took = (time.perf_counter() - began) * 1000
    assert isinstance(done, Success)
    return took


def searched() -> list[str]:
    """Return different texts: frequent and rare words, beginnings of words, and two words."""
    pick = random.Random(7)
    numbers = pick.sample(range(VOCABULARY), WORDS - 40)
    whole = [f"{pick.choice('wm')}{number:05}" for number in numbers]
    frequent = ["card", "payment", "ref", *(f"w{number:05}" for number in range(7))]
    beginnings = [f"w{number:04}" for number in range(100, 110)]
    pairs = [f"card {word}" for word in whole[:20]]
    return [*whole, *frequent, *beginnings, *pairs]


async def measure(ledger: Ledger) -> dict[str, float]:
    from dashtam.container import container

    texts = searched()
    best = [min([await _in_database(ledger, text) for _ in range(ROUNDS)]) for text in texts]
    pages: dict[str, list[float]] = {"account": [], "search": []}
    for text in texts:
        pages["account"].append(await _page(ledger))
        pages["search"].append(await _page(ledger, text))
    edits = [await _edit(ledger, number) for number in range(ROUNDS)]
    await container.drain()
    container.database.close()
    medians = {name: statistics.median(times) for name, times in pages.items()}
    return {
        **{f"{name}_page_ms": median for name, median in medians.items()},
        "page_ratio": medians["search"] / medians["account"],
        "median_ms": statistics.median(best),
        "p95_ms": statistics.quantiles(best, n=20)[-1],
        "slowest_ms": max(best),
        "edit_ms": statistics.median(edits),
    }


async def _measure(url: str, rows: int) -> dict[str, float]:
    ledger = await _ledger("search@dashtam.example")
    _grow(url, ledger, rows)
    return await measure(ledger)


def main(rows: int) -> dict[str, float]:
    with migrated_database() as url:
        return asyncio.run(_measure(url, rows))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
