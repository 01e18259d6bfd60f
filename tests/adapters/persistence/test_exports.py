"""Exports from PostgreSQL: of one moment, and the same to the byte after an import was undone."""

import asyncio
import csv
from collections.abc import Callable, Coroutine, Iterator
from contextvars import Context
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from beancount import loader
from django.db import connection

from adapters.audit.models import AuditEntryModel
from adapters.exports.beancount import TRANSFER
from adapters.exports.csv_file import CsvWriter
from adapters.persistence.ledger.exports import DjangoLedgerSource
from adapters.persistence.ledger.models import TransactionModel
from dashtam.application.identity.users import RegisterUser
from dashtam.application.ledger.categories import AddCategory
from dashtam.application.ledger.export_ledger import ExportLedger
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.transactions import EditTransaction
from dashtam.application.ledger.transfers import DecideTransfer
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container import container
from domain.ledger.allocations import CategoryChoice
from domain.ledger.exports import ExportScope, Ledger
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.transfers import TransferDecision
from domain.shared.ids import AccountId, TransactionId, UserId
from domain.shared.result import Success
from tests.contracts.exports import LedgerSourceContract
from tests.contracts.world import World
from tests.ports import with_ports
from tests.statements import days, ofx, statement, transaction

FORMATS = ("beancount", "csv", "ofx")
ALL = ExportScope()

PENDING = (
    transaction("-30.00", "20260305", "", "Petrol")
    .replace("STMTTRN>", "STMTTRNP>")
    .replace("DTPOSTED", "DTTRAN")
    .replace("<FITID>\n", "")
)
BOOKED = transaction("-30.00", "20260307", "B1", "PETROL STATION 17")


class TestSource(LedgerSourceContract):
    """In small batches, so that several are needed."""

    @pytest.fixture
    def world(self, django_world: World) -> World:
        return World(
            **{
                **{name: getattr(django_world, name) for name in World.__dataclass_fields__},
                "ledgers": DjangoLedgerSource(container.database, batch=2),
            }
        )


async def someone(email: str = "ada@example.org") -> UserId:
    registered = await container.use(RegisterUser)(email=email, password="correct horse battery")
    assert isinstance(registered, Success)
    await container.drain()
    return registered.value.id


async def import_file(user_id: UserId, content: bytes) -> StatementImport:
    done = await container.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="x.ofx", content=content)
    )
    assert isinstance(done, Success), done
    await container.drain()
    return done.value


def beside(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any]) -> None:
    """Wait in a database thread for work that has nothing to do with its transaction."""
    Context().run(asyncio.run_coroutine_threadsafe, work, loop).result(60)


def ask(query: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return str(cursor.fetchone()[0])


async def exported(user_id: UserId) -> dict[str, bytes]:
    """Return the ledger in every format."""
    files: dict[str, bytes] = {}
    for name in FORMATS:
        done = await container.use(ExportLedger)(user_id=user_id, format=name, scope=ALL)
        assert isinstance(done, Success), done
        with done.value.content as content:
            files[name] = content.read()
    return files


@dataclass(frozen=True)
class Case:
    """An import that is undone, and the ledger before it."""

    name: str
    content: bytes
    before: tuple[bytes, ...] = (ofx(statement(*days(5), PENDING)),)


CASES = [
    Case("on an empty ledger", ofx(statement(*days(3))), before=()),
    Case("of what was there", ofx(statement(*days(5), PENDING)) + b"\n"),
    Case("that overlaps", ofx(statement(*list(days(9))[3:]))),
    Case("that books what was pending", ofx(statement(BOOKED))),
    Case(
        "that states another balance",
        ofx(statement(*days(5), balance="<LEDGERBAL><BALAMT>7.00<DTASOF>20260331</LEDGERBAL>")),
    ),
    Case(
        "that adds an account",
        ofx(statement(*days(2), number="0"), statement(*days(2), bank="AAA")),
    ),
    Case("that adds a currency", ofx(statement(*days(2), currency="USD"))),
    Case(
        "with a reworded row", ofx(statement(transaction("-1.00", "20260301", "F1", "Other words")))
    ),
    Case("with a conflict", ofx(statement(transaction("-9.99", "20260301", "F1", "Shop 1")))),
    Case(
        "that brings the pending row of what is booked",
        ofx(statement(PENDING)),
        before=(ofx(statement(*days(2), BOOKED)),),
    ),
]


@pytest.mark.usefixtures("committing_database")
class TestUndone:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
    async def test_leaves_the_export_unchanged(self, case: Case) -> None:
        user_id = await someone()
        for content in case.before:
            await import_file(user_id, content)
        await self._write_on_all(user_id)
        before = await exported(user_id)

        done = await import_file(user_id, case.content)
        between = await exported(user_id)
        undone = await container.use(UndoImport)(import_id=done.id, user_id=user_id)

        assert isinstance(undone, Success)
        assert await exported(user_id) == before
        if done.new + done.updates + done.conflict:
            assert between["csv"] != before["csv"]
        await container.drain()

    async def test_and_imported_again_equals_the_export(self) -> None:
        user_id = await someone()
        done = await import_file(user_id, ofx(statement(*days(4), PENDING)))
        await self._write_on_all(user_id)
        before = await exported(user_id)

        await container.use(UndoImport)(import_id=done.id, user_id=user_id)
        nothing = await exported(user_id)
        await import_file(user_id, ofx(statement(*days(4), PENDING)))

        assert await exported(user_id) == before
        assert nothing["csv"].count(b"\r\n") == 1
        assert b"100200300" not in b"".join(nothing.values())
        await container.drain()

    async def test_an_export_can_be_imported_into_an_empty_ledger(self) -> None:
        user_id = await someone()
        long = "A transfer to somebody with a name of several parts"
        long_name = transaction("-5.00", "20260309", "N1", long[:32] + "<MEMO>" + long)
        await import_file(
            user_id, ofx(statement(*days(5), PENDING, long_name), statement(BOOKED, bank="B"))
        )
        first = await exported(user_id)
        stranger = await someone("eve@example.org")

        done = await import_file(stranger, first["ofx"])

        assert (done.new, done.quarantined) == (8, [])
        assert _summary(await exported(stranger)) == _summary(first)
        assert long in first["csv"].decode()
        await container.drain()

    async def test_an_export_adds_nothing_to_its_own_ledger(self) -> None:
        user_id = await someone()
        again = transaction("-9.00", "20260309", "F1", "Reused")
        done = await import_file(user_id, ofx(statement(*days(5), BOOKED)))
        (outcome,) = done.statements
        scope = ExportScope(account_id=outcome.account_id)

        own = await self._reimported(user_id, scope)
        reused = await import_file(user_id, ofx(statement(again)))
        with_reused = await self._reimported(user_id, scope)

        assert (own.new, own.same, own.quarantined) == (0, 6, [])
        # An id that two transactions have says nothing: both are exported under ids of ours. One is
        # found again, because its file lists the days around it as well; the other one is not.
        assert (reused.conflict, with_reused.new, with_reused.same) == (1, 1, 6)
        await container.drain()

    async def test_a_transfer_between_two_accounts_sums_to_zero(self) -> None:
        user_id = await someone()
        out = transaction("-50.00", "20260306", "T1", "Savings")
        incoming = transaction("50.00", "20260309", "T2", "From checking")
        await import_file(user_id, ofx(statement(*days(2), out), statement(incoming, number="7")))
        before = await _legs(user_id, ALL)
        rows = {row.provider_id: row.id async for row in TransactionModel.objects.all()}

        decided = await container.use(DecideTransfer)(
            outgoing_id=TransactionId(rows["T1"]),
            incoming_id=TransactionId(rows["T2"]),
            decision=TransferDecision.CONFIRMED,
            user_id=user_id,
        )

        assert isinstance(decided, Success)
        assert before == []
        assert await _legs(user_id, ALL) == [Decimal(50), Decimal(-50)]
        savings = await TransactionModel.objects.aget(id=rows["T2"])
        only = ExportScope(account_id=AccountId(savings.account_id))
        assert await _legs(user_id, only) == [Decimal(-50)]
        await container.drain()

    async def _reimported(self, user_id: UserId, scope: ExportScope) -> StatementImport:
        """Import an export into the account that it is of."""
        done = await container.use(ExportLedger)(user_id=user_id, format="ofx", scope=scope)
        assert isinstance(done, Success)
        with done.value.content as content:
            imported = await container.use(ImportPipeline)(
                ImportRequest(
                    user_id=user_id,
                    file_name="ledger.ofx",
                    content=content.read(),
                    account_id=scope.account_id,
                )
            )
        assert isinstance(imported, Success), imported
        return imported.value

    async def _write_on_all(self, user_id: UserId) -> None:
        """Write a note, a category and tags on everything there is."""
        # Above the policies: on Django's own connection.
        ids = [row_id async for row_id in TransactionModel.objects.values_list("id", flat=True)]
        added = await container.use(AddCategory)(user_id=user_id, name="A")
        assert isinstance(added, Success)
        choice = CategoryChoice(added.value.id)
        for row_id in ids:
            edited = await container.use(EditTransaction)(
                transaction_id=TransactionId(row_id),
                user_id=user_id,
                note="mine",
                category=choice,
                tags=["trip"],
            )
            assert isinstance(edited, Success)


@pytest.mark.usefixtures("committing_database")
class TestSnapshot:
    async def test_a_concurrent_commit_is_invisible(self) -> None:
        user_id = await someone()
        await import_file(user_id, ofx(statement(*days(6))))
        loop = asyncio.get_running_loop()
        source = DjangoLedgerSource(container.database, batch=2)

        def more() -> None:
            content = ofx(statement(*days(20)), statement(*days(3), number="7"))
            beside(loop, import_file(user_id, content))

        async with container.ports.unit_of_work(owner=user_id, snapshot=True):
            read = await source.read(_counting(more), owner=user_id, scope=ALL)

        assert read == Success((6, 6))
        assert await TransactionModel.objects.acount() == 23

    async def test_without_a_snapshot_it_would_be_visible(self) -> None:
        user_id = await someone()
        await import_file(user_id, ofx(statement(*days(6))))
        loop = asyncio.get_running_loop()
        source = DjangoLedgerSource(container.database, batch=2)

        def more() -> None:
            content = ofx(statement(*days(20)))
            beside(loop, import_file(user_id, content))

        async with container.ports.unit_of_work(owner=user_id):
            read = await source.read(_counting(more), owner=user_id, scope=ALL)

        assert read == Success((20, 20))

    async def test_an_export_reads_one_snapshot(self) -> None:
        user_id = await someone()
        await import_file(user_id, ofx(statement(*days(6))))
        loop = asyncio.get_running_loop()

        class InterruptedWriter(CsvWriter):
            """Meanwhile another file is imported."""

            def write(self, ledger: Ledger) -> Iterator[bytes]:
                yield f"{sum(1 for _ in ledger.accounts[0].transactions)} ".encode()
                beside(loop, import_file(user_id, ofx(statement(*days(9)))))
                yield f"{sum(1 for _ in ledger.accounts[0].transactions)}".encode()

        export_ledger = with_ports(container.use_cases, ledger_writers=[InterruptedWriter()]).use(
            ExportLedger
        )
        done = await export_ledger(user_id=user_id, format="csv", scope=ALL)

        assert isinstance(done, Success)
        with done.value.content as content:
            assert content.read() == b"6 6"
        assert await TransactionModel.objects.acount() == 9

    async def test_is_audited_in_a_transaction_of_its_own(self) -> None:
        user_id = await someone()
        await import_file(user_id, ofx(statement(*days(6))))

        await exported(user_id)

        entries = AuditEntryModel.objects.filter(action="ledger.exported").order_by("id")
        assert [each.details async for each in entries] == [
            {"format": name, "count": 6} for name in FORMATS
        ]
        assert container.database.state.leased == 0

    async def test_the_next_transaction_is_read_committed(self) -> None:
        user_id = await someone()

        await exported(user_id)
        async with container.ports.unit_of_work(owner=user_id):
            level = await container.database.run(_isolation)
        async with container.ports.unit_of_work(owner=user_id, snapshot=True):
            snapshot_level = await container.database.run(_isolation)

        assert (level, snapshot_level) == ("read committed", "repeatable read")

    async def test_cannot_begin_within_a_transaction(self) -> None:
        user_id = await someone()

        async with container.database.transaction(owner=user_id):
            with pytest.raises(RuntimeError, match="in the middle"):
                async with container.database.transaction(snapshot=True):
                    pass
            assert await container.database.check_connection()


def _counting(between: Callable[[], None]) -> Callable[[Ledger], tuple[int, int]]:
    """Return a writer that counts transactions twice; something happens after the first one."""

    def use(ledger: Ledger) -> tuple[int, int]:
        (account,) = ledger.accounts
        transactions = iter(account.transactions)
        next(transactions)
        between()
        return 1 + sum(1 for _ in transactions), sum(1 for _ in account.transactions)

    return use


async def _legs(user_id: UserId, scope: ExportScope) -> list[Decimal]:
    """Return what beancount reads of transfers, after it has found nothing wrong."""
    done = await container.use(ExportLedger)(user_id=user_id, format="beancount", scope=scope)
    assert isinstance(done, Success)
    with done.value.content as content:
        entries, errors, _ = loader.load_string(content.read().decode())
    assert errors == []
    postings = [each for entry in entries for each in getattr(entry, "postings", ())]
    return [each.units.number for each in postings if each.account == TRANSFER]


def _summary(files: dict[str, bytes]) -> list[tuple[str, ...]]:
    """Return what is equal of a row in every ledger."""
    message = (
        "institution account_number account_kind booking_date value_date "
        "amount currency kind status description"
    ).split()
    rows = csv.DictReader(StringIO(files["csv"].decode(), newline=""))
    return sorted(tuple(row[name] for name in message) for row in rows)


def _isolation() -> str:
    return ask("SHOW transaction_isolation")
