"""What every implementation must do for imports that wait, and for the rows of all."""

from dataclasses import replace

from domain.ledger.entities import Account, Transaction
from domain.ledger.errors import ImportNotFound, UnreadableStatement
from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder, ReadingHints
from domain.ledger.imported import ImportRow, MetTransaction, RowCursor
from domain.ledger.imports import ImportProgress, ImportStatus, StatementImport
from domain.ledger.quotas import QuotaUsage
from domain.ledger.values import MatchResult
from domain.shared.ids import ImportId, new_id
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.csv_profiles import CARD
from tests.factories import NOON, imported_row, make_import, make_row, make_transaction, stated_of

PROFILE = CsvProfile(
    delimiter=";",
    encoding="cp1252",
    header=(
        "Date",
        "Amount",
    ),
    date_order=DateOrder.DAY_FIRST,
    decimal_mark=",",
    columns={CsvColumn.BOOKING_DATE: 0, CsvColumn.AMOUNT: 1},
)
HINTS = ReadingHints(
    account="mine", currency="EUR", date_order=DateOrder.MONTH_FIRST, csv_profile=PROFILE
)


async def waiting_for(world: World, account: Account) -> StatementImport:
    """Add an import that is still pending."""
    done = make_import(account.user_id, account.id)
    waiting = replace(
        done,
        format="",
        statements=[],
        quarantined=[],
        status=ImportStatus.WAITING,
        hints=HINTS,
        account_id=account.id,
    )
    assert await world.imports.add(waiting) == Success(None)
    return waiting


def shown(row: Transaction, result: MatchResult) -> ImportRow:
    return ImportRow(row.line, result, row.id, stated_of(row))


def met(row: Transaction) -> MetTransaction:
    return MetTransaction(row.id, stated_of(row))


class BackgroundImportsContract:
    async def test_stores_hints_with_a_file(self, world: World) -> None:
        waiting = await waiting_for(world, await world.account())

        found = await world.imports.get(waiting.id, owner=waiting.user_id)

        assert found == Success(waiting)

    async def test_stores_the_outcome_of_a_pending_import(self, world: World) -> None:
        waiting = await waiting_for(world, await world.account())
        done = replace(
            make_import(waiting.user_id, waiting.account_id),
            id=waiting.id,
            imported_at=NOON.replace(hour=13),
            # While a CSV file is processed, the profile that it is read by is found.
            hints=replace(waiting.hints, csv_profile=CARD),
            account_id=waiting.account_id,
        )

        assert await world.imports.complete(done) == Success(None)

        assert await world.imports.get(done.id, owner=done.user_id) == Success(done)

    async def test_stores_the_reason_of_a_failure(self, world: World) -> None:
        waiting = await waiting_for(world, await world.account())
        failed, _ = waiting.refuse(UnreadableStatement("Line 3: no date."), at=NOON)

        assert await world.imports.complete(failed) == Success(None)

        assert await world.imports.get(failed.id, owner=failed.user_id) == Success(failed)

    async def test_locks_only_for_the_owner(self, world: World) -> None:
        waiting = await waiting_for(world, await world.account())
        stranger = await world.user("eve@example.org")
        missing = Failure(ImportNotFound("No such import."))

        assert await world.imports.allow_long_transaction() == Success(None)
        locked = await world.imports.lock(waiting.id, owner=waiting.user_id)

        assert locked == Success(waiting)
        assert await world.imports.lock(waiting.id, owner=stranger.id) == missing
        assert await world.imports.lock(ImportId(new_id()), owner=stranger.id) == missing

    async def test_counts_pending_imports(self, world: World) -> None:
        account = await world.account()
        waiting = [await waiting_for(world, account) for _ in range(3)]
        await world.source(account)
        owner = account.user_id

        assert await world.quota_meter.usage(owner=owner) == Success(QuotaUsage(0, 3))
        await world.imports.mark_undone(waiting[0], at=NOON)
        await world.imports.complete(waiting[1].refuse(UnreadableStatement("No."), at=NOON)[0])

        assert await world.quota_meter.usage(owner=owner) == Success(QuotaUsage(0, 1))

    async def test_completion_clears_the_progress(self, world: World) -> None:
        waiting = await waiting_for(world, await world.account())
        progress, owner = ImportProgress(10, 4), waiting.user_id

        await world.import_progress.set(waiting.id, ImportProgress(10, 0), owner=owner)
        await world.import_progress.set(waiting.id, progress, owner=owner)
        await world.import_progress.clear(waiting.id, owner=owner)
        await world.import_progress.clear(waiting.id, owner=owner)

        assert await world.imports.get(waiting.id, owner=owner) == Success(waiting)

    async def test_withdrawal_ends_the_wait(self, world: World) -> None:
        waiting = await waiting_for(world, await world.account())
        await world.imports.mark_undone(waiting, at=NOON)

        found = await world.imports.lock(waiting.id, owner=waiting.user_id)

        assert found == Success(waiting.undo(at=NOON))
        assert isinstance(found, Success)
        assert not found.value.is_waiting

    async def test_lists_rows_in_file_order(self, world: World) -> None:
        account = await world.account()
        source, other = await world.source(account), await world.source(account)
        lines = (7, 3, 3, 9)
        made = [
            make_transaction(account, source, make_row(provider_id=f"F{n}", line=line))
            for n, line in enumerate(lines)
        ]
        await world.transactions.add(made)
        await world.transactions.record_rows([imported_row(row, MatchResult.NEW) for row in made])
        copy = replace(made[0], import_id=other.id)
        await world.transactions.record_rows([imported_row(copy, MatchResult.SAME)])
        in_order = [shown(made[n], MatchResult.NEW) for n in (1, 2, 0, 3)]

        assert await self._rows(world, source, limit=2) == [in_order[:2], in_order[2:]]
        assert await self._rows(world, source, limit=1) == [[row] for row in in_order]
        assert await self._rows(world, source, limit=4) == [in_order]
        assert await self._rows(world, other, limit=4) == [
            [replace(shown(made[0], MatchResult.SAME), met=met(made[0]))]
        ]

    async def test_a_row_that_changed_a_transaction_met_its_former_state(
        self, world: World
    ) -> None:
        account = await world.account()
        first, second = await world.source(account), await world.source(account)
        pending = make_transaction(account, first, make_row("-9.00", pending=True))
        booked = make_transaction(account, second, make_row("-9.50"), id=pending.id)
        await world.transactions.add([pending])
        await world.transactions.record_rows([imported_row(pending, MatchResult.NEW)])
        await world.transactions.update_from_import([booked])
        await world.transactions.record_rows([imported_row(booked, MatchResult.UPDATES)])

        assert await self._rows(world, first, limit=9) == [[shown(pending, MatchResult.NEW)]]
        assert await self._rows(world, second, limit=9) == [
            [replace(shown(booked, MatchResult.UPDATES), met=met(pending))]
        ]

    async def test_a_conflict_met_the_transaction_with_its_id(self, world: World) -> None:
        account = await world.account()
        first, second = await world.source(account), await world.source(account)
        known = make_transaction(account, first, make_row("-9.00", provider_id="A1"))
        other = make_transaction(account, second, make_row("-8.00", provider_id="A1"))
        await world.transactions.add([known, other])
        await world.transactions.record_rows([imported_row(other, MatchResult.CONFLICT)])

        assert await self._rows(world, second, limit=9) == [
            [replace(shown(other, MatchResult.CONFLICT), met=met(known))]
        ]

    async def test_lists_no_rows_for_another_user(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        row = make_transaction(account, source)
        await world.transactions.add([row])
        await world.transactions.record_rows([imported_row(row, MatchResult.NEW)])
        stranger = await world.user("eve@example.org")

        page = await world.imports.rows(source.id, owner=stranger.id, after=None, limit=9)

        assert isinstance(page, Success)
        assert (page.value.items, page.value.next) == ([], None)

    async def _rows(
        self, world: World, source: StatementImport, *, limit: int
    ) -> list[list[ImportRow]]:
        """Return all pages of an import's rows, as a client would follow them."""
        pages: list[list[ImportRow]] = []
        after: RowCursor | None = None
        while not pages or after:
            page = await world.imports.rows(
                source.id, owner=source.user_id, after=after, limit=limit
            )
            assert isinstance(page, Success)
            pages.append(list(page.value.items))
            sent = str(page.value.next) if page.value.next else None
            after = None
            if sent:
                read = RowCursor.parse(sent)
                assert isinstance(read, Success)
                after = read.value
        return pages
