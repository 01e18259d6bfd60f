"""A client who leaves while an export is written."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from adapters.audit.models import AuditEntryModel
from adapters.exports.csv_file import CsvWriter
from dashtam.asgi import application
from dashtam.container import container
from domain.ledger.exports import AccountLedger, ExportedTransaction, Ledger
from tests.api.client import Api
from tests.statements import days, ofx, statement

#: Its library has no types.
Communicator: Any = ApplicationCommunicator


@pytest.fixture
def committing(committing_database: str) -> Api:
    return Api(delivers=True)


class Watched:
    """An export that reports two written transactions, and then waits to be cancelled."""

    def __init__(self) -> None:
        self.seen: list[ExportedTransaction] = []
        self.reached, self.left = asyncio.Event(), threading.Event()
        self._loop = asyncio.get_running_loop()
        self._write = CsvWriter.write

    def write(self, writer: CsvWriter, ledger: Ledger) -> Iterator[bytes]:
        account_ledgers = [
            replace(each, transactions=self._watched(each)) for each in ledger.accounts
        ]
        return self._write(writer, Ledger(accounts=account_ledgers))

    def _watched(self, account_ledger: AccountLedger) -> Iterator[ExportedTransaction]:
        for transaction in account_ledger.transactions:
            self.seen.append(transaction)
            if len(self.seen) == 2:
                self._loop.call_soon_threadsafe(self.reached.set)
                # No statement runs when it is to be stopped.
                self.left.wait(60)
            yield transaction


def export_for(token: str) -> dict[str, Any]:
    """Return the scope of a request for an export."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": "/api/v1/export",
        "query_string": b"format=csv",
        "headers": [(b"host", b"testserver"), (b"authorization", f"Bearer {token}".encode())],
    }


async def test_cancels_the_statement_in_the_database(
    committing: Api, monkeypatch: pytest.MonkeyPatch, call_cancelled: asyncio.Event
) -> None:
    await committing.enter()
    await committing.upload(ofx(statement(*days(9))))
    export = Watched()
    monkeypatch.setattr(CsvWriter, "write", lambda writer, ledger: export.write(writer, ledger))
    monkeypatch.setattr(container.ports.ledgers, "_batch", 3)
    request = Communicator(application, export_for(committing.token))
    await request.send_input({"type": "http.request", "body": b""})
    await asyncio.wait_for(export.reached.wait(), 120)

    await request.send_input({"type": "http.disconnect"})
    await asyncio.wait_for(call_cancelled.wait(), 120)
    export.left.set()
    await request.wait(timeout=120)

    assert len(export.seen) == 3
    assert request.output_queue.empty()
    assert container.database.state.leased == 0
    assert not await AuditEntryModel.objects.filter(action="ledger.exported").aexists()
