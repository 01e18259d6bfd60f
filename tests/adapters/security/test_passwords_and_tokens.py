"""The security adapters fulfil their contracts, with real randomness and real Argon2."""

import asyncio
import os
import sys
import threading

import pytest

from adapters.security.passwords import Argon2Hasher
from adapters.security.priority import NICENESS
from adapters.security.tokens import RandomTokens
from domain.identity.ports import PasswordHasher, TokenIssuer
from domain.identity.values import Password
from tests.contracts.identity import PasswordHasherContract, TokenIssuerContract

pytestmark = pytest.mark.usefixtures("real_argon2")


class TestArgon2Hasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        return Argon2Hasher()

    async def test_follows_rfc_9106(self, hasher: PasswordHasher) -> None:
        password_hash = await hasher.hash(Password("correct horse battery"))

        assert password_hash.startswith("argon2$argon2id$v=19$m=65536,t=3,p=4$")

    async def test_does_not_block_the_event_loop(self, hasher: PasswordHasher) -> None:
        hashing = asyncio.create_task(hasher.hash(Password("correct horse battery")))
        rounds = 0
        while not hashing.done():
            await asyncio.sleep(0)
            rounds += 1

        assert rounds > 10

    @pytest.mark.skipif(sys.platform != "linux", reason="PRIORITY IS NOT TRIED: this is no Linux")
    async def test_yields_to_other_work(self) -> None:
        hasher = Argon2Hasher(workers=1)

        def priority() -> int:
            return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

        assert await hasher._run(priority) == min(priority() + NICENESS, 19)

    async def test_skips_cancelled_work(self) -> None:
        hasher, started, leave = Argon2Hasher(workers=1), threading.Event(), threading.Event()
        worked: list[int] = []

        def occupy() -> None:
            started.set()
            leave.wait()

        busy = asyncio.create_task(hasher._run(occupy))
        await asyncio.to_thread(started.wait)
        waiting = [asyncio.create_task(hasher._run(worked.append, n)) for n in range(1000)]
        await asyncio.sleep(0)
        for task in waiting[:-1]:
            task.cancel()
        await asyncio.gather(*waiting[:-1], return_exceptions=True)
        assert hasher._executor._work_queue.qsize() == 1000
        leave.set()
        await asyncio.gather(busy, waiting[-1])

        assert worked == [999]

    async def test_uses_no_more_threads_than_allowed(self) -> None:
        hasher, lock = Argon2Hasher(workers=2), threading.Lock()
        at_once = most = 0

        def work() -> None:
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            with lock:
                at_once -= 1

        await asyncio.gather(*(hasher._run(work) for _ in range(1000)))

        assert most <= 2
        assert len(hasher._executor._threads) <= 2

    async def test_accepts_long_passwords(self, hasher: PasswordHasher) -> None:
        password = Password("p" * 1024)
        almost = Password("p" * 1023 + "q")
        password_hash = await hasher.hash(password)

        assert await hasher.verify(password, password_hash)
        assert not await hasher.verify(almost, password_hash)


class TestRandomTokens(TokenIssuerContract):
    @pytest.fixture
    def tokens(self) -> TokenIssuer:
        return RandomTokens()
