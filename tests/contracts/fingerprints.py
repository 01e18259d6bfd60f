"""What every implementation of `FingerprintRepository` must do."""

from collections.abc import Mapping
from dataclasses import replace

from domain.ledger.entities import Account, Transaction
from domain.ledger.fingerprints import SeenRow
from domain.ledger.identity import Identity
from domain.ledger.imports import ImportStatus
from domain.ledger.verdicts import Verdict
from domain.shared.ids import UserId
from domain.shared.result import Success
from tests.contracts.world import World
from tests.factories import NOON, make_import, make_row, make_transaction

ONE, TWO, THREE = bytes(32), b"\x02" * 32, b"\x03" * 32


class FingerprintRepositoryContract:
    async def test_lists_imports_oldest_first(self, world: World) -> None:
        account = await world.account()
        sources = [await world.source(account) for _ in range(3)]
        owner, ids = account.user_id, sorted(each.id for each in sources)

        async def listed(after: int | None, limit: int) -> object:
            return await world.fingerprints.imports(
                owner=owner, undone=False, after=None if after is None else ids[after], limit=limit
            )

        assert await listed(None, 2) == Success(ids[:2])
        assert await listed(1, 2) == Success(ids[2:])
        assert await listed(2, 2) == Success([])

    async def test_tells_imports_that_stand_from_those_undone(self, world: World) -> None:
        account = await world.account()
        first, second = await world.source(account), await world.source(account)
        marked = await world.imports.mark_undone(first, at=NOON)
        assert marked == Success(None)
        stranger = (await world.user("eve@example.org")).id

        for owner, undone, expected in (
            (account.user_id, False, [second.id]),
            (account.user_id, True, [first.id]),
            (stranger, False, []),
        ):
            found = await world.fingerprints.imports(
                owner=owner, undone=undone, after=None, limit=9
            )
            assert found == Success(expected)

    async def test_leaves_out_what_brought_nothing_in(self, world: World) -> None:
        account = await world.account()
        waiting = replace(
            make_import(account.user_id), statements=[], status=ImportStatus.WAITING, format=""
        )
        assert await world.imports.add(waiting) == Success(None)

        found = await world.fingerprints.imports(
            owner=account.user_id, undone=False, after=None, limit=9
        )

        assert found == Success([])

    async def test_rows_are_seen_in_the_order_of_the_file(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        rows = [
            make_transaction(account, source, make_row(line=line), identity=Identity(ONE, number))
            for number, line in enumerate((7, 9, 7, 2), 1)
        ]
        assert await world.transactions.add(rows) == Success(None)
        places = (1, 1, 1, 2)
        seen = [row.seen(Verdict.NEW, place=place) for row, place in zip(rows, places, strict=True)]
        assert await world.transactions.see(seen) == Success(None)
        expected = [
            SeenRow(1, 7, Identity(ONE, 1)),
            SeenRow(1, 7, Identity(ONE, 3)),
            SeenRow(1, 9, Identity(ONE, 2)),
            SeenRow(2, 2, Identity(ONE, 4)),
        ]

        assert await world.fingerprints.seen(source.id, owner=account.user_id) == Success(expected)

        await world.transactions.undo(source.id, owner=account.user_id)
        assert await world.fingerprints.seen(source.id, owner=account.user_id) == Success(expected)
        stranger = (await world.user("eve@example.org")).id
        assert await world.fingerprints.seen(source.id, owner=stranger) == Success([])

    async def test_adds_each_once_and_keeps_the_first(self, world: World) -> None:
        account = await world.account()
        first = {Identity(TWO, 1): Identity(ONE, 1), Identity(TWO, 2): Identity(ONE, 2)}
        other = {Identity(TWO, 2): Identity(ONE, 9), Identity(TWO, 3): Identity(ONE, 3)}

        assert await self._add(world, account, first) == Success(2)
        assert await self._add(world, account, other) == Success(1)

        kept = {**first, Identity(TWO, 3): Identity(ONE, 3)}
        assert await self._kept(world, account, fingerprints=[TWO]) == kept
        known = await world.transactions.known_as(
            account.id, owner=account.user_id, identities=[*kept, Identity(ONE, 1)]
        )
        assert known == Success(kept)

    async def test_finds_what_leads_somewhere_by_the_scheme(self, world: World) -> None:
        account = await world.account()
        pairs = {Identity(TWO, 1): Identity(ONE, 1)}
        await self._add(world, account, pairs)
        await self._add(world, account, {Identity(THREE, 1): Identity(ONE, 1)}, scheme=3)

        assert await self._kept(world, account, known=[Identity(ONE, 1)]) == pairs
        assert await self._kept(world, account) == {}

    async def test_what_was_entered_leads_to_itself(self, world: World) -> None:
        account = await world.account()
        row = await self._entered(world, account)
        own = row.identity

        found = await self._kept(world, account, fingerprints=[own.fingerprint, TWO])

        assert found == {own: own}
        await world.transactions.undo(row.import_id, owner=row.user_id)
        assert await self._kept(world, account, fingerprints=[own.fingerprint]) == {own: own}

    async def test_stages_that_were_left_lead_to_themselves_too(self, world: World) -> None:
        account = await world.account()
        waiting = await self._entered(world, account, pending=True)
        booked = replace(waiting, identity=Identity(THREE, 1))
        await world.transactions.restate([booked])
        wanted = [waiting.identity, booked.identity]

        found = await self._kept(world, account, fingerprints=[e.fingerprint for e in wanted])

        assert found == {each: each for each in wanted}

    async def test_is_the_owners_alone(self, world: World) -> None:
        account = await world.account()
        await self._add(world, account, {Identity(TWO, 1): Identity(ONE, 1)})
        other = await world.account("eve@example.org")

        assert await self._kept(world, other, fingerprints=[TWO], known=[Identity(ONE, 1)]) == {}

    async def _entered(self, world: World, account: Account, pending: bool = False) -> Transaction:
        source = await world.source(account)
        row = make_transaction(account, source, make_row(pending=pending))
        assert await world.transactions.add([row]) == Success(None)
        assert await world.transactions.see([row.seen(Verdict.NEW)]) == Success(None)
        return row

    async def _add(
        self, world: World, account: Account, pairs: Mapping[Identity, Identity], scheme: int = 2
    ) -> object:
        return await world.fingerprints.add(
            account.id, owner=UserId(account.user_id), scheme=scheme, pairs=pairs
        )

    async def _kept(
        self,
        world: World,
        account: Account,
        fingerprints: list[bytes] | tuple[()] = (),
        known: list[Identity] | tuple[()] = (),
    ) -> Mapping[Identity, Identity]:
        found = await world.fingerprints.kept(
            account.id, owner=account.user_id, scheme=2, fingerprints=fingerprints, known=known
        )
        assert isinstance(found, Success)
        return found.value
