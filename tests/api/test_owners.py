"""Nobody reads, changes or learns of another user's data: with any URL, id or token."""

import re
from collections.abc import Awaitable, Callable
from itertools import product
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest

from dashtam.api.http import Clean
from dashtam.api.session import SessionView
from domain.identity.values import Scope
from tests.api.client import Api, Reply, problem_of
from tests.api.endpoints import RULE, Somebody, answers_for, ask, nobody, routes, somebody, views
from tests.statements import ofx, statement, transaction

WITH_ID = [
    (method, route)
    for route, methods in routes()
    for method in sorted(methods)
    if "<uuid:" in route
]
LISTS = [route for route, methods in routes() if "get" in methods]
FOR_SESSIONS = {route for route, view in views() if issubclass(view, SessionView)}
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

FILE = ofx(statement(transaction("-7.00", "20260309", "C7", "Bakery"), number="100200300"))

Send = Callable[[Api, str, Somebody], Awaitable[Reply]]


def upload_to(path: str, field: str) -> Send:
    async def send(api: Api, other: str, own: Somebody) -> Reply:
        return await api.upload(FILE, path=path, fields={field: other})

    return send


def pair_with(field: str) -> Send:
    async def send(api: Api, other: str, own: Somebody) -> Reply:
        legs = dict.fromkeys(("outgoing_id", "incoming_id"), own.ids["transaction_id"])
        return await api.post("transfers", {**legs, field: other, "decision": "refused"})

    return send


def answer_with(field: str) -> Send:
    async def send(api: Api, other: str, own: Somebody) -> Reply:
        return await api.post(f"imports/{own.ids['asked_import_id']}/answers", {field: other})

    return send


async def category_below(api: Api, other: str, own: Somebody) -> Reply:
    return await api.post("categories", {"name": "Below", "parent_id": other})


async def move_below(api: Api, other: str, own: Somebody) -> Reply:
    return await api.patch(f"categories/{own.ids['category_id']}", {"parent_id": other})


async def merge_into(api: Api, other: str, own: Somebody) -> Reply:
    return await api.post(f"categories/{own.ids['category_id']}/merge", {"into_id": other})


def merge_with(path: str, field: str) -> Send:
    async def send(api: Api, other: str, own: Somebody) -> Reply:
        mine = {"account_id": own.ids["account_id"], "merged_id": own.ids["account_id"]}
        return await api.post(path, {**mine, field: other})

    return send


def link_with(action: str) -> Send:
    async def send(api: Api, other: str, own: Somebody) -> Reply:
        at = f"connections/{own.ids['connection_id']}/accounts/{own.ids['link_id']}"
        if action == "preview":
            return await api.post(f"{at}/preview", {"account_id": other})
        return await api.patch(at, {"status": "linked", "account_id": other})

    return send


async def choose(api: Api, other: str, own: Somebody) -> Reply:
    return await api.patch(f"transactions/{own.ids['transaction_id']}", {"category_id": other})


async def choose_for_many(api: Api, other: str, own: Somebody) -> Reply:
    ids = [own.ids["transaction_id"]]
    return await api.patch("transactions", {"ids": ids, "category_id": other})


async def add_with(api: Api, other: str, own: Somebody) -> Reply:
    body = {"booking_date": "2026-03-03", "amount": "-4.50", "category_id": other}
    return await api.post(f"accounts/{own.ids['account_id']}/transactions", body)


async def split_with(api: Api, other: str, own: Somebody) -> Reply:
    parts = [{"amount": "-20.00", "category_id": other}, {"amount": "-30.00"}]
    return await api.patch(f"transactions/{own.ids['transaction_id']}", {"splits": parts})


async def add_rule(api: Api, other: str, own: Somebody) -> Reply:
    return await api.post("rules", {**RULE, "category_id": other})


async def change_rule(api: Api, other: str, own: Somebody) -> Reply:
    return await api.patch(f"rules/{own.ids['rule_id']}", {"category_id": other})


async def try_rule(api: Api, other: str, own: Somebody) -> Reply:
    return await api.post("rules/preview", {"rules": [{**RULE, "category_id": other}]})


async def export_of(api: Api, other: str, own: Somebody) -> Reply:
    return await api.get("export?" + urlencode({"format": "csv", "account_id": other}))


def list_by(route: str, field: str) -> Send:
    async def send(api: Api, other: str, own: Somebody) -> Reply:
        at = f"accounts/{own.ids['account_id']}/transactions" if route == "accounts" else route
        return await api.get(f"{at}?" + urlencode({field: other}))

    return send


async def edit_both(api: Api, other: str, own: Somebody) -> Reply:
    ids = [own.ids["transaction_id"], other]
    return await api.patch("transactions", {"ids": ids, "note": "not mine"})


#: Ids in bodies, forms and queries: the model, its field, whose id, what is sent.
MENTIONS: list[tuple[str, str, str, Send]] = [
    *(
        ("ImportForm", field, field, upload_to(path, field))
        for path, field in product(("imports", "imports/preview"), ("account_id", "csv_profile_id"))
    ),
    *(
        ("AnswersRequest", field, field, answer_with(field))
        for field in ("account_id", "csv_profile_id")
    ),
    ("DecideTransferRequest", "outgoing_id", "transaction_id", pair_with("outgoing_id")),
    ("DecideTransferRequest", "incoming_id", "transaction_id", pair_with("incoming_id")),
    ("AddCategoryRequest", "parent_id", "category_id", category_below),
    ("ChangeCategoryRequest", "parent_id", "category_id", move_below),
    ("MergeCategoryRequest", "into_id", "category_id", merge_into),
    *(
        ("MergeRequest", field, "account_id", merge_with(path, field))
        for path, field in product(
            ("account-merges", "account-merges/preview"), ("account_id", "merged_id")
        )
    ),
    ("LinkDecisionRequest", "account_id", "account_id", link_with("decide")),
    ("LinkPreviewRequest", "account_id", "account_id", link_with("preview")),
    *(
        (body, "category_id", "category_id", choose)
        for body in ("AnnotationBody", "DividedBody", "EditTransactionRequest")
    ),
    ("EditTransactionsRequest", "category_id", "category_id", choose_for_many),
    ("AddTransactionRequest", "category_id", "category_id", add_with),
    ("SplitRequest", "category_id", "category_id", split_with),
    ("AddRuleRequest", "category_id", "category_id", add_rule),
    ("ChangeRuleRequest", "category_id", "category_id", change_rule),
    ("RuleRequest", "category_id", "category_id", try_rule),
    ("EditTransactionsRequest", "ids", "transaction_id", edit_both),
    ("ExportQuery", "account_id", "account_id", export_of),
    ("ImportsQuery", "account_id", "account_id", list_by("imports", "account_id")),
    ("TransactionsQuery", "import_id", "import_id", list_by("accounts", "import_id")),
    ("AllTransactionsQuery", "import_id", "import_id", list_by("transactions", "import_id")),
    ("AllTransactionsQuery", "account_id", "account_id", list_by("transactions", "account_id")),
]


def models(cls: type[Clean] = Clean) -> list[type[Clean]]:
    return [each for sub in cls.__subclasses__() for each in (sub, *models(sub))]


def ask_all(reply: Reply) -> Any:
    """Return an answer without what repeats the request."""
    return {**reply.json(), "instance": "", "trace_id": ""}


def ids_in(seen: dict[str, tuple[int, str]]) -> set[str]:
    return {found for _, text in seen.values() for found in ID.findall(text)}


async def both(eve: Api) -> list[Api]:
    """Return a user with a session, and an API token with every scope."""
    return [eve, await eve.program(*Scope)]


async def test_another_users_resource_is_not_found(locked: str) -> None:
    ada = await somebody()
    before = await answers_for(ada)
    eve, program = await both(await Api().enter("eve@example.org"))

    for (method, route), asking in product(WITH_ID, (eve, program)):
        theirs = await ask(asking, method, route, ada)
        nobodys = await ask(asking, method, route, nobody(asking, ada))

        status, code = problem_of(theirs)
        if asking is program and route in FOR_SESSIONS:
            assert (status, code) == (403, "session-required"), (method, route)
        else:
            assert (status, code.endswith("-not-found")) == (404, True), (method, route)
        assert ask_all(theirs) == ask_all(nobodys), (method, route)

    assert {status for status, _ in before.values()} == {200}
    assert await answers_for(ada) == before


async def test_another_users_resource_cannot_be_referenced(locked: str) -> None:
    ada, eve = await somebody(), await somebody("eve@example.org")
    before = await answers_for(ada), await answers_for(eve)

    for (_, field, whose, send), asking in product(MENTIONS, await both(eve.api)):
        theirs = await send(asking, ada.ids[whose], eve)
        nobodys = await send(asking, nobody(asking, ada).ids[whose], eve)

        status, code = problem_of(theirs)
        assert (status, code.endswith("-not-found")) == (404, True), field
        assert ask_all(theirs) == ask_all(nobodys), field

    after = await answers_for(ada), await answers_for(eve)
    # Only the API token is new.
    del before[1]["api-tokens"], after[1]["api-tokens"]
    assert after == before


def test_every_id_in_a_body_or_query_is_tested() -> None:
    """A new one needs a line in `MENTIONS`."""
    found = {
        (model.__name__, name)
        for model in models()
        for name, field in model.model_fields.items()
        if field.annotation in (UUID, UUID | None, list[UUID])
    }

    assert found == {(model, field) for model, field, *_ in MENTIONS}


async def test_nothing_of_another_user_is_revealed(locked: str) -> None:
    ada, eve = await somebody(), await somebody("eve@example.org")
    of_ada, of_eve = ids_in(await answers_for(ada)), ids_in(await answers_for(eve))
    program = Somebody(await eve.api.program(*Scope), eve.ids)

    assert set(ada.ids.values()) <= of_ada
    assert of_ada & of_eve == set()
    assert of_ada & ids_in(await answers_for(program)) == set()


@pytest.mark.parametrize("as_program", [False, True])
async def test_another_users_cursor_shows_nothing(api: Api, as_program: bool) -> None:
    ada, eve = await somebody(), await somebody("eve@example.org")
    assert (await ada.api.upload(FILE)).status_code == 201
    of_ada = ids_in(await answers_for(ada))
    asking = (await both(eve.api))[as_program]
    went_on = set()

    for route in LISTS:
        if route == "export":
            continue
        cursor = (await ask(ada.api, "get", route, ada, "limit=1")).json().get("next_cursor")
        if cursor:
            went_on.add(route)
            query = urlencode({"limit": 500, "cursor": cursor})
            reply = await ask(asking, "get", route, eve, query)
            assert reply.status_code in (200, 422), route
            items = str(reply.json().get("items"))
            assert of_ada & set(ID.findall(items)) == set(), route

    assert {"imports", "changes", "accounts/<uuid:account_id>/transactions"} <= went_on
