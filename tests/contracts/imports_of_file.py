"""What every implementation of `ImportRepository` must know of the imports of one file."""

from dataclasses import replace

from domain.ledger.hints import ReadingHints
from domain.ledger.imports import ImportStatus, StatementImport
from domain.shared.ids import ImportId, new_id
from domain.shared.result import Success
from tests.contracts.world import World
from tests.factories import NOON, make_import


class ImportsOfFileContract:
    async def test_lists_those_that_are_done_or_wait_newest_first(self, world: World) -> None:
        done = await self._add(world)
        said = await self._add_to(world, done, hints=ReadingHints(currency="EUR"))
        waiting = await self._add_to(world, done, status=ImportStatus.WAITING)
        for status in (ImportStatus.FAILED, ImportStatus.ASKED):
            await self._add_to(world, done, status=status)
        undone = await self._add_to(world, done)
        await world.imports.mark_undone(undone, at=NOON)

        newest_first = sorted([done, said, waiting], key=lambda each: each.id, reverse=True)
        assert await self._active(world, done) == newest_first
        assert await self._active(world, done, limit=2) == newest_first[:2]

    async def test_lists_only_those_of_the_same_bytes_and_owner(self, world: World) -> None:
        done = await self._add(world)
        stranger = await world.user("eve@example.org")

        assert await self._active(world, replace(done, digest=bytes(32))) == []
        assert await self._active(world, replace(done, user_id=stranger.id)) == []

    async def test_locks_the_one_that_has_questions_open(self, world: World) -> None:
        done = await self._add(world)
        assert await world.imports.lock_asked(done.digest, owner=done.user_id) == Success(None)
        asked = await self._add_to(world, done, status=ImportStatus.ASKED)

        locked = await world.imports.lock_asked(done.digest, owner=done.user_id)

        assert locked == Success(asked)
        assert await world.imports.lock_asked(bytes(32), owner=done.user_id) == Success(None)

    async def _add(self, world: World) -> StatementImport:
        account = await world.account()
        made = replace(make_import(account.user_id, account.id), statements=[])
        assert await world.imports.add(made) == Success(None)
        return made

    async def _add_to(
        self, world: World, of: StatementImport, **changes: object
    ) -> StatementImport:
        """Add another import of the same file."""
        made = replace(of, id=ImportId(new_id()), **changes)  # type: ignore[arg-type]  # fields
        assert await world.imports.add(made) == Success(None)
        return made

    async def _active(
        self, world: World, of: StatementImport, limit: int = 9
    ) -> list[StatementImport]:
        found = await world.imports.active_of_file(of.digest, owner=of.user_id, limit=limit)
        assert isinstance(found, Success)
        return list(found.value)
