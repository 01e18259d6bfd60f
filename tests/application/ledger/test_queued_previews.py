"""Queued previews."""

from dataclasses import replace
from typing import Any

import pytest

from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.previews import DeletePreview, ShowPreview
from dashtam.application.ledger.process_queued import ProcessQueuedPreview
from dashtam.application.ledger.submit_import import EnqueueImport, SubmitImport
from domain.ledger.errors import (
    AccountNotFound,
    CsvProfileNotFound,
    ImportIsRunning,
    PreviewNotFound,
    Refusal,
    StorageFull,
    TooManyImportsWaiting,
    UnreadableStatement,
)
from domain.ledger.imports import ImportRequest, ImportStatus
from domain.ledger.previews import Preview, QueuedPreview
from domain.ledger.quotas import Quota
from domain.shared.errors import DomainError, Unavailable
from domain.shared.ids import AccountId, ImportId, ProfileId, UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.application.ledger.queued import HINTS, MARCH
from tests.factories import make_user
from tests.ports import with_ports

OUTAGE = Failure(Unavailable("The database is not available."))
BUSY = Failure(ImportIsRunning("The preview is being made. Try again later."))


@pytest.fixture
def user_id(app: Application) -> UserId:
    user = make_user()
    app.store.users[user.id] = user
    return user.id


async def request(
    app: Application, user_id: UserId, content: bytes = MARCH, **more: Any
) -> QueuedPreview:
    queued = await app.use(EnqueueImport).preview(
        ImportRequest(user_id=user_id, file_name="march.ofx", content=content, **more)
    )
    assert isinstance(queued, Success), queued
    return queued.value


async def reloaded(app: Application, queued: QueuedPreview) -> QueuedPreview:
    found = await app.use(ShowPreview)(import_id=queued.id, user_id=queued.user_id)
    assert isinstance(found, Success)
    return found.value


def error_of(result: Result[Any, DomainError]) -> type[DomainError]:
    assert isinstance(result, Failure)
    return type(result.error)


async def test_a_queued_preview_equals_an_immediate_one(app: Application, user_id: UserId) -> None:
    queued = await request(app, user_id)
    assert queued.status is ImportStatus.WAITING

    assert await app.use(ProcessQueuedPreview)(queued.submitted()) == Success(None)

    made = await reloaded(app, queued)
    at_once = await app.use(ImportPipeline).preview(
        ImportRequest(user_id=user_id, file_name="f", content=MARCH)
    )
    assert isinstance(at_once, Success)
    assert made.preview
    assert made.preview.outcome.new == at_once.value.outcome.new == 3
    assert len(made.preview.rows.items) == 3
    assert app.store.previewed == {}


async def test_size_and_preference_decide_whether_it_is_queued(
    app: Application, user_id: UserId
) -> None:
    arguments: dict[str, Any] = {"user_id": user_id, "file_name": "f"}

    at_most = await app.use(SubmitImport).preview(
        ImportRequest(content=MARCH.ljust(10_000), **arguments)
    )
    over = await app.use(SubmitImport).preview(
        ImportRequest(content=MARCH.ljust(10_001), **arguments)
    )
    wished = await app.use(SubmitImport).preview(
        ImportRequest(content=MARCH, background=True, **arguments)
    )

    kinds = [type(each.value) for each in (at_most, over, wished) if isinstance(each, Success)]
    assert kinds == [Preview, QueuedPreview, QueuedPreview]


async def test_hints_are_stored(app: Application, user_id: UserId) -> None:
    queued = await request(app, user_id, hints=HINTS)

    assert queued.hints == replace(HINTS, csv_profiles=())


async def test_a_chosen_account_or_profile_must_exist(app: Application, user_id: UserId) -> None:
    arguments: dict[str, Any] = {"user_id": user_id, "file_name": "f", "content": MARCH}

    account = await app.use(EnqueueImport).preview(
        ImportRequest(account_id=AccountId(new_id()), **arguments)
    )
    profile = await app.use(EnqueueImport).preview(
        ImportRequest(csv_profile_id=ProfileId(new_id()), **arguments)
    )

    assert error_of(account) is AccountNotFound
    assert error_of(profile) is CsvProfileNotFound
    assert app.store.previews == {}


async def test_waiting_and_stored_previews_are_limited(app: Application, user_id: UserId) -> None:
    arguments: dict[str, Any] = {"user_id": user_id, "file_name": "f", "content": MARCH}
    one = with_ports(app.use_cases, quota=Quota(stored=len(MARCH), waiting=1)).use(EnqueueImport)
    assert isinstance(await one.preview(ImportRequest(**arguments)), Success)

    full = await one.preview(ImportRequest(**{**arguments, "content": b"more"}))
    more = with_ports(app.use_cases, quota=Quota(stored=10**9, waiting=1)).use(EnqueueImport)
    crowded = await more.preview(ImportRequest(**arguments))

    assert (error_of(full), error_of(crowded)) == (StorageFull, TooManyImportsWaiting)


async def test_an_unreadable_file_fails_for_good(app: Application, user_id: UserId) -> None:
    queued = await request(app, user_id, b"hello")

    assert await app.use(ProcessQueuedPreview)(queued.submitted()) == Success(None)

    failed = await reloaded(app, queued)
    assert failed.status is ImportStatus.FAILED
    assert failed.error
    assert failed.error.code == UnreadableStatement.code
    assert app.store.previewed == {}


async def test_a_repeated_event_makes_it_once(app: Application, user_id: UserId) -> None:
    queued = await request(app, user_id)
    for _ in range(3):
        assert await app.use(ProcessQueuedPreview)(queued.submitted()) == Success(None)

    made = [entry for entry in app.store.entries if entry.action == "statement.previewed"]
    assert [entry.resource_id for entry in made] == [queued.id]


async def test_a_deleted_preview_is_never_made(app: Application, user_id: UserId) -> None:
    queued = await request(app, user_id)

    assert await app.use(DeletePreview)(import_id=queued.id, user_id=user_id) == Success(None)
    assert await app.use(ProcessQueuedPreview)(queued.submitted()) == Success(None)

    missing = await app.use(ShowPreview)(import_id=queued.id, user_id=user_id)
    assert error_of(missing) is PreviewNotFound
    repeated = await app.use(DeletePreview)(import_id=queued.id, user_id=user_id)
    assert error_of(repeated) is PreviewNotFound


async def test_a_preview_deleted_while_it_is_made_stays_deleted(
    app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued = await request(app, user_id)
    clear = app.world.import_progress.clear

    async def delete_then_clear(import_id: ImportId, *, owner: UserId) -> None:
        await app.world.previews.delete(queued.id, owner=owner)
        await clear(import_id, owner=owner)

    monkeypatch.setattr(app.world.import_progress, "clear", delete_then_clear)

    assert await app.use(ProcessQueuedPreview)(queued.submitted()) == Success(None)
    assert app.store.previews == {}


@pytest.mark.parametrize(
    ("port", "method"),
    [
        ("previews", "lock"),
        ("previews", "content"),
        ("previews", "complete"),
        ("imports", "rows"),
        ("accounts", "lock"),
    ],
)
async def test_a_transient_failure_leaves_it_pending(
    app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch, port: str, method: str
) -> None:
    queued = await request(app, user_id)
    with monkeypatch.context() as patch:
        patch.setattr(getattr(app.world, port), method, _is_missing)
        assert await app.use(ProcessQueuedPreview)(queued.submitted()) == OUTAGE

    assert (await reloaded(app, queued)).status is ImportStatus.WAITING
    assert not app.store.transactions
    assert await app.use(ProcessQueuedPreview)(queued.submitted()) == Success(None)
    assert (await reloaded(app, queued)).status is ImportStatus.DONE


@pytest.mark.parametrize(
    ("port", "method"),
    [("previews", "add"), ("quota_meter", "usage"), ("accounts", "get")],
)
async def test_a_preview_that_cannot_be_stored_is_not_queued(
    app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch, port: str, method: str
) -> None:
    monkeypatch.setattr(getattr(app.world, port), method, _is_missing)
    account_id = AccountId(new_id()) if port == "accounts" else None

    queued = await app.use(EnqueueImport).preview(
        ImportRequest(user_id=user_id, file_name="f", content=MARCH, account_id=account_id)
    )

    assert queued == OUTAGE
    assert app.store.previews == {}


async def test_another_worker_has_the_lock(
    app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued = await request(app, user_id)

    async def lock(*args: object, **kwargs: object) -> object:
        return BUSY

    monkeypatch.setattr(app.world.previews, "lock", lock)

    assert await app.use(ProcessQueuedPreview)(queued.submitted()) == BUSY


async def test_a_refusal_repeats_its_message(app: Application) -> None:
    queued = QueuedPreview(
        id=ImportId(new_id()),
        user_id=make_user().id,
        file_name="f",
        digest=b"d" * 32,
        size=1,
        requested_at=app.clock.now(),
    )

    failed, _ = queued.refuse(UnreadableStatement("Line 3: no date."), at=app.clock.now())

    assert failed.error == Refusal("unreadable-statement", "Line 3: no date.")
    assert not failed.is_waiting


async def _is_missing(*args: object, **kwargs: object) -> object:
    return OUTAGE
