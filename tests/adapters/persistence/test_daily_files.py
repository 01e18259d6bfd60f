"""Daily files of a bank: in any order, twice, overlapping, by two workers, given up in between."""

import asyncio
import random
from collections.abc import Sequence
from hashlib import sha256

import pytest

from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.container import container
from domain.identity.entities import User
from domain.identity.events import UserRegistered
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.ports import TransactionFilter
from domain.ledger.values import Reconciliation
from domain.shared.events import Actor
from domain.shared.ids import UserId
from domain.shared.result import Success
from tests.daily_files import DAYS, daily
from tests.factories import just_now, make_user
from tests.lanes import SEED, many

pytestmark = pytest.mark.slow


async def register(address: str) -> UserId:
    user: User = make_user(address)
    async with container.ports.unit_of_work(owner=user.id) as uow:
        assert await container.ports.users.add(user) == Success(None)
        actor = Actor.user(user.id)
        await uow.commit(UserRegistered(subject_id=user.id, actor=actor, occurred_at=just_now()))
    return user.id


async def import_file(user_id: UserId, content: bytes) -> StatementImport:
    done = await container.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="day.xml", content=content)
    )
    assert isinstance(done, Success)
    return done.value


async def digest(user_id: UserId) -> str:
    """Return one hash of everything in a user's ledger."""
    rows: list[str] = []
    async with container.ports.unit_of_work(owner=user_id):
        accounts = await container.ports.accounts.all(owner=user_id)
        assert isinstance(accounts, Success)
        for account in accounts.value:
            page = await container.ports.transactions.page(
                account.id, owner=user_id, where=TransactionFilter(), after=None, limit=10_000
            )
            assert isinstance(page, Success)
            for listed in page.value.items:
                row = await container.ports.transactions.get(listed.id, owner=user_id)
                assert isinstance(row, Success)
                rows.append(
                    f"{account.number} {listed.booking_date} {listed.amount} {row.value.key}"
                )
    return sha256("\n".join(sorted(rows)).encode()).hexdigest()


async def work(user_id: UserId, files: Sequence[bytes], chance: random.Random) -> None:
    """Import all of these; cancel some in between, and import them again later."""
    waiting = list(files)
    while waiting:
        file = waiting.pop()
        task = asyncio.create_task(import_file(user_id, file))
        if chance.random() < 0.3:
            await asyncio.sleep(chance.random() * 0.02)
            task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(ended, asyncio.CancelledError):
            waiting.insert(0, file)
        else:
            assert isinstance(ended, StatementImport), ended


@pytest.mark.usefixtures("committing_database")
async def test_daily_files_make_one_ledger_in_any_order() -> None:
    ada = await register("ada@example.org")
    outcomes = [await import_file(ada, file) for file in daily()]
    proofs = {outcome.reconciliation for done in outcomes for outcome in done.statements}
    assert proofs == {Reconciliation.BALANCED}
    expected = await digest(ada)

    for round_number in range(many(2, 40)):
        chance = random.Random(SEED + round_number)
        other = await register(f"{round_number}@example.org")
        files = [daily() * 2, daily() * 2]
        for each in files:
            chance.shuffle(each)
        await asyncio.gather(*(work(other, each, chance) for each in files))

        assert await digest(other) == expected, f"seed {SEED + round_number}"
    await container.publisher.drain()
    container.database.close()


@pytest.mark.usefixtures("committing_database")
async def test_a_missing_file_makes_another_ledger() -> None:
    ada, bob = await register("ada@example.org"), await register("bob@example.org")
    for file in daily():
        await import_file(ada, file)
    for file in daily([day for day in range(DAYS) if day not in (6, 7)]):
        await import_file(bob, file)

    assert await digest(ada) != await digest(bob)
    await container.publisher.drain()
    container.database.close()
