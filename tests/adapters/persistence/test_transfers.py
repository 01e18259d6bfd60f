"""Transfers on PostgreSQL: suggestions agree with a simple model, and one of two writers wins."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dashtam.application.ledger.transactions import DeleteTransaction
from dashtam.application.ledger.transfers import DecideTransfer, ListTransfers
from dashtam.container import container
from domain.identity.entities import User
from domain.identity.events import UserRegistered
from domain.ledger.entities import Account, Transaction
from domain.ledger.errors import AlreadyTransferred
from domain.ledger.search_window import SearchWindow
from domain.ledger.transfers import (
    Suggestion,
    Transfer,
    TransferCursor,
    TransferDecision,
    TransferStatus,
)
from domain.ledger.values import Removal
from domain.shared.events import Actor
from domain.shared.ids import AccountId, UserId, new_id
from domain.shared.money import Money
from domain.shared.result import Failure, Result, Success
from tests.contracts.world import World
from tests.factories import (
    just_now,
    make_account,
    make_connection,
    make_import,
    make_row,
    make_transaction,
    make_user,
)
from tests.lanes import SEED, many
from tests.transfer_accounts import CONFIRMED, REFUSED, decided
from tests.transfer_fakes import in_order, meet, possible_pairs

ACCOUNTS, DAYS = 3, 12
# Mostly values that match: random ones would rarely form a pair.
AMOUNTS = ["-1.00", "-1.00", "-1", "1.00", "1.00", "1.0", "-2.00", "2.00", "0.00"]
CURRENCIES = ["EUR"] * 7 + ["USD"]
STATES = [*[None] * 8, "pending", Removal.UNDONE, Removal.DELETED]


@pytest.mark.usefixtures("database_without_policies")
async def test_suggestions_agree_with_the_simple_model() -> None:
    for round_number in range(many(50, 3_000)):
        chance = random.Random(SEED + round_number)
        rows = [_random_row(chance) for _ in range(12)]
        decisions = [
            (chance.randrange(50), chance.choice([CONFIRMED, REFUSED]))
            for _ in range(chance.randrange(4))
        ]
        first, last = sorted(chance.choices(range(1, DAYS + 1), k=2))
        period = SearchWindow(date(2026, 3, first), date(2026, 3, last + DAYS))
        if round_number % 2:
            period = SearchWindow(date(2026, 3, first), date(2026, 3, last))

        await _compare(rows, decisions, period, chance.randrange(1, 5))


def _random_row(chance: random.Random) -> tuple[int, int, str, str, str | None]:
    return (
        chance.randrange(ACCOUNTS),
        chance.randrange(DAYS) + 1,
        chance.choice(AMOUNTS),
        chance.choice(CURRENCIES),
        chance.choice(STATES),
    )


async def _compare(
    rows: list[tuple[int, int, str, str, str | None]],
    decisions: list[tuple[int, TransferDecision]],
    period: SearchWindow,
    limit: int,
) -> None:
    owner, transactions = await _insert(rows)
    active = [row for row in transactions if row.removal is None]
    transfers = await _decide(active, decisions)
    # One transaction of a confirmed transfer may be deleted afterwards.
    deleted_ids = [each.pair.incoming.transaction_id for each in transfers[:1]]
    for row in [row for row in active if row.id in deleted_ids]:
        assert await container.ports.transactions.delete(row) == Success(None)
    left = [row for row in active if row.id not in deleted_ids]
    remaining = [each for each in transfers if each.pair.incoming.transaction_id not in deleted_ids]
    pairs = possible_pairs(left, remaining)
    expected = [
        Suggestion(pair, sum(meet(pair, other) for other in pairs) > 1)
        for pair in sorted(pairs, key=in_order)
        if period.contains(pair.outgoing.booking_date)
    ]

    assert await _all_pages(owner, period, limit) == expected


async def _insert(
    rows: list[tuple[int, int, str, str, str | None]],
) -> tuple[UserId, list[Transaction]]:
    """Insert transactions of a new user into the ledger."""
    user = make_user(f"{new_id().hex}@example.org")
    connection = make_connection(user.id)
    assert await container.ports.users.add(user) == Success(None)
    assert await container.ports.connections.add(connection) == Success(None)
    accounts = [make_account(connection, str(number)) for number in range(ACCOUNTS)]
    for account in accounts:
        assert await container.ports.accounts.add(account) == Success(None)
    source = make_import(user.id, accounts[0].id)
    assert await container.ports.imports.add(source) == Success(None)
    transactions = []
    for number, day, amount, currency, state in rows:
        row = make_row(amount, day, provider_id=new_id().hex, pending=state == "pending")
        row = replace(row, amount=Money(Decimal(amount), currency))
        transactions.append(make_transaction(accounts[number], source, row))
    assert await container.ports.transactions.add(transactions) == Success(None)
    removed = [
        replace(each, removal=Removal.DELETED)
        for each, row in zip(transactions, rows, strict=True)
        if isinstance(row[-1], Removal)
    ]
    for each in removed:
        assert await container.ports.transactions.delete(each) == Success(None)
    by_id = {each.id: each for each in [*transactions, *removed]}
    return user.id, [by_id[each.id] for each in transactions]


async def _decide(
    active: list[Transaction], decisions: list[tuple[int, TransferDecision]]
) -> list[Transfer]:
    """Decide about some of the pairs that are left each time."""
    rows = {row.id: row for row in active}
    done: list[Transfer] = []
    for number, decision in decisions:
        pairs = possible_pairs(active, done)
        if pairs:
            pair = pairs[number % len(pairs)]
            ends = (rows[pair.outgoing.transaction_id], rows[pair.incoming.transaction_id])
            done.append(decided(*ends, decision))
            assert await container.ports.transfers.upsert(done[-1]) == Success([])
    return done


async def _all_pages(owner: UserId, period: SearchWindow, limit: int) -> list[object]:
    results: list[object] = []
    after: TransferCursor | None = None
    while True:
        page = await container.ports.transfers.suggestions(
            owner=owner, period=period, after=after, limit=limit
        )
        assert isinstance(page, Success)
        assert 0 < len(page.value.items) <= limit or not results
        results += page.value.items
        after = page.value.next
        if after is None:
            return results


class Contest:
    """A user whose one outgoing transaction matches several incoming ones."""

    def __init__(self, owner: UserId, out: Transaction, incoming: list[Transaction]) -> None:
        self.owner = owner
        self.out = out
        self.into = incoming

    @classmethod
    async def opened(cls, email: str, rivals: int) -> "Contest":
        user: User = make_user(email)
        connection = make_connection(user.id)
        checking, savings = (make_account(connection, number) for number in ("1", "2"))
        source = make_import(user.id, checking.id)
        rows = [cls._booked(checking, "-1.00")]
        rows += [cls._booked(savings, "1.00") for _ in range(rivals)]
        rows = [replace(row, import_id=source.id) for row in rows]
        async with container.ports.unit_of_work(owner=user.id) as uow:
            for added in (
                await container.ports.users.add(user),
                await container.ports.connections.add(connection),
                await container.ports.accounts.add(checking),
                await container.ports.accounts.add(savings),
                await container.ports.imports.add(source),
                await container.ports.transactions.add(rows),
            ):
                assert added == Success(None)
            actor = Actor.user(user.id)
            await uow.commit(
                UserRegistered(subject_id=user.id, actor=actor, occurred_at=just_now())
            )
        return cls(user.id, rows[0], rows[1:])

    @staticmethod
    def _booked(account: Account, amount: str) -> Transaction:
        source = make_import(account.user_id, AccountId(account.id))
        return make_transaction(account, source, make_row(amount, provider_id=new_id().hex))

    async def confirm(self, incoming: Transaction) -> Result[Transfer, object]:
        return await container.use(DecideTransfer)(
            outgoing_id=self.out.id, incoming_id=incoming.id, decision=CONFIRMED, user_id=self.owner
        )

    async def confirmed(self) -> list[object]:
        page = await container.use(ListTransfers)(
            user_id=self.owner,
            status=TransferStatus.CONFIRMED,
            period=SearchWindow(),
            after=None,
            limit=9,
        )
        assert isinstance(page, Success)
        return list(page.value.items)


@pytest.mark.usefixtures("committing_database")
async def test_one_of_several_concurrent_overlapping_confirmations_wins() -> None:
    for round_number in range(many(6, 100)):
        contest = await Contest.opened(f"{round_number}@example.org", rivals=3)

        done = await asyncio.gather(*(contest.confirm(incoming) for incoming in contest.into))

        won = [each.value for each in done if isinstance(each, Success)]
        lost = [each.error for each in done if isinstance(each, Failure)]
        assert await contest.confirmed() == won
        assert (
            lost
            == [AlreadyTransferred("One of the two transactions is already part of a transfer.")]
            * 2
        )
    await container.publisher.drain()
    container.database.close()


@pytest.mark.usefixtures("committing_database")
async def test_concurrent_confirmations_of_one_pair_make_one_transfer() -> None:
    contest = await Contest.opened("ada@example.org", rivals=1)

    done = await asyncio.gather(*(contest.confirm(contest.into[0]) for _ in range(5)))

    confirmations = Counter(each.value.id for each in done if isinstance(each, Success))
    assert list(confirmations.values()) == [5]
    assert len(await contest.confirmed()) == 1
    await container.publisher.drain()
    container.database.close()


@pytest.mark.usefixtures("committing_database")
async def test_a_transaction_deleted_meanwhile_is_confirmed_before_or_not_at_all() -> None:
    for round_number in range(many(4, 60)):
        contest = await Contest.opened(f"{round_number}@example.org", rivals=1)
        delete = container.use(DeleteTransaction)(
            transaction_id=contest.into[0].id, user_id=contest.owner
        )

        deleted, _ = await asyncio.gather(delete, contest.confirm(contest.into[0]))

        assert deleted == Success(None)
        assert await contest.confirmed() == []
    await container.publisher.drain()
    container.database.close()


async def test_thousands_of_equal_suggestions_are_paged(django_world: World) -> None:
    rows: list[tuple[int, int, str, str, str | None]] = [
        (number % 2, 1, ("-1.00", "1.00")[number % 2], "EUR", None) for number in range(2_000)
    ]
    owner, _ = await _insert(rows)
    period = SearchWindow(date(2026, 3, 1), date(2026, 3, 31))

    page = await django_world.transfers.suggestions(
        owner=owner, period=period, after=None, limit=50
    )

    assert isinstance(page, Success)
    assert len(page.value.items) == 50
    assert all(isinstance(each, Suggestion) and each.ambiguous for each in page.value.items)
