"""Rules over HTTP: tried, applied to the past and to imports, and undone."""

from typing import Any

import pytest

from adapters.audit.models import AuditEntryModel
from domain.ledger.rules import MAX_RULES
from domain.shared.ids import new_id
from tests.api.client import Api, Reply, problem_of
from tests.api.test_categories import QIF, added, choose, rows
from tests.api.test_changes import changes
from tests.statements import ofx, statement, transaction

MARKET = {"field": "text", "comparison": "contains", "value": "märket"}
MARCH = ofx(
    statement(
        transaction("-12.50", "20260301", "F1", "MARKET  HALL 17"),
        transaction("-7.00", "20260302", "F2", "Northbank fee"),
        transaction("900.00", "20260303", "F3", "Market salaries"),
    )
)
APRIL = ofx(
    statement(
        transaction("-3.50", "20260401", "F4", "Market hall 18"),
        transaction("-4.50", "20260402", "F5", "Coffee house"),
        balance="",
    )
)


async def household(api: Api) -> Any:
    """Enter as a user with transactions, and return a category."""
    await api.enter()
    assert (await api.upload(MARCH)).status_code == 201
    return await added(api, "Food")


async def rule(api: Api, **said: Any) -> Any:
    body = {"name": "A rule", "conditions": [MARKET], **said}
    reply = await api.post("rules", body)
    assert reply.status_code == 201, reply.text
    assert reply.headers["Location"].endswith(f"rules/{reply.json()['id']}")
    return reply.json()


async def listed(api: Api) -> Any:
    return (await api.get("rules")).json()["items"]


async def preview(api: Api, **body: Any) -> Any:
    reply = await api.post("rules/preview", body)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def applied(api: Api, **body: Any) -> Any:
    reply = await api.post("rules/applications", body)
    assert reply.status_code == 201, reply.text
    at = f"rules/applications/{reply.json()['id']}"
    assert reply.headers["Location"].endswith(at)
    assert (await api.get(at)).json() == reply.json()
    return reply.json()


async def undo(api: Api, application: Any) -> Reply:
    return await api.post(f"rules/applications/{application['id']}/undo", {})


async def effects(api: Api, application: Any) -> Any:
    return (await api.get(f"rules/applications/{application['id']}/effects")).json()["items"]


async def said(api: Api) -> list[tuple[Any, ...]]:
    """Return what is said of each transaction, latest first."""
    names = ("category", "category_source", "payee_name", "tags")
    return [tuple(row[name] for name in names) for row in await rows(api)]


async def test_a_rule_is_tried_applied_and_undone(api: Api) -> None:
    food = await household(api)
    await rule(api, category_id=food["id"], tags=["Shop"], payee_name=" Market   Hall ")
    before = await api.get("export?format=csv")
    untouched = await said(api)

    tried = await preview(api)

    assert [tried[name] for name in ("changed", "categories", "tags", "payees")] == [2, 2, 2, 2]
    assert [(each["matched"], each["changed"]) for each in tried["rules"]] == [(2, 2)]
    assert [item["before"]["category"] for item in tried["items"]] == ["", ""]
    (first, second) = (item["after"] for item in tried["items"])
    assert first == second
    assert first["category"] == "Food"
    assert first["payee_name"] == "Market Hall"
    assert await said(api) == untouched

    done = await applied(api)

    assert (done["transactions"], done["import_id"], done["undone_at"]) == (2, None, None)
    changed = ("Food", "rule", "Market Hall", ["shop"])
    assert await said(api) == [changed, (untouched[1]), changed]
    for item, effect in zip(reversed(tried["items"]), await effects(api, done), strict=True):
        assert effect["transaction_id"] == item["transaction_id"]
        assert effect["rule_ids"] == item["rule_ids"]
        assert (effect["category_id"], effect["tags"]) == (food["id"], ["shop"])
    assert (await preview(api))["changed"] == 0

    assert (await undo(api, done)).json() == {"restored": 2, "changed_since": 0}

    assert (await api.get("export?format=csv")).text == before.text
    assert await said(api) == untouched
    assert problem_of(await undo(api, done)) == (409, "rule-application-is-undone")
    assert (await preview(api))["changed"] == 2


async def test_the_banks_payee_is_never_touched(api: Api) -> None:
    await household(api)
    await rule(api, payee_name="Market Hall")
    payees = [row["payee"] for row in await rows(api)]
    await applied(api)

    assert [row["payee"] for row in await rows(api)] == payees
    assert (await api.upload(MARCH + b"\n")).json()["new"] == 0
    assert [row["payee_name"] for row in await rows(api)] == ["Market Hall", "", "Market Hall"]


async def test_changes_are_in_the_feed_and_in_the_trail(committing_database: str) -> None:
    api = Api(delivers=True)
    food = await household(api)
    await rule(api, category_id=food["id"])
    done = await applied(api)
    await undo(api, done)

    feed = [e["transaction"] for e in (await changes(api))["items"] if e["transaction"]]
    assert sorted(each["category"] for each in feed[:3]) == ["", "", ""]
    assert [each["category"] for each in feed[3:]] == ["Food", "Food", "", ""]
    trail = AuditEntryModel.objects.filter(resource_id=done["id"]).order_by("id")
    entries = [(e.action, e.details) async for e in trail]
    assert ("rules.applied", {"rules": 1, "transactions": 2}) in entries
    assert ("rule_application.undone", {"restored": 2, "changed_since": 0}) in entries


async def test_the_owners_word_stays(api: Api) -> None:
    food = await household(api)
    market, _, salary = reversed(await rows(api))
    await choose(api, market, None)
    parts = [{"amount": "500.00"}, {"amount": "400.00"}]
    await api.patch(f"transactions/{salary['id']}", {"splits": parts, "tags": ["mine"]})
    await rule(api, category_id=food["id"], tags=["shop"])

    tried, done = await preview(api), await applied(api)

    assert (tried["changed"], tried["categories"], tried["tags"]) == (2, 0, 2)
    assert [(each[0], each[1]) for each in await said(api)] == [
        ("", "owner"),
        ("", None),
        ("", "owner"),
    ]
    assert [each[3] for each in await said(api)] == [["mine", "shop"], [], ["shop"]]
    # A tag that its owner has removed is not added again.
    await api.patch(f"transactions/{market['id']}", {"tags": []})
    assert (await applied(api))["transactions"] == 0
    assert (await undo(api, done)).json() == {"restored": 1, "changed_since": 0}
    assert [each[3] for each in await said(api)] == [["mine"], [], []]


async def test_what_was_said_since_stays_when_rules_are_undone(api: Api) -> None:
    food = await household(api)
    travel = await added(api, "Travel")
    await rule(api, category_id=food["id"])
    done = await applied(api)
    market = (await rows(api))[-1]
    await choose(api, market, travel)

    assert (await undo(api, done)).json() == {"restored": 1, "changed_since": 1}

    assert [each[:2] for each in await said(api)] == [
        ("", None),
        ("", None),
        ("Travel", "owner"),
    ]


@pytest.mark.parametrize("earlier_first", [True, False])
async def test_applications_are_undone_in_any_order(api: Api, earlier_first: bool) -> None:
    food = await household(api)
    travel = await added(api, "Travel")
    before = await said(api)
    one = await rule(api, category_id=food["id"], payee_name="One")
    first = await applied(api)
    await api.patch(f"rules/{one['id']}", {"category_id": travel["id"], "payee_name": "Two"})
    second = await applied(api)
    assert (await said(api))[0][:3] == ("Travel", "rule", "Two")

    if earlier_first:
        assert (await undo(api, first)).json() == {"restored": 0, "changed_since": 2}
        assert (await said(api))[0][:3] == ("Travel", "rule", "Two")
        assert (await undo(api, second)).json() == {"restored": 2, "changed_since": 0}
    else:
        assert (await undo(api, second)).json() == {"restored": 2, "changed_since": 0}
        assert (await said(api))[0][:3] == ("Food", "rule", "One")
        assert (await undo(api, first)).json() == {"restored": 2, "changed_since": 0}

    assert await said(api) == before


async def test_new_imports_are_sorted_and_undone_with_their_rows(api: Api) -> None:
    food = await household(api)
    await rule(api, category_id=food["id"], payee_name="Market Hall")
    before = await said(api)

    done = (await api.upload(APRIL)).json()

    (application,) = (await api.get("rules/applications")).json()["items"]
    assert (application["import_id"], application["transactions"]) == (done["id"], 1)
    assert await said(api) == [("", None, "", []), ("Food", "rule", "Market Hall", []), *before]

    assert (await api.delete(f"imports/{done['id']}")).status_code == 200
    assert await said(api) == before
    await api.upload(APRIL)
    assert (await said(api))[1] == ("Food", "rule", "Market Hall", [])
    assert len((await api.get("rules/applications")).json()["items"]) == 1


async def test_an_import_without_matching_rows_has_no_application(api: Api) -> None:
    food = await household(api)
    await rule(api, category_id=food["id"], enabled=False)
    await rule(api, category_id=food["id"], conditions=[{**MARKET, "value": "Elsewhere"}])

    await api.upload(APRIL)

    assert (await api.get("rules/applications")).json()["items"] == []


async def test_a_category_of_a_file_returns_when_rules_are_undone(api: Api) -> None:
    await api.enter()
    hints = {"currency": "EUR", "account_name": "Purse", "date_order": "day_first"}
    done = await api.upload(QIF, name="cash.qif", fields=hints)
    assert done.status_code == 201, done.text
    before = await said(api)
    gifts = await added(api, "Gifts")
    await rule(api, category_id=gifts["id"])
    application = await applied(api)
    assert [each[:2] for each in await said(api)][-1] == ("Gifts", "rule")

    assert (await undo(api, application)).json() == {"restored": 1, "changed_since": 0}

    assert await said(api) == before


async def test_the_first_rule_wins_and_tags_add_up(api: Api) -> None:
    food = await household(api)
    travel = await added(api, "Travel")
    await rule(api, name="1", category_id=food["id"], tags=["a"])
    last = await rule(api, name="2", category_id=travel["id"], tags=["b"], payee_name="Two")
    tried = await preview(api)
    assert tried["items"][0]["after"]["category"] == "Food"
    assert tried["items"][0]["after"]["tags"] == ["a", "b"]
    assert tried["items"][0]["after"]["payee_name"] == "Two"

    moved = await api.patch(f"rules/{last['id']}", {"position": 1})

    assert (moved.json()["position"], moved.json()["version"]) == (1, 1)
    assert [(e["name"], e["position"]) for e in await listed(api)] == [("2", 1), ("1", 2)]
    assert (await preview(api))["items"][0]["after"]["category"] == "Travel"


@pytest.mark.parametrize(
    ("condition", "matched"),
    [
        ({"field": "amount", "direction": "outgoing"}, 2),
        ({"field": "amount", "direction": "incoming", "currency": "EUR"}, 1),
        ({"field": "amount", "at_least": "7", "at_most": "12.5"}, 2),
        ({"field": "amount", "currency": "USD"}, 0),
        ({"field": "payee", "comparison": "is", "value": "market hall 17"}, 1),
        ({"field": "payee", "comparison": "is", "value": "market"}, 0),
        ({"field": "text", "comparison": "starts_with", "value": "NORTHBANK"}, 1),
        ({"field": "text", "comparison": "starts_with", "value": "fee"}, 0),
    ],
)
async def test_conditions_without_a_stored_rule(api: Api, condition: Any, matched: int) -> None:
    food = await household(api)
    body = {"name": "Try", "conditions": [condition], "category_id": food["id"]}

    tried = await preview(api, rules=[body])

    assert tried["rules"] == [
        {"rule_id": None, "name": "Try", "matched": matched, "changed": matched}
    ]
    assert await listed(api) == []


async def test_a_condition_on_accounts_and_all_conditions_have_to_hold(api: Api) -> None:
    food = await household(api)
    (account,) = (await api.get("accounts")).json()["items"]
    conditions = [
        {"field": "account", "account_ids": [account["id"]]},
        MARKET,
        {"field": "amount", "at_most": "20.00"},
    ]

    made = await rule(api, category_id=food["id"], conditions=conditions)

    assert [each["field"] for each in made["conditions"]] == ["account", "text", "amount"]
    assert made["conditions"][2]["at_most"] == "20"
    assert (await api.get(f"rules/{made['id']}")).json() == made
    assert (await preview(api))["changed"] == 1


async def test_rules_are_disabled_changed_and_deleted(api: Api) -> None:
    food = await household(api)
    one = await rule(api, category_id=food["id"])
    other = await rule(api, tags=["b"], position=1)
    assert [each["id"] for each in await listed(api)] == [other["id"], one["id"]]

    changed = await api.patch(f"rules/{one['id']}", {"enabled": False, "name": "Off"})

    assert (changed.json()["version"], changed.json()["name"]) == (2, "Off")
    assert (await preview(api))["categories"] == 0
    assert (await preview(api, rule_ids=[one["id"]]))["categories"] == 2
    assert (await applied(api, rule_ids=[one["id"]]))["transactions"] == 2
    assert (await api.delete(f"rules/{other['id']}")).status_code == 204
    assert [each["position"] for each in await listed(api)] == [1]
    assert problem_of(await api.get(f"rules/{other['id']}")) == (404, "rule-not-found")
    missing = await api.post("rules/applications", {"rule_ids": [other["id"]]})
    assert problem_of(missing) == (404, "rule-not-found")


async def test_a_deleted_category_is_in_no_rule_and_a_merged_one_is_replaced(api: Api) -> None:
    food = await household(api)
    travel = await added(api, "Travel")
    one = await rule(api, category_id=food["id"])
    done = await applied(api)

    await api.post(f"categories/{food['id']}/merge", {"into_id": travel["id"]})
    assert (await listed(api))[0]["category_id"] == travel["id"]
    assert (await said(api))[0][:2] == ("Travel", "rule")
    assert {each["category_id"] for each in await effects(api, done)} == {travel["id"]}
    await api.delete(f"categories/{travel['id']}")

    assert (await listed(api))[0]["category_id"] is None
    assert (await preview(api))["changed"] == 0
    assert (await undo(api, done)).json() == {"restored": 0, "changed_since": 0}
    assert (await api.patch(f"rules/{one['id']}", {"enabled": False})).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"conditions": []},
        {"conditions": [{"field": "text", "comparison": "contains"}]},
        {"conditions": [{"field": "text", "comparison": "matches", "value": "a"}]},
        {"conditions": [{**MARKET, "currency": "EUR"}]},
        {"conditions": [{**MARKET, "value": "  "}]},
        {"conditions": [{"field": "amount"}]},
        {"conditions": [{"field": "amount", "at_least": "2", "at_most": "1"}]},
        {"conditions": [{"field": "amount", "at_least": "-2"}]},
        {"conditions": [MARKET] * 11},
        {"tags": []},
        {"tags": ["two words"]},
        {"name": " "},
        {"payee_name": "A\x00"},
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused(api: Api, wrong: Any) -> None:
    await api.enter()

    reply = await api.post(
        "rules", {"name": "A rule", "conditions": [MARKET], "tags": ["a"], **wrong}
    )

    assert reply.status_code == 422 or reply.status_code == 400, reply.text
    assert await listed(api) == []


async def test_what_does_not_exist_is_refused(api: Api) -> None:
    await household(api)
    body = {"name": "A rule", "conditions": [MARKET], "category_id": str(new_id())}

    for path, sent in (("rules", body), ("rules/preview", {"rules": [body]})):
        assert problem_of(await api.post(path, sent)) == (404, "category-not-found")
    nothing = {"id": new_id()}
    assert problem_of(await undo(api, nothing)) == (404, "rule-application-not-found")
    at = f"rules/applications/{new_id()}/effects"
    assert problem_of(await api.get(at)) == (404, "rule-application-not-found")
    both = {"rules": [{**body, "category_id": None, "tags": ["a"]}], "rule_ids": [str(new_id())]}
    assert (await api.post("rules/preview", both)).status_code == 422


async def test_there_is_a_limit_to_the_number_of_rules(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashtam.application.ledger.rules.MAX_RULES", 1)
    await api.enter()
    await rule(api, tags=["a"])

    refused = await api.post("rules", {"name": "A", "conditions": [MARKET], "tags": ["a"]})

    assert problem_of(refused) == (409, "too-many-rules")
    assert MAX_RULES == 200


async def test_rules_are_their_owners(api: Api) -> None:
    food = await household(api)
    one = await rule(api, category_id=food["id"])
    done = await applied(api)
    (account,) = (await api.get("accounts")).json()["items"]
    await api.enter("eve@example.org")

    assert await listed(api) == []
    about = {"field": "account", "account_ids": [account["id"]]}
    body = {"name": "A rule", "conditions": [about], "tags": ["a"]}
    for refused in (
        await api.get(f"rules/{one['id']}"),
        await api.patch(f"rules/{one['id']}", {"name": "x"}),
        await api.delete(f"rules/{one['id']}"),
        await api.post("rules", body),
        await api.post("rules/preview", {"rules": [body]}),
        await api.post("rules/preview", {"rule_ids": [one["id"]]}),
        await api.post("rules/applications", {"rule_ids": [one["id"]]}),
        await api.get(f"rules/applications/{done['id']}"),
        await api.get(f"rules/applications/{done['id']}/effects"),
        await undo(api, done),
    ):
        assert refused.status_code == 404, refused.text
