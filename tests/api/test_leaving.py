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
from dashtam.asgi import django
from dashtam.container import container
from domain.ledger.exports import Ledger, Movement, Sheet
from tests.api.client import Api
from tests.statements import days, ofx, statement

#: Its library has no types.
Communicator: Any = ApplicationCommunicator


@pytest.fixture
def committing(committing_database: str) -> Api:
    return Api(delivers=True)


async def test_ends_the_work_in_the_database(
    committing: Api, monkeypatch: pytest.MonkeyPatch, call_cancelled: asyncio.Event
) -> None:
    await committing.enter()
    await committing.upload(ofx(statement(*days(9))))
    loop = asyncio.get_running_loop()
    reached, left = asyncio.Event(), threading.Event()
    seen: list[Movement] = []
    write = CsvWriter.write

    def watched(sheet: Sheet) -> Iterator[Movement]:
        for movement in sheet.movements:
            seen.append(movement)
            if len(seen) == 2:
                loop.call_soon_threadsafe(reached.set)
                # No statement runs when it is to be stopped.
                left.wait(60)
            yield movement

    def slowly(self: CsvWriter, ledger: Ledger) -> Iterator[bytes]:
        sheets = [replace(each, movements=watched(each)) for each in ledger.sheets]
        return write(self, Ledger(sheets=sheets))

    monkeypatch.setattr(CsvWriter, "write", slowly)
    monkeypatch.setattr(container.ports.ledgers, "_batch", 3)
    asked = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": "/api/v1/export",
        "query_string": b"format=csv",
        "headers": [
            (b"host", b"testserver"),
            (b"authorization", f"Bearer {committing.token}".encode()),
        ],
    }
    request = Communicator(django, asked)
    await request.send_input({"type": "http.request", "body": b""})
    await asyncio.wait_for(reached.wait(), 120)

    await request.send_input({"type": "http.disconnect"})
    await asyncio.wait_for(call_cancelled.wait(), 120)
    left.set()
    await request.wait(timeout=120)

    assert len(seen) == 3
    assert request.output_queue.empty()
    assert container.database.state.leased == 0
    assert not await AuditEntryModel.objects.filter(action="ledger.exported").aexists()
