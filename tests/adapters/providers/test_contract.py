"""Every provider that can be used without a bank fulfils the contract."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from adapters.providers.registry import ProviderSettings, providers
from adapters.providers.sandbox import Bank, Sandbox, served
from adapters.providers.sandbox.authorisation import TAN, Way
from adapters.providers.sandbox.bank import HISTORY
from adapters.statements.readers import statement_readers
from domain.connections.providers import Provider
from domain.connections.values import ProviderSlug
from domain.ledger.ports import StatementReader
from tests.contracts.provider import NOW, Offered, ProviderContract

OFFLINE = {
    each.slug: each for each in providers(ProviderSettings(may_be_private=True, sandbox=True))
}


def provider(slug: str) -> Provider:
    return OFFLINE[ProviderSlug(slug)]


@contextmanager
def running(sandbox: Sandbox) -> Iterator[str]:
    """Serve a sandbox on another thread, because each test has an event loop of its own."""
    begun, ended = threading.Event(), asyncio.Event()
    place: list[str] = []
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with served(sandbox) as origin:
            place.append(origin)
            begun.set()
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    try:
        assert begun.wait(30)
        yield place[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


class _Providers(ProviderContract):
    @pytest.fixture
    def readers(self) -> list[StatementReader]:
        return list(statement_readers())


@pytest.mark.parametrize("way", [*Way])
class TestSandbox(_Providers):
    @pytest.fixture
    def offered(self, way: Way) -> Offered:
        return Offered(provider("sandbox"), {"step": way.value}, {"tan": TAN})


@pytest.mark.parametrize("version", [1, 2])
class TestSimpleFin(_Providers):
    @pytest.fixture
    def offered(self, version: int) -> Iterator[Offered]:
        made: list[Offered] = []

        def clock() -> datetime:
            return made[0].now

        bank = Bank(seed="contract", opened=(NOW - HISTORY).date())
        sandbox = Sandbox(clock=clock, banks={"ada": bank}, version=version)
        with running(sandbox) as origin:
            token = sandbox.setup_token("ada", origin)
            made.append(Offered(provider("simplefin"), {"setup_token": token}))
            yield made[0]


def test_the_sandbox_is_only_offered_if_the_settings_say_so() -> None:
    offered = {each.slug for each in providers(ProviderSettings())}

    assert "simplefin" in offered
    assert "sandbox" not in offered
