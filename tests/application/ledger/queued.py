"""Files that are received, as tests of use cases follow them."""

from typing import Any

from dashtam.application.ledger.import_queries import ShowImport
from dashtam.application.ledger.submit_import import EnqueueImport
from domain.ledger.events import StatementReceived
from domain.ledger.hints import DateOrder, ReadingHints
from domain.ledger.imports import ImportRequest, StatementImport
from domain.shared.ids import UserId
from domain.shared.result import Success
from tests.application.conftest import Application
from tests.statements import days, ofx, statement

MARCH = ofx(statement(*days(3)))
HINTS = ReadingHints(currency="EUR", date_order=DateOrder.DAY_FIRST)


async def enqueue(
    app: Application, user_id: UserId, content: bytes = MARCH, **more: Any
) -> StatementImport:
    queued = await app.use(EnqueueImport)(
        ImportRequest(user_id=user_id, file_name="march.ofx", content=content, **more)
    )
    assert isinstance(queued, Success), queued
    return queued.value


def received_event(app: Application) -> StatementReceived:
    """Return the event of the last file that was queued."""
    received = [e for e in app.publisher.published if isinstance(e, StatementReceived)]
    return received[-1]


async def reloaded(app: Application, queued: StatementImport) -> StatementImport:
    found = await app.use(ShowImport)(import_id=queued.id, user_id=queued.user_id)
    assert isinstance(found, Success)
    return found.value
