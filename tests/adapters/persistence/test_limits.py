"""Limits on PostgreSQL: one count for all connections and processes, whatever happens to these."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection

from adapters.persistence.database import Database
from adapters.persistence.limits.attempts import PostgresLoginAttemptLimiter
from adapters.persistence.limits.rates import PostgresRateLimiter
from adapters.persistence.plain import connect
from adapters.persistence.roles import Role
from dashtam.container import container
from domain.shared.errors import Unavailable
from domain.shared.limits import AttemptKey, Limit, Reservation
from domain.shared.result import Failure, Result, Success
from tests.adapters.persistence.roles import outcome, rows, value
from tests.contracts.limits import (
    Later,
    LoginAttemptLimiterContract,
    RateLimiterContract,
    fail,
    refused,
)
from tests.contracts.world import World
from tests.postgres import as_login, pointing_django_at, url_of

ADA = AttemptKey.of_account("ada@example.org")
EVE = AttemptKey.of_account("eve@example.org")
NETWORK = AttemptKey.of_network("192.0.2.7")


LAST_TOKEN = """
SELECT taken FROM limits_reserve(%s, ARRAY[10], gen_random_uuid(), '15 min', '20 s')
"""
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


async def _later(seconds: float) -> None:
    """Let time pass: all that was, was so much earlier."""
    await container.database.run(_move_back, seconds)


def _move_back(seconds: float) -> None:
    with connection.cursor() as cursor:
        for table, moment in (("limits_bucket", "full_at"), ("limits_guess", "taken_at")):
            cursor.execute(
                f"UPDATE {table} SET {moment} = {moment} - make_interval(secs => %s)", [seconds]
            )


class OnPostgres:
    @pytest.fixture
    def world(self, django_world: World) -> World:
        return django_world

    @pytest.fixture
    def later(self) -> Later:
        return _later


class TestRates(OnPostgres, RateLimiterContract):
    pass


class TestAttempts(OnPostgres, LoginAttemptLimiterContract):
    @pytest.fixture
    def impatient(self, world: World) -> PostgresLoginAttemptLimiter:
        return PostgresLoginAttemptLimiter(container.database, patience=0.1)


@pytest.fixture
def pools(committing_database: str) -> Iterator[Sequence[Database]]:
    """Databases that know nothing of each other, as the processes of several servers."""
    databases = [Database(size=4, role=Role.APPLICATION) for _ in range(5)]
    yield databases
    for each in databases:
        each.close()


def kinds(results: Sequence[Result[object, object]]) -> tuple[int, int]:
    """Return how many succeeded, and how many did not."""
    done = sum(isinstance(each, Success) for each in results)
    return done, len(results) - done


class TestConcurrentRates:
    async def test_grant_exactly_the_limit(self, pools: Sequence[Database]) -> None:
        limiters = [PostgresRateLimiter(each) for each in pools]
        slow = Limit(burst=30, per_minute=0.1)

        results = await asyncio.gather(*(each.consume("a", slow) for each in limiters * 20))

        assert kinds(results) == (30, 70)

    async def test_refuse_nobody_below_the_limit(self, pools: Sequence[Database]) -> None:
        limiters = [PostgresRateLimiter(each) for each in pools]

        for n in range(20):
            few = Limit(burst=10, per_minute=0.1)
            results = await asyncio.gather(*(each.consume(str(n), few) for each in limiters * 2))
            assert kinds(results) == (10, 0)

    async def test_need_one_statement(self, pools: Sequence[Database]) -> None:
        statements = await pools[0].run(_statements_of_consume, PostgresRateLimiter(pools[0]))

        assert [sql.split()[0] for sql in statements] == ["SELECT", "SELECT"]

    async def test_store_no_readable_key(self, pools: Sequence[Database]) -> None:
        await PostgresRateLimiter(pools[0]).consume("GET accounts 192.0.2.7", Limit(1, 1))

        ((key,),) = await pools[0].run(rows, "SELECT key FROM limits_bucket")
        assert (len(key), b"192" in bytes(key)) == (32, False)

    async def test_leave_other_commits_as_safe_as_they_were(
        self, pools: Sequence[Database]
    ) -> None:
        first = pools[0]
        await first.run(value, "SELECT set_config('synchronous_commit', 'on', false)")

        await PostgresRateLimiter(first).consume("a", Limit(1, 1))

        assert await first.run(value, "SHOW synchronous_commit") == "on"
        async with first.transaction():
            assert await first.run(value, "SHOW synchronous_commit") == "on"

    async def test_can_be_raised(self, pools: Sequence[Database]) -> None:
        limiter = PostgresRateLimiter(pools[0])
        wide = Limit(60, 60).scaled(1e9)

        assert kinds([await limiter.consume("a", wide) for _ in range(50)]) == (50, 0)

    async def test_are_deleted_in_batches(
        self, pools: Sequence[Database], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("adapters.persistence.limits.rates.BATCH", 3)
        limiter = PostgresRateLimiter(pools[0])
        for n in range(10):
            await limiter.consume(f"full {n}", Limit(1, 1))
        await _later(60)
        for n in range(4):
            await limiter.consume(f"empty {n}", Limit(1, 1))

        assert await limiter.delete_expired() == Success(10)
        assert await pools[0].run(value, "SELECT count(*) FROM limits_bucket") == 4


def _statements_of_consume(limiter: PostgresRateLimiter) -> list[str]:
    statements: list[str] = []

    def note(execute: object, sql: str, *more: object) -> object:
        statements.append(sql)
        return execute(sql, *more)  # type: ignore[operator]  # Django's own

    with connection.execute_wrapper(note):
        for _ in range(2):
            # The body of the method, without its hop to a thread: this is one.
            PostgresRateLimiter._consume.__wrapped__(limiter, [("a", Limit(1, 1))])  # type: ignore[attr-defined]
    return statements


class Attempting:
    """Attempts that are evaluated somewhere between the taking and the settling of tokens."""

    def __init__(self, pools: Sequence[Database], *, right: bool) -> None:
        self.limiters = [PostgresLoginAttemptLimiter(each) for each in pools]
        self.right = right
        self.evaluated = 0

    async def __call__(self, count: int, *keys: AttemptKey) -> tuple[int, int]:
        """Try so often, all at once; return how many succeeded, and how many did not."""
        some = [self.limiters[n % len(self.limiters)] for n in range(count)]
        return kinds(await asyncio.gather(*(self._guess(each, *keys) for each in some)))

    async def _guess(
        self, limiter: PostgresLoginAttemptLimiter, *keys: AttemptKey
    ) -> Result[Reservation, object]:
        reserved = await limiter.reserve(*keys)
        if isinstance(reserved, Success):
            self.evaluated += 1
            # About as long as hashing a password takes.
            await asyncio.sleep(0.05)
            assert await limiter.settle(reserved.value, failed=not self.right) == Success(None)
        return reserved


class TestConcurrentAttempts:
    async def test_of_a_hundred_wrong_ones_ten_are_checked(self, pools: Sequence[Database]) -> None:
        guess = Attempting(pools, right=False)

        assert await guess(100, ADA, NETWORK) == (10, 90)
        assert guess.evaluated == 10

    async def test_of_twelve_right_ones_all_succeed(self, pools: Sequence[Database]) -> None:
        assert await Attempting(pools, right=True)(12, ADA, NETWORK) == (12, 0)
        assert await pools[0].run(value, "SELECT count(*) FROM limits_guess") == 0

    async def test_above_the_limit_the_right_one_is_refused_too(
        self, pools: Sequence[Database]
    ) -> None:
        await Attempting(pools, right=False)(10, ADA)

        assert await Attempting(pools, right=True)(5, ADA) == (0, 5)
        assert await Attempting(pools, right=True)(5, EVE) == (5, 0)

    async def test_a_network_is_counted_across_accounts(self, pools: Sequence[Database]) -> None:
        guess = Attempting(pools, right=False)
        for n in range(25):
            await guess(4, AttemptKey.of_account(str(n)), NETWORK)

        assert await guess(3, EVE, NETWORK) == (0, 3)
        assert guess.evaluated == 100
        assert await guess(3, EVE) == (3, 0)

    async def test_keys_in_any_order_never_deadlock(self, pools: Sequence[Database]) -> None:
        guess = Attempting(pools, right=True)

        one, other = await asyncio.gather(guess(40, ADA, NETWORK), guess(40, NETWORK, ADA))

        assert (one, other) == ((40, 0), (40, 0))

    async def test_a_concurrent_attempt_waits_for_the_count(
        self, pools: Sequence[Database]
    ) -> None:
        limiter = PostgresLoginAttemptLimiter(pools[0], patience=0)
        for _ in range(9):
            await fail(limiter, ADA)
        with connect() as other:
            other.execute("SET search_path = public")
            other.execute("BEGIN")
            assert other.execute(LAST_TOKEN, [[ADA.name]]).fetchone() == (True,)

            asking = asyncio.ensure_future(limiter.reserve(ADA))
            while not asking.done() and other.execute(WAITING).fetchone() == (0,):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            assert not asking.done()
            other.execute("COMMIT")

        assert refused(await asking, 5)

    async def test_the_time_to_wait_decreases(self, pools: Sequence[Database]) -> None:
        limiter = PostgresLoginAttemptLimiter(pools[0])
        for _ in range(10):
            await fail(limiter, ADA)

        for seconds in (900, 600, 300):
            assert refused(await limiter.reserve(ADA), seconds)
            await _later(300)
        assert isinstance(await limiter.reserve(ADA), Success)

    async def test_a_waiting_client_holds_no_connection(self, pools: Sequence[Database]) -> None:
        limiter = PostgresLoginAttemptLimiter(pools[0])
        reservations = [await limiter.reserve(ADA) for _ in range(10)]
        waiting = [asyncio.ensure_future(limiter.reserve(ADA)) for _ in range(8)]
        await asyncio.sleep(0.3)

        # Twice as many wait as there are connections, and others are served.
        assert await pools[0].run(value, "SELECT 1") == 1
        assert not any(each.done() for each in waiting)
        for each in reservations:
            assert isinstance(each, Success)
            await limiter.settle(each.value, failed=False)
        assert kinds(await asyncio.gather(*waiting)) == (8, 0)

    async def test_are_deleted_in_batches(
        self, pools: Sequence[Database], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("adapters.persistence.limits.attempts.BATCH", 3)
        limiter = PostgresLoginAttemptLimiter(pools[0])
        for n in range(9):
            await fail(limiter, AttemptKey.of_account(str(n)))
        await _later(900)
        await fail(limiter, ADA)

        assert await limiter.delete_expired() == Success(9)
        assert await pools[0].run(value, "SELECT count(*) FROM limits_guess") == 1


PROCESS = """
import asyncio, sys
import django
django.setup()
from dashtam.container import container
from domain.shared.limits import AttemptKey

async def reserve():
    for _ in range(10):
        await container.ports.attempts.reserve(AttemptKey.of_account("ada@example.org"))
    print("taken", flush=True)
    sys.stdin.read()

asyncio.run(reserve())
"""


@contextmanager
def guessing_elsewhere(database: str) -> "Iterator[subprocess.Popen[str]]":
    """Let another process consume all tokens, and evaluate as long as it lives."""
    environment = {
        **os.environ,
        "DATABASE_URL": as_login(url_of(database), Role.APPLICATION),
        "DJANGO_SETTINGS_MODULE": "dashtam.settings",
        "DATA_DIR": str(settings.DATA_DIR),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS],
        cwd=settings.ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "taken\n"
        yield process
        process.kill()


@pytest.mark.slow
async def test_a_killed_process_leaves_its_attempts_counted(
    pools: Sequence[Database], committing_database: str
) -> None:
    impatient = PostgresLoginAttemptLimiter(pools[0], patience=0.2)
    with guessing_elsewhere(committing_database) as process:
        assert refused(await impatient.reserve(ADA), 5)
        process.kill()
        process.wait()
        # Nobody knows yet that it was killed: its attempts may still succeed.
        assert refused(await impatient.reserve(ADA), 5)

    await _later(20)
    assert refused(await impatient.reserve(ADA), 880)
    await _later(880)
    assert isinstance(await impatient.reserve(ADA), Success)


def test_an_outage_admits_nobody(committing_database: str) -> None:
    container.database.close()
    with pointing_django_at("no_such_database"):
        async_to_sync(_nobody_comes_through)()
        container.database.close()


async def _nobody_comes_through() -> None:
    outage = Failure(Unavailable("The database is not available."))
    nobody = Reservation(uuid4(), (ADA.name,))
    assert await container.ports.rate_limiter.consume("a", Limit(1, 1)) == outage
    assert await container.ports.rate_limiter.delete_expired() == outage
    assert await container.ports.attempts.reserve(ADA) == outage
    assert await container.ports.attempts.settle(nobody, failed=True) == outage
    assert await container.ports.attempts.delete_expired() == outage


async def test_a_rollback_refunds_nothing(pools: Sequence[Database]) -> None:
    for consume in (
        lambda: PostgresRateLimiter(pools[0]).consume("a", Limit(1, 1)),
        lambda: PostgresLoginAttemptLimiter(pools[0]).reserve(ADA),
    ):
        with pytest.raises(RuntimeError, match="a transaction is open"):
            async with pools[0].transaction():
                await consume()


@pytest.mark.parametrize("table", ["limits_bucket", "limits_guess"])
def test_only_the_serving_roles_may_count(database: None, table: str) -> None:
    for role in (Role.APPLICATION, Role.STAFF):
        for statement in (f"SELECT FROM {table}", f"DELETE FROM {table}"):
            assert outcome(role, statement) == "done"
    for role in (Role.SEALER, Role.AUDITOR):
        assert outcome(role, f"SELECT FROM {table}") != "done"
    assert value("SELECT relpersistence FROM pg_class WHERE relname = %s", table) == "u"


async def test_staff_use_the_same_counters(pools: Sequence[Database]) -> None:
    staff = Database(size=1, role=Role.STAFF)
    try:
        for _ in range(10):
            await fail(PostgresLoginAttemptLimiter(staff), ADA)
        assert refused(await PostgresLoginAttemptLimiter(pools[0]).reserve(ADA), 900)
    finally:
        staff.close()
