"""Previews that are made after they were asked for."""

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
    StorageFull,
    TooManyImportsWaiting,
    UnreadableStatement,
)
from domain.ledger.imports import ImportRequest, ImportStatus, Refusal
from domain.ledger.previews import Preview, QueuedPreview
from domain.ledger.quotas import Quota
from domain.shared.errors import DomainError, Unavailable
from domain.shared.ids import AccountId, ImportId, ProfileId, UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.application.ledger.queued import MARCH, SAID
from tests.factories import make_user
from tests.ports import with_ports

GONE = Failure(Unavailable("The database is not available."))
BUSY = Failure(ImportIsRunning("The preview is being made. Try again later."))


@pytest.fixture
def user_id(app: Application) -> UserId:
    user = make_user()
    app.store.users[user.id] = user
    return user.id


async def request(
    app: Application, user_id: UserId, content: bytes = MARCH, **more: Any
) -> QueuedPreview:
    asked = await app.use(EnqueueImport).preview(
        ImportRequest(user_id=user_id, file_name="march.ofx", content=content, **more)
    )
    assert isinstance(asked, Success), asked
    return asked.value


async def shown(app: Application, asked: QueuedPreview) -> QueuedPreview:
    found = await app.use(ShowPreview)(import_id=asked.id, user_id=asked.user_id)
    assert isinstance(found, Success)
    return found.value


def error_of(result: Result[Any, DomainError]) -> type[DomainError]:
    assert isinstance(result, Failure)
    return type(result.error)


async def test_is_what_a_preview_at_once_would_have_been(app: Application, user_id: UserId) -> None:
    asked = await request(app, user_id)
    assert asked.status is ImportStatus.WAITING

    assert await app.use(ProcessQueuedPreview)(asked.submitted()) == Success(None)

    made = await shown(app, asked)
    at_once = await app.use(ImportPipeline).preview(
        ImportRequest(user_id=user_id, file_name="f", content=MARCH)
    )
    assert isinstance(at_once, Success)
    assert made.preview
    assert made.preview.outcome.new == at_once.value.outcome.new == 3
    assert len(made.preview.rows.items) == 3
    assert app.store.previewed == {}


async def test_size_and_wish_decide_whether_it_is_made_later(
    app: Application, user_id: UserId
) -> None:
    given: dict[str, Any] = {"user_id": user_id, "file_name": "f"}

    at_most = await app.use(SubmitImport).preview(
        ImportRequest(content=MARCH.ljust(10_000), **given)
    )
    over = await app.use(SubmitImport).preview(ImportRequest(content=MARCH.ljust(10_001), **given))
    wished = await app.use(SubmitImport).preview(
        ImportRequest(content=MARCH, background=True, **given)
    )

    kinds = [type(each.value) for each in (at_most, over, wished) if isinstance(each, Success)]
    assert kinds == [Preview, QueuedPreview, QueuedPreview]


async def test_keeps_what_was_said(app: Application, user_id: UserId) -> None:
    asked = await request(app, user_id, hints=SAID)

    assert asked.hints == replace(SAID, csv_profiles=())


async def test_what_was_named_must_be_there(app: Application, user_id: UserId) -> None:
    given: dict[str, Any] = {"user_id": user_id, "file_name": "f", "content": MARCH}

    account = await app.use(EnqueueImport).preview(
        ImportRequest(account_id=AccountId(new_id()), **given)
    )
    profile = await app.use(EnqueueImport).preview(
        ImportRequest(csv_profile_id=ProfileId(new_id()), **given)
    )

    assert error_of(account) is AccountNotFound
    assert error_of(profile) is CsvProfileNotFound
    assert app.store.previews == {}


async def test_no_more_wait_and_are_stored_than_may(app: Application, user_id: UserId) -> None:
    given: dict[str, Any] = {"user_id": user_id, "file_name": "f", "content": MARCH}
    one = with_ports(app.use_cases, quota=Quota(stored=len(MARCH), waiting=1)).use(EnqueueImport)
    assert isinstance(await one.preview(ImportRequest(**given)), Success)

    full = await one.preview(ImportRequest(**{**given, "content": b"more"}))
    more = with_ports(app.use_cases, quota=Quota(stored=10**9, waiting=1)).use(EnqueueImport)
    crowded = await more.preview(ImportRequest(**given))

    assert (error_of(full), error_of(crowded)) == (StorageFull, TooManyImportsWaiting)


async def test_what_cannot_be_imported_is_told_for_good(app: Application, user_id: UserId) -> None:
    asked = await request(app, user_id, b"hello")

    assert await app.use(ProcessQueuedPreview)(asked.submitted()) == Success(None)

    failed = await shown(app, asked)
    assert failed.status is ImportStatus.FAILED
    assert failed.error
    assert failed.error.code == UnreadableStatement.code
    assert app.store.previewed == {}


async def test_told_again_it_is_made_once(app: Application, user_id: UserId) -> None:
    asked = await request(app, user_id)
    for _ in range(3):
        assert await app.use(ProcessQueuedPreview)(asked.submitted()) == Success(None)

    made = [entry for entry in app.store.entries if entry.action == "statement.previewed"]
    assert [entry.resource_id for entry in made] == [asked.id]


async def test_deleted_it_is_never_made(app: Application, user_id: UserId) -> None:
    asked = await request(app, user_id)

    assert await app.use(DeletePreview)(import_id=asked.id, user_id=user_id) == Success(None)
    assert await app.use(ProcessQueuedPreview)(asked.submitted()) == Success(None)

    missing = await app.use(ShowPreview)(import_id=asked.id, user_id=user_id)
    assert error_of(missing) is PreviewNotFound
    again = await app.use(DeletePreview)(import_id=asked.id, user_id=user_id)
    assert error_of(again) is PreviewNotFound


async def test_deleted_while_it_is_made_it_stays_deleted(
    app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await request(app, user_id)
    clear = app.world.import_progress.clear

    async def delete_then_clear(import_id: ImportId, *, owner: UserId) -> None:
        await app.world.previews.delete(asked.id, owner=owner)
        await clear(import_id, owner=owner)

    monkeypatch.setattr(app.world.import_progress, "clear", delete_then_clear)

    assert await app.use(ProcessQueuedPreview)(asked.submitted()) == Success(None)
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
async def test_trouble_that_passes_leaves_it_waiting(
    app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch, port: str, method: str
) -> None:
    asked = await request(app, user_id)
    with monkeypatch.context() as trouble:
        trouble.setattr(getattr(app.world, port), method, _gone)
        assert await app.use(ProcessQueuedPreview)(asked.submitted()) == GONE

    assert (await shown(app, asked)).status is ImportStatus.WAITING
    assert not app.store.transactions
    assert await app.use(ProcessQueuedPreview)(asked.submitted()) == Success(None)
    assert (await shown(app, asked)).status is ImportStatus.DONE


@pytest.mark.parametrize(
    ("port", "method"),
    [("previews", "add"), ("quota_meter", "usage"), ("accounts", "get")],
)
async def test_what_cannot_be_kept_is_not_asked_for(
    app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch, port: str, method: str
) -> None:
    monkeypatch.setattr(getattr(app.world, port), method, _gone)
    account_id = AccountId(new_id()) if port == "accounts" else None

    asked = await app.use(EnqueueImport).preview(
        ImportRequest(user_id=user_id, file_name="f", content=MARCH, account_id=account_id)
    )

    assert asked == GONE
    assert app.store.previews == {}


async def test_somebody_else_is_at_it(
    app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await request(app, user_id)

    async def lock(*args: object, **kwargs: object) -> object:
        return BUSY

    monkeypatch.setattr(app.world.previews, "lock", lock)

    assert await app.use(ProcessQueuedPreview)(asked.submitted()) == BUSY


async def test_a_refusal_keeps_its_words(app: Application) -> None:
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


async def _gone(*args: object, **kwargs: object) -> object:
    return GONE
