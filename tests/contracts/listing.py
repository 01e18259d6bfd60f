"""What every list of transactions must do: each row once, in order, while others are added."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from domain.ledger.allocations import Annotation, CategorySource
from domain.ledger.entities import Account, Transaction
from domain.ledger.errors import TransactionNotFound
from domain.ledger.imports import StatementImport
from domain.ledger.kinds import TransactionKind
from domain.ledger.listing import (
    BulkEdit,
    CurrencyTotal,
    TransactionFilter,
    TransactionSort,
    words_of,
)
from domain.ledger.ports import ListedTransaction
from domain.ledger.values import (
    LedgerReconciliation,
    Reconciliation,
    TransactionKey,
    TransactionStatus,
)
from domain.shared.ids import AccountId, TransactionId, UserId, new_id
from domain.shared.money import Money
from domain.shared.pages import Cursor
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import make_import, make_row, make_transaction
from tests.listed import shown

ROWS: Final = 60
#: The account adds up from this day to that of the balance.
BALANCED: Final = LedgerReconciliation(
    state=Reconciliation.BALANCED,
    difference=Money(Decimal(0), "EUR"),
    first_day=date(2026, 3, 5),
    last_day=date(2026, 3, 10),
)

PAYEES: Final = ("REWE/Koeln", "Coffee house", "amazon.de", "M&S", "McDonald's", "ÜBER GmbH")
#: Beginnings of words, words in the middle, in another case, or that nobody has.
SEARCHED: Final = (
    *("rewe", "KOELN", "Coff", "offee", "house coffee", "coffee ho", "ama de", "m s", "über g"),
    *("müller", "brot", "invoice 77 20", "03", "svwz", "card present", "card paym birth", "nobody"),
    *("mcdonald's", "b", "a", "M&S"),
)

#: Only the last word may be a beginning.
IN_NONE: Final = ("offee", "ama de", "card paym birth", "nobody")

#: Each sort as a key of Python's, and whether it is reversed.
KEYS: Final[dict[TransactionSort, tuple[Callable[[Transaction], Any], bool]]] = {
    TransactionSort.NEWEST: (lambda row: (row.booking_date, row.id), True),
    TransactionSort.OLDEST: (lambda row: (row.booking_date, row.id), False),
    TransactionSort.AMOUNT: (lambda row: (row.amount.amount, row.id), False),
    TransactionSort.AMOUNT_DESCENDING: (lambda row: (row.amount.amount, row.id), True),
}


class Sample:
    """Two accounts of a user with random rows, and the same of a stranger."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.rows: list[Transaction] = []
        self.accounts: list[Account] = []
        self.sources: list[StatementImport] = []

    async def fill(self) -> None:
        first = await self.world.account()
        second = replace(first, id=AccountId(new_id()), number="100200301")
        assert await self.world.accounts.add(second) == Success(None)
        self.accounts = [first, second]
        for account in self.accounts:
            for state in (BALANCED, LedgerReconciliation()):
                self.sources.append(await self._source(account, state))
        await self.add(ROWS)
        stranger = await self.world.account("eve@example.org")
        theirs = make_transaction(stranger, await self.world.source(stranger))
        assert await self.world.transactions.add([theirs]) == Success(None)

    async def _source(self, account: Account, state: LedgerReconciliation) -> StatementImport:
        made = make_import(account.user_id, account.id)
        (outcome,) = made.statements
        closing = outcome.closing
        if closing and state.last_day:
            closing = replace(closing, day=state.last_day)
        source = replace(made, statements=[replace(outcome, closing=closing, ledger=state)])
        assert await self.world.imports.add(source) == Success(None)
        return source

    @property
    def owner(self) -> UserId:
        return self.accounts[0].user_id

    async def add(self, count: int) -> None:
        made = [self._row(len(self.rows) + number) for number in range(count)]
        assert await self.world.transactions.add(made) == Success(None)
        for row in made:
            # New rows have no category.
            assert await self.world.transactions.edit(row) == Success(None)
        self.rows += made

    def _row(self, number: int) -> Transaction:
        pick = self.random.choice
        place = self.random.randrange(2)
        row = make_row(
            pick(("-12.50", "-7.00", "0.00", "3.10", "1000.00")),
            day=self.random.randrange(1, 15),
            provider_id=None,
            kind=pick((TransactionKind.DEBIT, TransactionKind.CREDIT)),
            pending=pick((True, False, False)),
            payee=pick(PAYEES),
            description=pick(("Card payment", "SVWZ+Invoice 77/2026", "card")),
            memo=pick(("", "Müller-Brot", "2026-03-01 <b>")),
        )
        return make_transaction(
            self.accounts[place],
            self.sources[2 * place + self.random.randrange(2)],
            row,
            key=TransactionKey(number.to_bytes(32), 1),
            category=pick(("", "Food", "Rent")),
            note=pick(("", "", "birthday present")),
            tags=pick(((), (), ("trip",), ("trip", "work"))),
        )

    def filter(self) -> TransactionFilter:
        """Return a random filter: most of it filters nothing."""
        made: dict[str, Any] = {
            "account_ids": frozenset({self.accounts[0].id}),
            "booked_from": date(2026, 3, 4),
            "booked_to": date(2026, 3, 11),
            "amount_from": Decimal(0),
            "amount_to": Decimal("3.1"),
            "status": TransactionStatus.POSTED,
            "kind": TransactionKind.DEBIT,
            "import_id": self.sources[1].id,
            "category": self.random.choice(("", "Food")),
            "tag": self.random.choice(("trip", "work", "tri")),
            "unreconciled": True,
            "words": words_of(self.random.choice(SEARCHED)),
        }
        names = self.random.sample(sorted(made), self.random.choice((0, 1, 1, 2)))
        return TransactionFilter(**{name: made[name] for name in names})

    def expected(
        self, where: TransactionFilter, sort: TransactionSort, rows: Sequence[Transaction]
    ) -> list[Transaction]:
        """Return what a list has, by a plain model."""
        key, descends = KEYS[sort]
        return sorted((row for row in rows if self._is_in(row, where)), key=key, reverse=descends)

    def _is_in(self, row: Transaction, where: TransactionFilter) -> bool:
        amount, day = row.amount.amount, row.booking_date
        said = [
            not where.account_ids or row.account_id in where.account_ids,
            where.booked_from is None or day >= where.booked_from,
            where.booked_to is None or day <= where.booked_to,
            where.amount_from is None or amount >= where.amount_from,
            where.amount_to is None or amount <= where.amount_to,
            where.tag is None or where.tag in row.tags,
            where.status is None or row.status is where.status,
            where.kind is None or row.kind is where.kind,
            where.import_id is None or row.import_id == where.import_id,
            where.category is None or row.category == where.category,
            not where.words or self._has(row, where.words),
            not where.unreconciled or row.is_pending or not 5 <= day.day <= 10,
        ]
        return all(said)

    def _has(self, row: Transaction, words: Sequence[str]) -> bool:
        text = f"{row.payee} {row.description} {row.memo} {row.note}".lower()
        has = "".join(each if each.isalnum() else " " for each in text).split()
        return all(word in has for word in words[:-1]) and any(
            each.startswith(words[-1]) for each in has
        )

    async def walk(
        self, where: TransactionFilter, sort: TransactionSort, limit: int, *, adding: int = 0
    ) -> list[ListedTransaction]:
        """Return all pages of a list, while rows are added between them."""
        listed: list[ListedTransaction] = []
        after: Cursor | None = None
        while True:
            found = await self.world.transactions.page(
                None, owner=self.owner, where=where, after=after, limit=limit, sort=sort
            )
            assert isinstance(found, Success)
            assert len(found.value.items) <= limit
            listed += found.value.items
            after = found.value.next
            if after is None:
                return listed
            await self.add(adding)


def _totals(rows: Sequence[Transaction]) -> list[CurrencyTotal]:
    amounts = [row.amount.amount for row in rows]
    incoming = sum(each for each in amounts if each > 0)
    outgoing = sum(each for each in amounts if each < 0)
    total = CurrencyTotal(
        currency="EUR",
        count=len(rows),
        incoming=Decimal(incoming),
        outgoing=Decimal(outgoing),
    )
    return [total] if rows else []


class ListingContract:
    @pytest.mark.parametrize("sort", TransactionSort)
    @pytest.mark.parametrize("seed", range(6))
    async def test_has_each_row_once_and_in_order(
        self, world: World, sort: TransactionSort, seed: int
    ) -> None:
        sample = Sample(world, seed)
        await sample.fill()

        for _ in range(5):
            where, limit = sample.filter(), sample.random.choice((1, 7, 60))
            listed = await sample.walk(where, sort, limit)
            expected = sample.expected(where, sort, sample.rows)
            assert shown(listed) == shown(expected), (where, limit)
            totals = await world.transactions.totals(None, owner=sample.owner, where=where)
            assert totals == Success(_totals(expected))

    @pytest.mark.parametrize("sort", TransactionSort)
    async def test_misses_nothing_while_rows_are_added(
        self, world: World, sort: TransactionSort
    ) -> None:
        sample = Sample(world, 7)
        await sample.fill()
        before = list(sample.rows)

        listed = await sample.walk(TransactionFilter(), sort, 7, adding=2)

        ids = [row.id for row in listed]
        assert len(ids) == len(set(ids))
        known = {row.id for row in before}
        in_order = [row.id for row in sample.expected(TransactionFilter(), sort, before)]
        assert [each for each in ids if each in known] == in_order

    @pytest.mark.parametrize("text", SEARCHED)
    async def test_finds_what_is_searched_for(self, world: World, text: str) -> None:
        sample = Sample(world, 11)
        await sample.fill()
        where = TransactionFilter(words=words_of(text))

        for sort, limit in ((TransactionSort.NEWEST, 3), (TransactionSort.AMOUNT, 50)):
            listed = await sample.walk(where, sort, limit)
            assert shown(listed) == shown(sample.expected(where, sort, sample.rows))
        assert bool(listed) is (text not in IN_NONE)

    async def test_finds_words_of_the_present_note(self, world: World) -> None:
        sample = Sample(world, 12)
        await sample.fill()
        where, row = TransactionFilter(words=("refund",)), sample.rows[0]
        assert not await sample.walk(where, TransactionSort.NEWEST, 9)

        assert await world.transactions.edit(replace(row, note="Refunded")) == Success(None)
        assert [each.id for each in await sample.walk(where, TransactionSort.NEWEST, 9)] == [row.id]

        assert await world.transactions.edit(replace(row, note="")) == Success(None)
        assert not await sample.walk(where, TransactionSort.NEWEST, 9)

    async def test_of_one_account_is_the_same_as_with_its_id(self, world: World) -> None:
        sample = Sample(world, 3)
        await sample.fill()
        account = sample.accounts[1]
        where = TransactionFilter(account_ids=frozenset({account.id}))

        found = await world.transactions.page(
            account.id, owner=sample.owner, where=TransactionFilter(), after=None, limit=ROWS
        )

        assert isinstance(found, Success)
        listed = await sample.walk(where, TransactionSort.NEWEST, ROWS)
        assert shown(found.value.items) == shown(listed)
        assert listed

    async def test_edits_many_at_once_or_none(self, world: World) -> None:
        sample = Sample(world, 13)
        await sample.fill()
        edited, others = sample.rows[:20], sample.rows[20:]
        ids = frozenset(row.id for row in edited)
        missing = BulkEdit(
            transaction_ids=ids | {TransactionId(new_id())}, annotation=Annotation(note="x")
        )

        assert await world.transactions.edit_all(missing, owner=sample.owner) == Failure(
            TransactionNotFound()
        )
        stranger = (await world.user("mallory@example.org")).id
        theirs = BulkEdit(transaction_ids=ids, annotation=Annotation(note="mine"))
        assert await world.transactions.edit_all(theirs, owner=stranger) == Failure(
            TransactionNotFound()
        )
        listed = await sample.walk(TransactionFilter(), TransactionSort.NEWEST, ROWS)
        assert shown(listed) == shown(
            sample.expected(TransactionFilter(), TransactionSort.NEWEST, sample.rows)
        )

        edit = BulkEdit(transaction_ids=ids, annotation=Annotation(note="Travel", tags=("out",)))
        assert await world.transactions.edit_all(edit, owner=sample.owner) == Success(None)
        sample.rows = [
            *(
                replace(row, note="Travel", tags=("out",), tags_source=CategorySource.OWNER)
                for row in edited
            ),
            *others,
        ]
        listed = await sample.walk(TransactionFilter(), TransactionSort.NEWEST, ROWS)
        assert shown(listed) == shown(
            sample.expected(TransactionFilter(), TransactionSort.NEWEST, sample.rows)
        )
