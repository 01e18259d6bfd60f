"""What every archive of files must do, and the meter of its size."""

from dataclasses import replace

from domain.ledger.entities import Account
from domain.ledger.errors import ImportNotFound, UnreadableStatement
from domain.ledger.imports import ImportStatus, StatementImport
from domain.ledger.quotas import QuotaUsage
from domain.shared.ids import ImportId, new_id
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import NOON, make_import


class FileArchiveContract:
    async def test_returns_what_was_stored(self, world: World) -> None:
        user = await world.user()
        content = b"OFX" * 10_000
        for _ in range(2):
            stored = await world.files.store(content, digest=b"d" * 32, owner=user.id)
            assert isinstance(stored, Success)

        assert await world.files.get(b"d" * 32, owner=user.id) == Success(content)

    async def test_counts_identical_files_once(self, world: World) -> None:
        user, eve = await world.user(), await world.user("eve@example.org")
        sizes = [
            await world.files.store(content, digest=digest * 32, owner=owner.id)
            for content, digest, owner in (
                (b"march" * 9, b"m", user),
                (b"april", b"a", user),
                (b"march" * 9, b"m", user),
                (b"march" * 9, b"m", eve),
            )
        ]

        march, april, second, others = [size.value for size in sizes if isinstance(size, Success)]
        assert march > april > second == 0
        assert others == march
        used = await world.quota_meter.usage(owner=user.id)
        assert used == Success(QuotaUsage(march + april, 0))

    async def test_deletes_a_file_without_a_usable_import(self, world: World) -> None:
        account = await world.account()
        failed = await self._failed(world, account)
        stranger = await world.user("eve@example.org")

        assert await world.files.delete(failed.digest, owner=stranger.id) == Success(False)
        assert await world.files.delete(failed.digest, owner=account.user_id) == Success(True)

        missing = Failure(ImportNotFound("The file is no longer stored."))
        assert await world.files.get(failed.digest, owner=account.user_id) == missing
        assert await world.files.delete(failed.digest, owner=account.user_id) == Success(False)

    async def test_retains_a_file_of_another_import(self, world: World) -> None:
        account = await world.account()
        failed = await self._failed(world, account)
        other = replace(make_import(account.user_id, account.id), statements=[])
        for status in (ImportStatus.WAITING, ImportStatus.DONE):
            await world.imports.add(
                replace(other, id=ImportId(new_id()), digest=failed.digest, status=status)
            )

            dropped = await world.files.delete(failed.digest, owner=account.user_id)

            assert dropped == Success(False)
        assert isinstance(await world.files.get(failed.digest, owner=account.user_id), Success)

    async def _failed(self, world: World, account: Account) -> StatementImport:
        failed, _ = make_import(account.user_id, account.id).refuse(
            UnreadableStatement("Line 3: no date."), at=NOON
        )
        assert await world.imports.add(failed) == Success(None)
        await world.files.store(b"garbage", digest=failed.digest, owner=account.user_id)
        return failed

    async def test_separates_files_of_users(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        await world.files.store(b"hers", digest=b"d" * 32, owner=ada.id)

        missing = Failure(ImportNotFound("The file is no longer stored."))
        assert await world.files.get(b"d" * 32, owner=eve.id) == missing
