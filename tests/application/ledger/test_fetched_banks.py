"""A ledger that is filled by a provider is what is true at the bank, whatever goes wrong meanwhile.

The bank is the sandbox, which knows the truth. Every day its answer may fail, may lack something,
or may say the same in another way; in the end it answers cleanly once.
"""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from adapters.providers.sandbox.bank import ONE_DAY, Bank, Trouble
from adapters.providers.sandbox.server import Sandbox
from adapters.providers.sandbox.source import InProcess
from adapters.providers.simplefin import SimpleFinSource
from adapters.statements.simplefin import SimpleFinReader
from dashtam.application.ledger.import_pipeline import ImportPipeline
from domain.connections.providers import StatementRequest
from domain.connections.values import Credentials, Window
from domain.ledger.imports import ImportRequest
from domain.ledger.values import TransactionStatus
from domain.shared.ids import UserId, new_id
from domain.shared.result import Success
from tests.application.conftest import Application
from tests.contracts.provider import Meter
from tests.ports import with_ports

START = datetime(2026, 3, 1, 20, tzinfo=UTC)
DAYS = 24
ACCESS = Credentials(b"https://ada:password@sandbox.invalid/simplefin")
FAILURES = (Trouble.PAYMENT, Trouble.OUTAGE, Trouble.CUT, Trouble.QUOTA)
GAPS = (Trouble.ACCOUNT_FAILS, Trouble.LOG_IN, Trouble.DATA_MISSING, Trouble.CAPPED)
Found = Mapping[str, Counter[tuple[str, str, bool]]]


@dataclass
class Syncing:
    """Somebody whose bank is asked every day."""

    app: Application
    bank: Bank
    user: UserId
    now: datetime = START

    async def sync(self) -> int:
        """Ask for all days since the accounts were opened; return how many rows were new."""
        server = Sandbox(clock=lambda: self.now, banks={"ada": self.bank})
        request = StatementRequest(
            account_keys=(), window=Window(self.bank.opened, self.now.date())
        )
        source = SimpleFinSource(InProcess(server))
        fetched = await source.fetch(ACCESS, request, now=self.now, meter=Meter())
        if not isinstance(fetched, Success):
            return 0
        new = 0
        for document in fetched.value.documents:
            done = await self.imports(
                ImportRequest(
                    user_id=self.user, file_name=document.file_name, content=document.content
                )
            )
            assert isinstance(done, Success), done
            new += done.value.new
        return new

    @property
    def imports(self) -> ImportPipeline:
        return with_ports(self.app.use_cases, statement_readers=[SimpleFinReader()]).use(
            ImportPipeline
        )

    @property
    def ledger(self) -> Found:
        store = self.app.store
        found: dict[str, Counter[tuple[str, str, bool]]] = {}
        for account in store.accounts.values():
            rows = (
                (str(each.amount.amount), each.payee, each.status is TransactionStatus.PENDING)
                for each in store.transactions.values()
                if each.account_id == account.id and each.removal is None
            )
            found[account.name] = Counter(rows)
        return found

    @property
    def truth(self) -> Found:
        return {
            name: Counter((str(each.amount), each.payee, each.is_pending) for each in facts)
            for name, facts in self.bank.truth(self.now).items()
        }


@pytest.fixture
def syncing(app: Application, seed: int) -> Syncing:
    bank = Bank(seed=f"bank {seed}", opened=(START - 15 * ONE_DAY).date())
    return Syncing(app, bank, UserId(new_id()))


@pytest.mark.parametrize("seed", range(6))
async def test_the_ledger_is_what_is_true(syncing: Syncing, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(DAYS):
        happens = chance.choice([(), (), FAILURES, GAPS, ("again",)])
        syncing.bank.generation += happens == ("again",)
        syncing.bank.troubles = (
            {Trouble(chance.choice(happens))} if happens in (FAILURES, GAPS) else set()
        )
        await syncing.sync()
        syncing.now += timedelta(days=1)
    syncing.bank.troubles = set()
    await syncing.sync()

    assert syncing.ledger == syncing.truth


@pytest.mark.parametrize("seed", range(3))
async def test_ids_that_are_issued_again_bring_nothing_new(syncing: Syncing) -> None:
    assert await syncing.sync() > 0
    syncing.bank.generation += 1

    assert await syncing.sync() == 0
    assert syncing.ledger == syncing.truth


@pytest.mark.parametrize("seed", range(3))
async def test_days_that_are_moved_bring_nothing_new(syncing: Syncing) -> None:
    await syncing.sync()
    syncing.bank.troubles = {Trouble.DAYS_MOVED}
    syncing.now += timedelta(hours=1)

    assert await syncing.sync() == 0
    assert syncing.ledger == syncing.truth
