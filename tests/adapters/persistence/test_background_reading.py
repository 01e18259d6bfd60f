"""Background reads wait in the queue: a crowd of other requests fails none of them."""

import asyncio
import threading

import pytest

from adapters.persistence.outbox.lanes import SLOW
from adapters.persistence.outbox.models import OutboxModel
from dashtam.application.identity.users import RegisterUser
from dashtam.application.ledger.reading_queue import MAX_WAITING
from dashtam.application.ledger.submit_import import EnqueueImport
from dashtam.container import container
from domain.ledger.errors import ReadingBusy, UnreadableStatement
from domain.ledger.imports import ImportRequest
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.canaries import PASSWORD
from tests.statements import days, ofx, statement

pytestmark = pytest.mark.usefixtures("committing_database")
FILE = ofx(statement(*days(5)))


@pytest.mark.parametrize("enqueue", ["__call__", "preview"])
async def test_a_background_read_waits_in_the_queue(
    enqueue: str,
) -> None:
    made = await container.use(RegisterUser)(email="ada@example.org", password=PASSWORD)
    assert isinstance(made, Success)
    await container.drain()
    request = ImportRequest(user_id=made.value.id, file_name="march.ofx", content=FILE)
    queued = await getattr(container.use(EnqueueImport), enqueue)(request)
    assert isinstance(queued, Success)
    await container.publisher.drain()

    done = threading.Event()

    def read() -> Result[int, UnreadableStatement]:
        assert done.wait(60)
        return Success(1)

    crowd = [
        asyncio.ensure_future(container.ports.reading_queue(UserId(new_id()), read))
        for _ in range(2 + MAX_WAITING)
    ]
    await asyncio.sleep(0)
    # A new request is refused now.
    refused = await container.ports.reading_queue(made.value.id, read)
    assert isinstance(refused, Failure)
    assert isinstance(refused.error, ReadingBusy)
    delivering = asyncio.ensure_future(container.relay.deliver_all())
    # What was refused is pending again before the crowd has ended.
    await asyncio.wait([delivering], timeout=1)
    done.set()

    _, failed = await delivering
    assert failed == 0
    outcomes = OutboxModel.objects.filter(type__in=SLOW).values_list("attempts", "last_error")
    assert [each async for each in outcomes] == [(1, "")]
    assert await asyncio.gather(*crowd) == [Success(1)] * len(crowd)
