"""Daily files of a bank: in any order, twice, overlapping, by two workers, given up in between."""

import asyncio
import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from dashtam.container import container
from domain.identity.entities import User
from domain.identity.events import UserRegistered
from domain.ledger.imports import StatementImport
from domain.ledger.ports import TransactionFilter
from domain.ledger.values import Proof
from domain.shared.events import Actor
from domain.shared.ids import UserId
from domain.shared.result import Success
from tests.camt import balance, entry, message, statement
from tests.factories import NOON, make_user
from tests.lanes import SEED, many

DAYS = 20
FIRST = date(2026, 3, 1)
ACCOUNTS = ("DE01", "DE02")


def movements(iban: str, day: int) -> list[Decimal]:
    """Return what a bank books on an account on a day: some days nothing, some things alike."""
    chance = random.Random(f"{iban} {day}")
    some = [Decimal(chance.randrange(-5000, 5000)) / 100 for _ in range(chance.randrange(4))]
    return [*some, Decimal("-3.50"), Decimal("-3.50")] if day % 3 == 0 else some


def opening(iban: str, day: int) -> Decimal:
    booked = (amount for before in range(day) for amount in movements(iban, before))
    return sum(booked, Decimal(1000))


def statement_of(iban: str, day: int) -> str:
    at = FIRST + timedelta(days=day)
    rows = [_entry(iban, day, *each) for each in enumerate(movements(iban, day))]
    before, after = opening(iban, day), opening(iban, day + 1)
    balances = balance("OPBD", str(before), day=str(at)) + balance("CLBD", str(after), day=str(at))
    return statement(*rows, iban=iban, balances=balances)


def _entry(iban: str, day: int, number: int, amount: Decimal) -> str:
    direction = "DBIT" if amount < 0 else "CRDT"
    # Half of the entries have no reference: their text and their place among equals tell them.
    reference = f"<AcctSvcrRef>{iban}-{day}-{number}</AcctSvcrRef>" if number % 2 else ""
    money = f"<Amt Ccy='EUR'>{abs(amount)}</Amt><CdtDbtInd>{direction}</CdtDbtInd>"
    return entry(f"{money}<Sts>BOOK</Sts>{reference}")


def daily(days: Sequence[int] = range(DAYS)) -> list[bytes]:
    """Return a file for each day, and some that hold two accounts or days again."""
    files = [message(*(statement_of(iban, day) for iban in ACCOUNTS)) for day in days]
    again = [message(statement_of("DE01", day), statement_of("DE01", day + 1)) for day in days[::5]]
    return files + [file for day, file in zip(days[::5], again, strict=True) if day + 1 in days]


async def register(address: str) -> UserId:
    user: User = make_user(address)
    async with container.unit_of_work(owner=user.id) as uow:
        assert await container.users.add(user) == Success(None)
        actor = Actor.user(user.id)
        await uow.commit(UserRegistered(subject_id=user.id, actor=actor, occurred_at=NOON))
    return user.id


async def bring(user_id: UserId, content: bytes) -> StatementImport:
    done = await container.import_statement(user_id=user_id, file_name="day.xml", content=content)
    assert isinstance(done, Success)
    return done.value


async def digest(user_id: UserId) -> str:
    """Return one hash of all that the ledger of a person says."""
    rows: list[str] = []
    async with container.unit_of_work(owner=user_id):
        accounts = await container.accounts.all(owner=user_id)
        assert isinstance(accounts, Success)
        for account in accounts.value:
            page = await container.transactions.page(
                account.id, owner=user_id, where=TransactionFilter(), after=None, limit=10_000
            )
            assert isinstance(page, Success)
            rows += [
                f"{account.number} {row.booking_date} {row.amount} {row.identity}"
                for row in page.value.items
            ]
    return sha256("\n".join(sorted(rows)).encode()).hexdigest()


async def work(user_id: UserId, files: Sequence[bytes], chance: random.Random) -> None:
    """Import all of these; give up on some in between, and do them again later."""
    waiting = list(files)
    while waiting:
        file = waiting.pop()
        task = asyncio.create_task(bring(user_id, file))
        if chance.random() < 0.3:
            await asyncio.sleep(chance.random() * 0.02)
            task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(ended, asyncio.CancelledError):
            waiting.insert(0, file)
        else:
            assert isinstance(ended, StatementImport), ended


@pytest.mark.usefixtures("committing_database")
async def test_they_make_one_ledger_whatever_happens() -> None:
    ada = await register("ada@example.org")
    outcomes = [await bring(ada, file) for file in daily()]
    proofs = {outcome.proof for done in outcomes for outcome in done.statements}
    assert proofs == {Proof.HOLDS}
    expected = await digest(ada)

    for turn in range(many(2, 40)):
        chance = random.Random(SEED + turn)
        other = await register(f"{turn}@example.org")
        files = [daily() * 2, daily() * 2]
        for each in files:
            chance.shuffle(each)
        await asyncio.gather(*(work(other, each, chance) for each in files))

        assert await digest(other) == expected, f"seed {SEED + turn}"
    await container.publisher.drain()
    container.database.close()


@pytest.mark.usefixtures("committing_database")
async def test_a_file_that_is_missing_makes_another_ledger() -> None:
    ada, bob = await register("ada@example.org"), await register("bob@example.org")
    for file in daily():
        await bring(ada, file)
    for file in daily([day for day in range(DAYS) if day not in (6, 7)]):
        await bring(bob, file)

    assert await digest(ada) != await digest(bob)
    await container.publisher.drain()
    container.database.close()
