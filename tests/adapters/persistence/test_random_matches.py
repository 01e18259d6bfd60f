"""Imports, undos and decisions in any order: PostgreSQL and the fakes come to the same."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.matches import DecideMatch, ListMatches
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container import container
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.ports import TransactionFilter
from domain.ledger.suggested_matches import MatchDecision, MatchStatus, SuggestedMatch
from domain.shared.ids import ImportId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.adapters.persistence.test_imports import someone
from tests.application.conftest import Application
from tests.contracts.world import World
from tests.lanes import many
from tests.statements import transaction
from tests.suggested import file_of

STEPS = 14
#: Files that name one transaction differently, and some that name two of them.
FILES = [
    file_of(letter, *(transaction("-12.50", f"202603{day:02}", *names) for day, *names in rows))
    for letter, rows in {
        "A": [(3, "A3", "Coffee house")],
        "B": [(5, "B5", "SumUp 4711")],
        "C": [(7, "C7", "Purchase")],
        "D": [(4, "D4", "Card"), (6, "D6", "Terminal")],
        "E": [(3, "A3", "Coffee house"), (8, "E8", "Debit")],
    }.items()
]


@dataclass
class Person:
    """A user of either; `use` finds a use case."""

    world: World
    use: Callable[[Any], Any]
    id: UserId
    imports: list[StatementImport] = field(default_factory=list)

    async def step(self, action: str, number: int) -> object:
        """Do something that both can do; return what it came to."""
        if action == "import":
            return await self._import(FILES[number % len(FILES)])
        if action == "undo" and self.imports:
            return await self._undo(self.imports.pop(number % len(self.imports)).id)
        matches = await self.matches(MatchStatus.SUGGESTED)
        if action in tuple(MatchDecision) and matches:
            return await self._decide(matches[number % len(matches)], MatchDecision(action))
        return None

    async def _import(self, content: bytes) -> object:
        request = ImportRequest(user_id=self.id, file_name="x.ofx", content=content)
        done = await self.use(ImportPipeline)(request)
        assert isinstance(done, Success)
        # The same file again is the import that there is.
        if done.value.id not in {each.id for each in self.imports}:
            self.imports.append(done.value)
        return done.value.new, done.value.same, done.value.suggested

    async def _undo(self, import_id: ImportId) -> object:
        undone = await self.use(UndoImport)(import_id=import_id, user_id=self.id)
        assert isinstance(undone, Success)
        return undone.value.status

    async def _decide(self, match: SuggestedMatch, decision: MatchDecision) -> object:
        done = await self.use(DecideMatch)(match_id=match.id, decision=decision, user_id=self.id)
        return done if isinstance(done, Failure) else done.value.status

    async def matches(self, status: MatchStatus) -> list[SuggestedMatch]:
        page = await self.use(ListMatches)(user_id=self.id, status=status, after=None, limit=99)
        assert isinstance(page, Success)
        return sorted(page.value.items, key=_texts)

    async def ledger(self) -> list[tuple[object, ...]]:
        """Return the ledger; what active imports state is in it, and nothing else."""
        account = (await self._all_accounts())[0].id
        async with self.world.unit_of_work(owner=self.id):
            page = await self.world.transactions.page(
                account, owner=self.id, where=TransactionFilter(), after=None, limit=99
            )
            stated = [
                await self.world.imports.rows(each.id, owner=self.id, after=None, limit=99)
                for each in self.imports
            ]
        assert isinstance(page, Success)
        rows = {row.transaction_id for each in stated for row in each.value.items}  # type: ignore[union-attr]  # a failure fails
        assert {each.id for each in page.value.items} == rows
        return [
            (each.booking_date, each.amount, each.description, each.provider_id)
            for each in page.value.items
        ]

    async def _all_accounts(self) -> Any:
        async with self.world.unit_of_work(owner=self.id):
            found = await self.world.accounts.all(owner=self.id)
        assert isinstance(found, Success)
        return found.value


def _texts(match: SuggestedMatch) -> tuple[str, str]:
    return match.added.description, match.existing.description


@pytest.mark.usefixtures("committing_database")
@pytest.mark.parametrize("seed", range(many(3, 60)))
async def test_any_order_comes_to_the_same(seed: int) -> None:
    chance, app = random.Random(seed), Application()
    both = [
        Person(World.over(container.ports), container.background.use, await someone()),
        Person(app.world, app.use, UserId(new_id())),
    ]
    actions = ["import", "import", "undo", *MatchDecision, MatchDecision.CONFIRMED]
    for step in range(STEPS):
        action, number = chance.choice(actions) if step else "import", chance.randrange(100)
        done, expected = [await each.step(action, number) for each in both]

        assert done == expected, (seed, step, action)
        ledger, other = [await each.ledger() for each in both]
        assert sorted(ledger, key=str) == sorted(other, key=str), (seed, step, action)
        for status in MatchStatus:
            shown, others = [await each.matches(status) for each in both]
            assert list(map(_texts, shown)) == list(map(_texts, others)), (seed, step, action)

    for each in both:
        while each.imports:
            await each.step("undo", 0)
        assert await each.ledger() == []
        assert await each.matches(MatchStatus.SUGGESTED) == []
