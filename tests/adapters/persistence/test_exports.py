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
from dashtam.application.ledger.export_ledger import ExportLedger
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.transactions import EditTransaction
from dashtam.application.ledger.transfers import DecideTransfer
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container import container
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


async def bring(user_id: UserId, content: bytes) -> StatementImport:
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
    """An import that is taken back, and what the ledger held before."""

    name: str
    content: bytes
    before: tuple[bytes, ...] = (ofx(statement(*days(5), PENDING)),)


CASES = [
    Case("on an empty ledger", ofx(statement(*days(3))), before=()),
    Case("of what was there", ofx(statement(*days(5), PENDING))),
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
    async def test_leaves_the_export_as_it_was(self, case: Case) -> None:
        user_id = await someone()
        for content in case.before:
            await bring(user_id, content)
        await self._write_on_all(user_id)
        before = await exported(user_id)

        done = await bring(user_id, case.content)
        between = await exported(user_id)
        undone = await container.use(UndoImport)(import_id=done.id, user_id=user_id)

        assert isinstance(undone, Success)
        assert await exported(user_id) == before
        if done.new + done.updates + done.conflict:
            assert between["csv"] != before["csv"]
        await container.drain()

    async def test_and_brought_again_is_as_it_was_with_it(self) -> None:
        user_id = await someone()
        done = await bring(user_id, ofx(statement(*days(4), PENDING)))
        await self._write_on_all(user_id)
        before = await exported(user_id)

        await container.use(UndoImport)(import_id=done.id, user_id=user_id)
        nothing = await exported(user_id)
        await bring(user_id, ofx(statement(*days(4), PENDING)))

        assert await exported(user_id) == before
        assert nothing["csv"].count(b"\r\n") == 1
        assert b"100200300" not in b"".join(nothing.values())
        await container.drain()

    async def test_an_export_brings_its_rows_into_an_empty_ledger(self) -> None:
        user_id = await someone()
        long = "A transfer to somebody with a name of several parts"
        named = transaction("-5.00", "20260309", "N1", long[:32] + "<MEMO>" + long)
        await bring(user_id, ofx(statement(*days(5), PENDING, named), statement(BOOKED, bank="B")))
        first = await exported(user_id)
        stranger = await someone("eve@example.org")

        done = await bring(stranger, first["ofx"])

        assert (done.new, done.quarantined) == (8, [])
        assert _told(await exported(stranger)) == _told(first)
        assert long in first["csv"].decode()
        await container.drain()

    async def test_an_export_brings_nothing_new_into_its_own_ledger(self) -> None:
        user_id = await someone()
        again = transaction("-9.00", "20260309", "F1", "Reused")
        done = await bring(user_id, ofx(statement(*days(5), BOOKED)))
        (outcome,) = done.statements
        scope = ExportScope(account_id=outcome.account_id)

        own = await self._brought_back(user_id, scope)
        reused = await bring(user_id, ofx(statement(again)))
        with_reused = await self._brought_back(user_id, scope)

        assert (own.new, own.same, own.quarantined) == (0, 6, [])
        # An id that two movements have tells neither: these two have ours.
        assert (reused.conflict, with_reused.new, with_reused.same) == (1, 2, 5)
        await container.drain()

    async def test_a_transfer_comes_to_nothing_between_two_accounts(self) -> None:
        user_id = await someone()
        out = transaction("-50.00", "20260306", "T1", "Savings")
        into = transaction("50.00", "20260309", "T2", "From checking")
        await bring(user_id, ofx(statement(*days(2), out), statement(into, number="7")))
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

    async def _brought_back(self, user_id: UserId, scope: ExportScope) -> StatementImport:
        """Import an export into the account that it is of."""
        done = await container.use(ExportLedger)(user_id=user_id, format="ofx", scope=scope)
        assert isinstance(done, Success)
        with done.value.content as content:
            brought = await container.use(ImportPipeline)(
                ImportRequest(
                    user_id=user_id,
                    file_name="ledger.ofx",
                    content=content.read(),
                    account_id=scope.account_id,
                )
            )
        assert isinstance(brought, Success), brought
        return brought.value

    async def _write_on_all(self, user_id: UserId) -> None:
        """Write a note and a category on everything there is."""
        # Above the policies: on Django's own connection.
        ids = [row_id async for row_id in TransactionModel.objects.values_list("id", flat=True)]
        for row_id in ids:
            edited = await container.use(EditTransaction)(
                transaction_id=TransactionId(row_id), user_id=user_id, note="mine", category="A:b"
            )
            assert isinstance(edited, Success)


@pytest.mark.usefixtures("committing_database")
class TestSnapshot:
    async def test_what_is_committed_meanwhile_is_not_seen(self) -> None:
        user_id = await someone()
        await bring(user_id, ofx(statement(*days(6))))
        loop = asyncio.get_running_loop()
        source = DjangoLedgerSource(container.database, batch=2)

        def more() -> None:
            content = ofx(statement(*days(20)), statement(*days(3), number="7"))
            beside(loop, bring(user_id, content))

        async with container.ports.unit_of_work(owner=user_id, snapshot=True):
            read = await source.read(_counting(more), owner=user_id, scope=ALL)

        assert read == Success((6, 6))
        assert await TransactionModel.objects.acount() == 23

    async def test_without_one_it_would_be(self) -> None:
        user_id = await someone()
        await bring(user_id, ofx(statement(*days(6))))
        loop = asyncio.get_running_loop()
        source = DjangoLedgerSource(container.database, batch=2)

        def more() -> None:
            content = ofx(statement(*days(20)))
            beside(loop, bring(user_id, content))

        async with container.ports.unit_of_work(owner=user_id):
            read = await source.read(_counting(more), owner=user_id, scope=ALL)

        assert read == Success((20, 20))

    async def test_is_what_an_export_is(self) -> None:
        user_id = await someone()
        await bring(user_id, ofx(statement(*days(6))))
        loop = asyncio.get_running_loop()

        class InterruptedWriter(CsvWriter):
            """Meanwhile something else is imported."""

            def write(self, ledger: Ledger) -> Iterator[bytes]:
                yield f"{sum(1 for _ in ledger.accounts[0].transactions)} ".encode()
                beside(loop, bring(user_id, ofx(statement(*days(9)))))
                yield f"{sum(1 for _ in ledger.accounts[0].transactions)}".encode()

        export_ledger = with_ports(container.use_cases, ledger_writers=[InterruptedWriter()]).use(
            ExportLedger
        )
        done = await export_ledger(user_id=user_id, format="csv", scope=ALL)

        assert isinstance(done, Success)
        with done.value.content as content:
            assert content.read() == b"6 6"
        assert await TransactionModel.objects.acount() == 9

    async def test_leaves_an_entry_in_its_own_transaction(self) -> None:
        user_id = await someone()
        await bring(user_id, ofx(statement(*days(6))))

        await exported(user_id)

        entries = AuditEntryModel.objects.filter(action="ledger.exported").order_by("id")
        assert [each.details async for each in entries] == [
            {"format": name, "count": 6} for name in FORMATS
        ]
        assert container.database.state.leased == 0

    async def test_the_next_transaction_is_an_ordinary_one(self) -> None:
        user_id = await someone()

        await exported(user_id)
        async with container.ports.unit_of_work(owner=user_id):
            level = await container.database.run(_isolation)
        async with container.ports.unit_of_work(owner=user_id, snapshot=True):
            held = await container.database.run(_isolation)

        assert (level, held) == ("read committed", "repeatable read")

    async def test_cannot_begin_within_a_transaction(self) -> None:
        user_id = await someone()

        async with container.database.transaction(owner=user_id):
            with pytest.raises(RuntimeError, match="in the middle"):
                async with container.database.transaction(snapshot=True):
                    pass
            assert await container.database.check_connection()


def _counting(between: Callable[[], None]) -> Callable[[Ledger], tuple[int, int]]:
    """Return what counts movements twice; something happens after the first one."""

    def use(ledger: Ledger) -> tuple[int, int]:
        (sheet,) = ledger.accounts
        movements = iter(sheet.transactions)
        next(movements)
        between()
        return 1 + sum(1 for _ in movements), sum(1 for _ in sheet.transactions)

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


def _told(files: dict[str, bytes]) -> list[tuple[str, ...]]:
    """Return what is the same of a row in whichever ledger it is."""
    told = (
        "institution account_number account_kind booking_date value_date "
        "amount currency kind status description"
    ).split()
    rows = csv.DictReader(StringIO(files["csv"].decode(), newline=""))
    return sorted(tuple(row[name] for name in told) for row in rows)


def _isolation() -> str:
    return ask("SHOW transaction_isolation")
