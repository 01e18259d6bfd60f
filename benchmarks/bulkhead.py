"""One user's flood on a live server: what another user, and whoever watches, see of it.

Ada has 200 accounts and three years of balances; 40 of her requests for a year of net worth are
always under way. Bob asks for his accounts meanwhile, and before. `python -m benchmarks.bulkhead`
ends with 1 when Bob waits more than three times as long as before, or the server is not ready.
"""

import asyncio
import json
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import psycopg

from benchmarks.live import ask, serving, until_ready
from benchmarks.people import PASSWORD, add_users
from benchmarks.server import migrated_database
from domain.shared.result import Success
from tests.statements import ofx, statement, transaction
from tests.unaudited import add_entry

ADA, BOB = "ada@dashtam.example", "bob@dashtam.example"
ACCOUNTS = 200
#: Default number of Ada's requests.
AT_ONCE = 40
ROUNDS = 100
MOST_TIMES = 3.0
YEAR = "/api/v1/net-worth?date_from=2025-04-01&date_to=2026-03-31"
#: Other pages that are large for a user with many accounts.
OTHERS = {
    "net worth": YEAR,
    "accounts": "/api/v1/accounts",
    "transfers": "/api/v1/transfers?limit=500",
    "holdings": "/api/v1/holdings",
    "export": "/api/v1/export?format=csv",
}

# Imported balances for each week of three years, and a hundred transactions for each account.
_BALANCES = """
INSERT INTO ledger_balance (id, user_id, account_id, import_id, kind, day, amount, currency)
SELECT uuidv7(), user_id, account_id, import_id, kind, day - 7 * n, amount + n, currency
FROM ledger_balance, generate_series(1, 156) n
"""
_BOOKINGS = """
INSERT INTO ledger_transaction (
    id, user_id, account_id, import_id, fingerprint, occurrence, provider_id, booking_date,
    amount, currency, kind, status, description, line, raw
)
SELECT uuidv7(), user_id, account_id, import_id, sha256((account_id || ' ' || n)::bytea), 1,
    'G' || n, booking_date - 11 * n, amount - n, currency, kind, status, description || n, n, raw
FROM ledger_transaction, generate_series(1, 99) n
"""


@dataclass
class Seen:
    """The durations and statuses of the requests of one kind."""

    taken: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    async def ask(self, port: int, path: str, token: str = "") -> None:
        """Send one request."""
        known = f"\r\nAuthorization: Bearer {token}" if token else ""
        began = time.perf_counter()
        status, _ = await ask(port, f"GET {path} HTTP/1.1{known}")
        self.taken.append(time.perf_counter() - began)
        self.statuses[status] += 1

    def figures(self, name: str) -> dict[str, float]:
        cuts = statistics.quantiles(self.taken, n=20)
        return {
            f"{name}, median ms": round(statistics.median(self.taken) * 1000, 1),
            f"{name}, p95 ms": round(cuts[18] * 1000, 1),
        }


async def _fill() -> None:
    from dashtam.application.ledger.import_pipeline import ImportPipeline
    from dashtam.container import container
    from domain.identity.values import Email
    from domain.ledger.imports import ImportRequest

    await add_users(ADA, BOB)
    for email, count in ((ADA, ACCOUNTS), (BOB, 3)):
        found = await container.ports.users.get_by_email(Email(email))
        assert isinstance(found, Success)
        file = ofx(*(statement(transaction(), number=str(n)) for n in range(count)))
        done = await container.use(ImportPipeline)(
            ImportRequest(user_id=found.value.id, file_name="x.ofx", content=file)
        )
        assert isinstance(done, Success)
    container.close()


def _grow(superuser: str) -> None:
    with psycopg.connect(superuser) as connection:
        add_entry(connection)
        connection.execute(_BALANCES)
        connection.execute(_BOOKINGS)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


async def _log_in(port: int, email: str) -> str:
    head = "POST /api/v1/sessions HTTP/1.1\r\nContent-Type: application/json"
    told = json.dumps({"email": email, "password": PASSWORD}).encode()
    status, answer = await ask(port, head, told)
    assert status == 201
    token: str = json.loads(answer)["access_token"]
    return token


async def _bob(port: int, token: str) -> Seen:
    """Request Bob's accounts, one request after the other."""
    seen = Seen()
    for _ in range(ROUNDS):
        await seen.ask(port, "/api/v1/accounts", token)
        await asyncio.sleep(0.01)
    return seen


async def _for_ever(seen: Seen, port: int, path: str, token: str = "", pause: float = 0) -> None:
    while True:
        await seen.ask(port, path, token)
        await asyncio.sleep(pause)


async def _flooded(port: int, ada: str, bob: str, at_once: int) -> tuple[Seen, Seen, Seen]:
    """Return what Ada, Bob and whoever watches see while Ada floods."""
    flood, watch = Seen(), Seen()
    tasks = [asyncio.create_task(_for_ever(flood, port, YEAR, ada)) for _ in range(at_once)]
    tasks.append(asyncio.create_task(_for_ever(watch, port, "/health/ready", pause=0.1)))
    await asyncio.sleep(1)
    seen = await _bob(port, bob)
    for task in tasks:
        task.cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    broken = [end for end in ends if not isinstance(end, asyncio.CancelledError)]
    assert not broken, broken
    return flood, seen, watch


async def _measure(port: int, at_once: int) -> dict[str, object]:
    await until_ready(port)
    ada, bob = await _log_in(port, ADA), await _log_in(port, BOB)
    alone = {}
    for name, path in OTHERS.items():
        seen = Seen()
        for _ in range(3):
            await seen.ask(port, path, ada)
        assert set(seen.statuses) == {200}, (name, seen.statuses)
        alone[f"{name} alone, ms"] = round(min(seen.taken) * 1000, 1)
    await _bob(port, bob)
    idle = await _bob(port, bob)
    flood, seen, watch = await _flooded(port, ada, bob, at_once)
    times = statistics.median(seen.taken) / statistics.median(idle.taken)
    return {
        **alone,
        **idle.figures("idle"),
        **seen.figures("flooded"),
        "times": round(times, 2),
        "answers to the flood": dict(flood.statuses),
        "answers to bob": dict(seen.statuses),
        "answers to those who watch": dict(watch.statuses),
        "not_ready": sum(watch.statuses.values()) - watch.statuses[200],
        "kept": times <= MOST_TIMES and set(seen.statuses) == set(watch.statuses) == {200},
    }


def main(at_once: int = AT_ONCE) -> dict[str, object]:
    with migrated_database() as superuser:
        asyncio.run(_fill())
        _grow(superuser)
        with serving(superuser) as port:
            return asyncio.run(_measure(port, at_once))


if __name__ == "__main__":
    numbers = [int(given) for given in sys.argv[1:]]
    figures = main(*numbers)
    print(json.dumps(figures, indent=1))
    # With a number as argument, `make bench` compares the figures instead.
    sys.exit(0 if figures["kept"] or numbers else 1)
