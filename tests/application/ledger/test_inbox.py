"""Everything that waits for a decision, in one list."""

import pytest
from asgiref.sync import async_to_sync

from dashtam.application.ledger.conflicts import DecideConflict
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.inbox import ListInbox
from domain.ledger.conflicts import ConflictDecision
from domain.ledger.imports import ImportRequest
from domain.ledger.inbox import InboxCursor, InboxKind, InboxPage
from domain.shared.ids import TransactionId, UserId, new_id
from domain.shared.pages import IdCursor
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.statements import ofx, statement, transaction
from tests.suggested import FIRST, SECOND

CONFLICT, MATCH, TRANSFER = InboxKind
OUT = ofx(statement(transaction("-50.00", "20260305", "T1", "To savings"), number="7"))
BACK = ofx(statement(transaction("50.00", "20260306", "S1", "From checking"), number="8"))
OTHER = ofx(statement(transaction("-60.00", "20260305", "T1", "To savings"), number="7"))
AGAIN = ofx(statement(transaction("-70.00", "20260305", "T1", "To savings"), number="7"))


@pytest.fixture
def ada(app: Application) -> UserId:
    ada = UserId(new_id())
    for content in (FIRST, SECOND, OUT, BACK, OTHER, AGAIN):
        async_to_sync(imports)(app, ada, content)
    return ada


async def imports(app: Application, user_id: UserId, content: bytes) -> None:
    request = ImportRequest(user_id=user_id, file_name="x", content=content)
    assert isinstance(await app.use(ImportPipeline)(request), Success)


async def inbox(
    app: Application,
    user_id: UserId,
    *,
    kind: InboxKind | None = None,
    after: InboxCursor | None = None,
    limit: int = 9,
) -> InboxPage:
    page = await app.use(ListInbox)(user_id=user_id, kind=kind, after=after, limit=limit)
    assert isinstance(page, Success)
    return page.value


async def test_it_has_all_kinds_with_their_counts(app: Application, ada: UserId) -> None:
    page = await inbox(app, ada)

    assert [each.kind for each in page.items] == [CONFLICT, CONFLICT, MATCH, TRANSFER]
    assert page.waiting == {CONFLICT: 2, MATCH: 1, TRANSFER: 1}
    assert page.next is None
    legs = [[str(leg.amount) for leg in each.legs] for each in page.items]
    assert legs[2:] == [["-12.50 EUR", "-12.50 EUR"], ["-50.00 EUR", "50.00 EUR"]]
    assert app.trail[-1] == ("inbox.viewed", "success")


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
async def test_its_pages_are_all_of_it(app: Application, ada: UserId, limit: int) -> None:
    whole = (await inbox(app, ada)).items
    page = await inbox(app, ada, limit=limit)
    found = [*page.items]
    while page.next:
        parsed = InboxCursor.parse(str(page.next))
        assert parsed == Success(page.next)
        page = await inbox(app, ada, after=page.next, limit=limit)
        assert page.waiting is None
        found += page.items

    assert found == whole


@pytest.mark.parametrize("kind", InboxKind)
async def test_one_kind_can_be_asked_for(app: Application, ada: UserId, kind: InboxKind) -> None:
    page = await inbox(app, ada, kind=kind)

    assert {each.kind for each in page.items} == {kind}
    assert page.waiting == {kind: len(page.items)}


async def test_what_is_decided_waits_no_more(app: Application, ada: UserId) -> None:
    item = (await inbox(app, ada)).items[0]
    conflict_id = TransactionId(item.legs[0].transaction_id)

    await app.use(DecideConflict)(
        conflict_id=conflict_id, decision=ConflictDecision.EXISTING, user_id=ada
    )

    assert item not in (await inbox(app, ada)).items


async def test_nothing_waits_for_another_user(app: Application, ada: UserId) -> None:
    page = await inbox(app, UserId(new_id()))

    assert page == InboxPage([], None, {CONFLICT: 0, MATCH: 0, TRANSFER: 0})


def test_other_cursors_are_refused() -> None:
    for text in ("", "AA==", "Aw", str(IdCursor(new_id()))):
        parsed = InboxCursor.parse(text)
        assert isinstance(parsed, Failure), text
