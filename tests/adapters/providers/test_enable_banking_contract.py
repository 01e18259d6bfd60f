"""Enable Banking fulfils the contract of providers, against its API played on this machine."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest

from adapters.providers.enable_banking.provider import EnableBankingSettings, enable_banking
from adapters.statements.readers import statement_readers
from domain.connections.providers import Granted, Redirect
from domain.ledger.ports import StatementReader
from domain.shared.result import Success
from tests.adapters.providers.doubles import local_client, playing
from tests.adapters.providers.enable_banking_double import (
    APPLICATION_ID,
    PEM,
    EnableBankingDouble,
)
from tests.contracts.provider import NOW, Offered, ProviderContract
from tests.enable_banking_answers import ACCOUNT, balance_of, entry_of

CARD = {
    **ACCOUNT,
    "account_id": {"other": {"identification": "4711-0815", "scheme_name": "CPAN"}},
    "account_servicer": None,
    "cash_account_type": "CARD",
    "identification_hash": "hash-of-the-card",
    "uid": "uid-2",
}


@contextmanager
def running(double: EnableBankingDouble) -> Iterator[str]:
    """Serve on another thread, because each test has an event loop of its own."""
    begun, ended, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()
    place: list[str] = []

    async def serve() -> None:
        async with playing(double) as address:
            place.append(address)
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


@dataclass
class _Clock:
    """The clock of the server, which is that of the API."""

    double: EnableBankingDouble

    def now(self) -> datetime:
        return self.double.now


@dataclass
class _Offered(Offered):
    """The person goes to the bank and consents; what it lists depends on the day."""

    double: EnableBankingDouble = field(default_factory=EnableBankingDouble)

    async def granted(self, given: Mapping[str, str] | None = None) -> Granted:
        context = replace(self.context(), state=f"state-{len(self.double.codes)}")
        begun = await self.provider.authorisation.begin(given or self.given, context)
        assert isinstance(begun, Success), begun
        assert isinstance(begun.value, Redirect)
        answers = self.double.consent(begun.value.url)
        ended = await self.provider.authorisation.answer(begun.value.memory, answers, context)
        assert isinstance(ended, Success), ended
        assert isinstance(ended.value, Granted)
        return ended.value

    async def fetch(self, *arguments: Any, **named: Any) -> Any:
        self.double.now = self.now
        day = self.now.date().isoformat()
        rows = [entry_of("-1.00", "E1"), entry_of("-2.00", f"E-{day}", booking_date=day)]
        self.double.transactions = {"uid-1": rows, "uid-2": rows}
        self.double.balances = {"uid-1": [balance_of("CLBD", "5.00", day)]}
        return await super().fetch(*arguments, **named)


class TestEnableBanking(ProviderContract):
    @pytest.fixture
    def offered(self) -> Iterator[Offered]:
        double = EnableBankingDouble(now=NOW, accounts=[{**ACCOUNT, "uid": "uid-1"}, CARD])
        with running(double) as address:
            settings = EnableBankingSettings(
                application_id=APPLICATION_ID, key=PEM, address=address
            )
            provider = enable_banking(settings, local_client(), _Clock(double))
            assert provider
            given = {"country": "FI", "institution": "North Bank", "psu_type": "personal"}
            yield _Offered(provider=provider, given=given, double=double)

    @pytest.fixture
    def readers(self) -> list[StatementReader]:
        return list(statement_readers())
