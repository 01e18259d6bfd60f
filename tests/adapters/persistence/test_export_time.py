"""An export may take long, but not longer than its client waits."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from django.db import connection

from adapters.audit.models import AuditEntryModel
from adapters.exports.csv_file import CsvWriter
from adapters.persistence.ledger.exports import DjangoLedgerSource
from dashtam.application.ledger.export_ledger import ExportLedger
from dashtam.container import container
from domain.ledger.exports import ExportedTransaction, Ledger
from domain.shared.result import Success
from tests.adapters.persistence.test_exports import ALL, ask, import_file, someone
from tests.ports import with_ports
from tests.statements import days, ofx, statement


@pytest.mark.usefixtures("committing_database")
class TestTime:
    @pytest.mark.slow
    async def test_is_not_limited_like_that_of_other_transactions(self) -> None:
        user_id = await someone()
        await import_file(user_id, ofx(statement(*days(3))))

        def slowly(ledger: Ledger) -> int:
            ask("SELECT pg_sleep(6)")
            return sum(1 for account in ledger.accounts for _ in account.transactions)

        async with container.ports.unit_of_work(owner=user_id, snapshot=True):
            await container.database.run(_limit)
            read = await container.ports.ledgers.read(slowly, owner=user_id, scope=ALL)

        assert read == Success(3)

    async def test_is_not_limited_for_the_export_as_a_whole(self) -> None:
        user_id = await someone()
        limits: list[str] = []
        idle = "SHOW idle_in_transaction_session_timeout"

        class Watching(CsvWriter):
            def write(self, ledger: Ledger) -> Iterator[bytes]:
                limits.append(ask(idle))
                return super().write(ledger)

        watched = with_ports(container.use_cases, ledger_writers=[Watching()]).use(ExportLedger)
        async with container.ports.unit_of_work(owner=user_id):
            before = await container.database.run(ask, idle)
        done = await watched(user_id=user_id, format="csv", scope=ALL)
        async with container.ports.unit_of_work(owner=user_id):
            after = await container.database.run(ask, idle)

        assert isinstance(done, Success)
        done.value.content.close()
        assert limits == ["5min"]
        assert before == after != "5min"

    async def test_ends_between_two_batches_if_the_client_is_slow(
        self, call_cancelled: asyncio.Event
    ) -> None:
        user_id = await someone()
        await import_file(user_id, ofx(statement(*days(9))))
        loop = asyncio.get_running_loop()
        exported: list[ExportedTransaction] = []

        class Left(CsvWriter):
            """The client disconnects while the second row is written."""

            def write(self, ledger: Ledger) -> Iterator[bytes]:
                for transaction in ledger.accounts[0].transactions:
                    exported.append(transaction)
                    if len(exported) == 2:
                        loop.call_soon_threadsafe(reached.set)
                        # No statement runs when it is to be stopped.
                        done.wait(60)
                    yield b"row"

        reached, done = asyncio.Event(), threading.Event()
        source = DjangoLedgerSource(container.database, batch=3)
        use_cases = with_ports(container.use_cases, ledger_writers=[Left()], ledgers=source)
        use_case = use_cases.use(ExportLedger)
        export = asyncio.create_task(use_case(user_id=user_id, format="csv", scope=ALL))
        await reached.wait()
        export.cancel()
        await call_cancelled.wait()
        done.set()
        with pytest.raises(asyncio.CancelledError):
            await export

        assert len(exported) == 3
        assert container.database.state.leased == 0
        assert not await AuditEntryModel.objects.filter(action="ledger.exported").aexists()


def _limit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_timeout = '5s'")
