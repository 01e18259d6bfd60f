"""Previews made by the relay: sealed, without a trace in the ledger, deleted after a day."""

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from adapters.persistence.ledger.models import PreviewModel
from adapters.persistence.ledger.previews import (
    SealedPreviewRepository,
)
from adapters.persistence.personal_data import owners_to_purge
from adapters.persistence.sealing import DjangoKeyRotation, owners_to_rotate
from adapters.security.envelope import Keyring, Unopenable
from dashtam.application.identity.personal_data import PurgeExpired
from dashtam.application.identity.users import RegisterUser
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.process_queued import ProcessQueuedPreview
from dashtam.application.ledger.submit_import import EnqueueImport
from dashtam.container import container
from domain.ledger.errors import ImportIsRunning
from domain.ledger.imports import ImportRequest
from domain.ledger.previews import QueuedPreview
from domain.shared.ids import ImportId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.adapters.persistence.test_quotas import _alter
from tests.canaries import PASSWORD
from tests.factories import just_now
from tests.statements import days, ofx, statement
from tests.waiting import locked

pytestmark = pytest.mark.usefixtures("committing_database")
MARCH = ofx(statement(*days(5)))
OLD, NEW = Keyring({"k1": b"o" * 32}), Keyring({"k2": b"n" * 32, "k1": b"o" * 32})
AGE = "ALTER TABLE ledger_preview DISABLE TRIGGER ledger_preview_updated_at"
AGED = "UPDATE ledger_preview SET created_at = now() - interval '{}'"


async def _user() -> UserId:
    made = await container.use(RegisterUser)(email="ada@example.org", password=PASSWORD)
    assert isinstance(made, Success)
    await container.drain()
    return made.value.id


async def _requested(owner: UserId) -> QueuedPreview:
    queued = await container.use(EnqueueImport).preview(
        ImportRequest(user_id=owner, file_name="f.ofx", content=MARCH)
    )
    assert isinstance(queued, Success)
    await container.publisher.drain()
    return queued.value


async def test_is_sealed_before_and_after_it_is_made() -> None:
    owner = await _user()
    await _requested(owner)
    waiting = await PreviewModel.objects.aget()
    await container.drain()
    made = await PreviewModel.objects.aget()

    for row in (waiting, made):
        assert row.sealed is not None
        assert b"OFX" not in bytes(row.sealed)
        assert b"result" not in bytes(row.sealed)
    assert (waiting.status, made.status) == ("waiting", "done")


async def test_is_purged_after_a_day_made_or_not() -> None:
    owner = await _user()
    await _requested(owner)
    await container.drain()
    await _requested(owner)
    await _alter(AGE)
    await _alter(AGED.format("23 hours"))
    assert await sync_to_async(owners_to_purge)() == []

    await _alter(AGED.format("25 hours"))
    assert await sync_to_async(owners_to_purge)() == [owner]
    assert await container.use(PurgeExpired)(user_id=owner) == Success({"ledger_preview": 2})

    # The relay finds nothing to do.
    assert await container.relay.deliver_all() == (1, 0)


async def test_is_locked_while_it_is_completed() -> None:
    queued = await _requested(await _user())

    async with locked("SELECT FROM ledger_preview WHERE id = %s FOR UPDATE", queued.id):
        async with container.ports.unit_of_work(owner=queued.user_id):
            refused = await container.ports.previews.lock(queued.id, owner=queued.user_id)
        made = await container.background.use(ProcessQueuedPreview)(queued.submitted())

    assert refused == Failure(ImportIsRunning("The preview is being made. Try again later."))
    assert made == refused
    assert await container.background.use(ProcessQueuedPreview)(queued.submitted()) == Success(None)


async def test_is_rewrapped_with_other_sealed_data() -> None:
    owner = await _user()
    old = SealedPreviewRepository(container.database, lambda: OLD)
    new = SealedPreviewRepository(container.database, lambda: NEW)
    queued = QueuedPreview(
        id=ImportId(new_id()),
        user_id=owner,
        file_name="f.ofx",
        digest=b"d" * 32,
        size=len(MARCH),
        requested_at=just_now(),
    )
    async with container.ports.unit_of_work(owner=owner) as uow:
        await old.add(queued, MARCH)
        await uow.commit(queued.submitted())
    assert await sync_to_async(owners_to_rotate)("k2") == [owner]

    async with container.ports.unit_of_work(owner=owner) as uow:
        assert await DjangoKeyRotation(container.database, lambda: NEW).rewrap(
            owner=owner
        ) == Success(1)
        await uow.commit(queued.submitted())

    assert await sync_to_async(owners_to_rotate)("k2") == []
    async with container.database.transaction(owner=owner):
        assert await new.content(queued.id, owner=owner) == Success(MARCH)
        with pytest.raises(Unopenable):
            await old.content(queued.id, owner=owner)


async def test_holds_no_ledger_lock_after_it_is_made() -> None:
    """Its rows are rolled back before its outcome is stored."""
    owner = await _user()
    await container.use(ImportPipeline)(
        ImportRequest(user_id=owner, file_name="f.ofx", content=MARCH)
    )
    queued = await _requested(owner)

    # It cannot be completed: by then it has released everything else.
    async with locked("SELECT FROM ledger_preview WHERE id = %s FOR UPDATE", queued.id):
        made = await container.background.use(ProcessQueuedPreview)(queued.submitted())
        assert isinstance(made, Failure)
        assert await container.database.run(_locks) == 0


def _locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_class c ON c.oid = relation"
            " WHERE c.relname LIKE 'ledger_%%' AND c.relname NOT LIKE 'ledger_preview%%'"
            " AND mode <> 'AccessShareLock'"
        )
        return int(cursor.fetchone()[0])
