"""Categories over HTTP: the tree, and the transactions that have them."""

import csv
import json
from typing import Any

import pytest

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import ImportedCategoryModel, ImportModel, TransactionModel
from domain.ledger.categories import MAX_CATEGORIES
from domain.shared.ids import new_id
from tests.api.client import Api, problem_of
from tests.api.test_changes import changes
from tests.statements import days, ofx, statement, transaction

QIF = b"""!Type:Cash
D01/03/2026
T-5.00
PMarket
LFood:Groceries/Household
^
D15/03/2026
T-2.00
PBank
LFees
^
D16/03/2026
T-100.00
PSavings
L[Savings]
^
"""
SPLIT_QIF = b"""!Type:Cash
D01/03/2026
T-5.00
PMarket
LFood
SFood:Fresh
Ebread
$-3.00
SGifts
$-2.00
^
"""
PURSE = {"currency": "EUR", "account_name": "Purse", "date_order": "day_first"}
MISSING = (404, "category-not-found")


async def added(api: Api, name: str, parent: Any = None) -> Any:
    body = {"name": name, "parent_id": parent and parent["id"]}
    reply = await api.post("categories", body)
    assert reply.status_code == 201, reply.text
    assert reply.headers["Location"].endswith(f"categories/{reply.json()['id']}")
    return reply.json()


async def listed(api: Api) -> Any:
    return (await api.get("categories")).json()["items"]


async def rows(api: Api, query: str = "") -> Any:
    (account,) = (await api.get("accounts")).json()["items"]
    page = await api.get(f"accounts/{account['id']}/transactions{query}")
    assert page.status_code == 200, page.text
    return page.json()["items"]


async def choose(api: Api, row: Any, category: Any) -> None:
    body = {"category_id": category and category["id"]}
    edited = await api.patch(f"transactions/{row['id']}", body)
    assert edited.status_code == 200, edited.text


def said(row: Any) -> tuple[Any, ...]:
    return row["category"], row["category_id"], row["category_source"]


class TestTheTree:
    async def test_has_two_levels_and_is_listed_in_order(self, api: Api) -> None:
        await api.enter()
        food = await added(api, " Food ")
        groceries = await added(api, "Groceries", food)
        alms = await added(api, "Alms")

        assert food == {"id": food["id"], "name": "Food", "parent_id": None, "path": "Food"}
        assert groceries["path"] == "Food:Groceries"
        assert await listed(api) == [alms, food, groceries]
        assert (await api.get(f"categories/{groceries['id']}")).json() == groceries
        third = await api.post("categories", {"name": "Bread", "parent_id": groceries["id"]})
        assert problem_of(third) == (422, "invalid-category")
        below = await api.patch(f"categories/{food['id']}", {"parent_id": alms["id"]})
        assert problem_of(below) == (422, "invalid-category")

    async def test_is_changed(self, api: Api) -> None:
        await api.enter()
        food, travel = await added(api, "Food"), await added(api, "Travel")

        moved = await api.patch(f"categories/{food['id']}", {"parent_id": travel["id"]})
        assert moved.json()["path"] == "Travel:Food"
        renamed = await api.patch(f"categories/{travel['id']}", {"name": "Away"})
        assert renamed.json()["path"] == "Away"
        back = await api.patch(f"categories/{food['id']}", {"parent_id": None, "name": "Eating"})
        assert (back.json()["path"], back.json()["parent_id"]) == ("Eating", None)
        taken = await api.patch(f"categories/{food['id']}", {"name": "AWAY"})
        assert problem_of(taken) == (409, "category-exists")
        assert [each["name"] for each in await listed(api)] == ["Away", "Eating"]

    async def test_refuses_what_is_taken_or_invalid(self, api: Api) -> None:
        await api.enter()
        food = await added(api, "Food")
        await added(api, "Groceries", food)

        assert problem_of(await api.post("categories", {"name": "food"})) == (
            409,
            "category-exists",
        )
        for name in ("a:b", " "):
            refused = await api.post("categories", {"name": name})
            assert problem_of(refused) == (422, "invalid-category")
        for body in ({}, {"name": None}, {"name": ""}, {"parent_id": "x"}):
            refused = await api.patch(f"categories/{food['id']}", body)
            assert problem_of(refused) == (422, "invalid-body")
        missing = await api.post("categories", {"name": "x", "parent_id": str(new_id())})
        assert problem_of(missing) == MISSING
        parent = await api.delete(f"categories/{food['id']}")
        assert problem_of(parent) == (409, "category-has-children")
        itself = await api.post(f"categories/{food['id']}/merge", {"into_id": food["id"]})
        assert problem_of(itself) == (422, "invalid-category")

    async def test_has_an_upper_limit(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        await api.enter()
        monkeypatch.setattr("dashtam.application.ledger.categories.MAX_CATEGORIES", 2)
        await added(api, "a")
        await added(api, "b")

        refused = await api.post("categories", {"name": "c"})

        assert problem_of(refused) == (409, "too-many-categories")
        assert MAX_CATEGORIES > 2

    async def test_is_its_owners(self, api: Api) -> None:
        await api.enter()
        food = await added(api, "Food")
        await api.enter("eve@example.org")

        assert await listed(api) == []
        for reply in (
            await api.get(f"categories/{food['id']}"),
            await api.patch(f"categories/{food['id']}", {"name": "x"}),
            await api.delete(f"categories/{food['id']}"),
            await api.post(f"categories/{food['id']}/merge", {"into_id": str(new_id())}),
            await api.post("categories", {"name": "x", "parent_id": food["id"]}),
        ):
            assert problem_of(reply) == MISSING


class TestTransactions:
    async def test_show_id_path_and_source(self, api: Api) -> None:
        await api.enter()
        await api.upload(ofx(statement(*days(2))))
        food = await added(api, "Food")
        groceries = await added(api, "Groceries", food)
        first, second = await rows(api)
        assert said(first) == ("", None, None)

        await choose(api, first, groceries)
        first, untouched = await rows(api)

        assert said(first) == ("Food:Groceries", groceries["id"], "owner")
        assert untouched == second
        await choose(api, first, None)
        assert said((await rows(api))[0]) == ("", None, "owner")

    async def test_follow_their_category(self, api: Api) -> None:
        await api.enter()
        await api.upload(ofx(statement(*days(2))))
        food = await added(api, "Food")
        groceries, gifts = await added(api, "Groceries", food), await added(api, "Gifts")
        first, second = await rows(api)
        await choose(api, first, groceries)
        await choose(api, second, gifts)

        await api.patch(f"categories/{food['id']}", {"name": "Eating"})
        assert [row["category"] for row in await rows(api)] == ["Eating:Groceries", "Gifts"]
        into = {"into_id": food["id"]}
        moved = await api.post(f"categories/{groceries['id']}/merge", into)
        assert moved.status_code == 204
        assert said((await rows(api))[0]) == ("Eating", food["id"], "owner")
        await api.delete(f"categories/{gifts['id']}")
        assert said((await rows(api))[1]) == ("", None, None)
        entries = AuditEntryModel.objects.filter(
            action__in=("category.changed", "category.deleted")
        )
        assert [entry.details async for entry in entries.order_by("id")] == [
            {"transactions": 1},
            {"into_id": food["id"], "transactions": 1},
            {"into_id": None, "transactions": 1},
        ]

    async def test_are_found_by_a_tag_in_whatever_case(self, api: Api) -> None:
        await api.enter()
        await api.upload(ofx(statement(*days(2))))
        tagged, _ = await rows(api)
        await api.patch(f"transactions/{tagged['id']}", {"tags": ["Trip"]})

        for tag in ("trip", "Trip", "TRIP"):
            found = (await api.get(f"transactions?tag={tag}")).json()["items"]
            assert [each["id"] for each in found] == [tagged["id"]]

    async def test_have_no_category_of_another_user_and_no_bad_tags(self, api: Api) -> None:
        await api.enter("eve@example.org")
        theirs = await added(api, "Food")
        await api.enter()
        await api.upload(ofx(statement(*days(1))))
        (row,) = await rows(api)
        url = f"transactions/{row['id']}"

        for category_id in (theirs["id"], str(new_id())):
            assert problem_of(await api.patch(url, {"category_id": category_id})) == MISSING
        bad = await api.patch(url, {"tags": ["two words"]})
        assert problem_of(bad) == (422, "invalid-tags")
        old = await api.patch(url, {"category": "Food"})
        assert problem_of(old) == (422, "invalid-body")
        assert await rows(api) == [row]

    async def test_are_exported_with_both(self, api: Api) -> None:
        await api.enter()
        await api.upload(ofx(statement(*days(1))))
        food = await added(api, "Food")
        (row,) = await rows(api)
        await choose(api, row, food)
        await api.patch(f"transactions/{row['id']}", {"tags": ["trip", "work"]})

        exported = (await api.get("export?format=csv")).text
        beancount = (await api.get("export?format=beancount")).text

        assert f",Food,{row['provider_id']}," in exported
        assert exported.splitlines()[1].endswith(f",{food['id']},trip work,,")
        assert 'tags: "trip work"' in beancount
        assert "Expenses:Food  1.00 EUR" in beancount


class TestSplits:
    async def test_are_parts_of_a_transaction(self, api: Api) -> None:
        await api.enter()
        await api.upload(ofx(statement(*days(1))))
        food, gifts = await added(api, "Food"), await added(api, "Gifts")
        (row,) = await rows(api)
        await choose(api, row, gifts)
        url = f"transactions/{row['id']}"
        parts = [
            {"amount": "-1.75", "category_id": food["id"], "memo": "bread"},
            {"amount": "0.75", "category_id": gifts["id"]},
        ]

        edited = await api.patch(url, {"splits": parts})

        assert edited.status_code == 200, edited.text
        (row,) = await rows(api)
        assert edited.json()["transaction"] == row
        assert said(row) == ("", None, "owner")
        assert not row["splits_broken"]
        assert row["splits"] == [
            {**parts[0], "category": "Food"},
            {**parts[1], "category": "Gifts", "memo": ""},
        ]
        await api.patch(f"categories/{food['id']}", {"name": "Eating"})
        (row,) = await rows(api)
        assert [part["category"] for part in row["splits"]] == ["Eating", "Gifts"]
        beancount = (await api.get("export?format=beancount")).text
        assert "  Expenses:Eating  1.75 EUR\n  Income:Gifts  -0.75 EUR\n" in beancount
        exported = (await api.get("export?format=csv")).text
        (line,) = csv.DictReader(exported.splitlines())
        assert json.loads(line["splits"], parse_float=str) == row["splits"]
        await choose(api, row, gifts)
        assert (await rows(api))[0]["splits"] == []

    async def test_that_do_not_fit_are_refused(self, api: Api) -> None:
        await api.enter("eve@example.org")
        theirs = await added(api, "Food")
        await api.enter()
        await api.upload(ofx(statement(*days(1))))
        (row,) = await rows(api)
        url = f"transactions/{row['id']}"
        half = {"amount": "-0.50"}

        short = await api.patch(url, {"splits": [half, {"amount": "-0.49"}]})
        assert problem_of(short) == (422, "invalid-splits")
        alone = await api.patch(url, {"splits": [{"amount": "-1.00"}]})
        assert problem_of(alone) == (422, "invalid-splits")
        foreign = await api.patch(url, {"splits": [half, {**half, "category_id": theirs["id"]}]})
        assert problem_of(foreign) == MISSING
        both = await api.patch(url, {"splits": [half, half], "category_id": None})
        number = await api.patch(url, {"splits": [half, {"amount": -0.5}]})
        null = await api.patch(url, {"splits": None})
        unknown = await api.patch(url, {"splits": [half, {**half, "category": "Food"}]})
        for refused in (both, number, null, unknown):
            assert problem_of(refused) == (422, "invalid-body")
        assert await rows(api) == [row]

    async def test_break_when_the_amount_changes_and_return_with_it(self, api: Api) -> None:
        await api.enter()
        pending = transaction("-1.00", "20260301", "P1", "Coffee")
        food = await added(api, "Food")
        await api.upload(ofx(statement(pending)))
        (row,) = await rows(api)
        half = {"amount": "-0.50", "category_id": food["id"]}
        await api.patch(f"transactions/{row['id']}", {"splits": [half, half]})

        await TransactionModel.objects.filter(id=row["id"]).aupdate(amount="-2.00")

        (row,) = await rows(api)
        assert row["splits_broken"]
        assert len(row["splits"]) == 2
        beancount = (await api.get("export?format=beancount")).text
        assert "  Expenses:Uncategorized  2.00 EUR\n" in beancount
        await TransactionModel.objects.filter(id=row["id"]).aupdate(amount="-1.00")
        assert not (await rows(api))[0]["splits_broken"]


class TestImports:
    async def test_bring_categories_of_qif_and_take_them_back(self, api: Api) -> None:
        await api.enter()
        kept = await added(api, "food")
        done = (await api.upload(QIF, name="purse.qif", fields=PURSE)).json()

        shown = {row["payee"]: said(row) for row in await rows(api)}

        paths = {each["path"]: each["id"] for each in await listed(api)}
        assert list(paths) == ["Fees", "food", "food:Groceries"]
        assert paths["food"] == kept["id"]
        assert shown == {
            "Market": ("food:Groceries", paths["food:Groceries"], "import"),
            "Bank": ("Fees", paths["Fees"], "import"),
            "Savings": ("", None, None),
        }
        assert done["new"] == 3
        await api.delete(f"imports/{done['id']}")
        assert await rows(api) == []
        again = (await api.upload(QIF, name="purse.qif", fields=PURSE)).json()
        assert again["new"] == 3
        assert {row["payee"]: said(row) for row in await rows(api)} == shown
        assert {each["path"]: each["id"] for each in await listed(api)} == paths

    async def test_bring_splits_of_qif_and_take_them_back(self, api: Api) -> None:
        await api.enter()
        done = (await api.upload(SPLIT_QIF, name="purse.qif", fields=PURSE)).json()

        (row,) = await rows(api)

        paths = {each["path"]: each["id"] for each in await listed(api)}
        assert row["splits"] == [
            {
                "amount": "-3.00",
                "category_id": paths["Food:Fresh"],
                "category": "Food:Fresh",
                "memo": "bread",
            },
            {"amount": "-2.00", "category_id": paths["Gifts"], "category": "Gifts", "memo": ""},
        ]
        assert (said(row), row["splits_broken"]) == (("", None, "import"), False)
        assert done["new"] == 1
        other_bytes = SPLIT_QIF + b"\n"
        again = (await api.upload(other_bytes, name="purse.qif", fields=PURSE)).json()
        assert (again["new"], again["same"]) == (0, 1)
        await api.delete(f"imports/{done['id']}")
        assert await rows(api) == [{**row, "import_id": again["id"]}]
        await api.delete(f"imports/{again['id']}")
        assert await rows(api) == []

    @pytest.mark.parametrize("is_sorted", [False, True])
    async def test_read_again_fill_in_what_an_older_release_left_out(
        self, api: Api, is_sorted: bool
    ) -> None:
        await api.enter()
        gifts = await added(api, "Gifts")
        done = (await api.upload(SPLIT_QIF, name="purse.qif", fields=PURSE)).json()
        (row,) = await rows(api)
        await TransactionModel.objects.aupdate(splits=[], category_source=None)
        await ImportedCategoryModel.objects.all().adelete()
        await ImportModel.objects.aupdate(reader_version="older")
        if is_sorted:
            await choose(api, row, gifts)

        again = (await api.post(f"imports/{done['id']}/reimport", None)).json()

        assert (again["new"], again["same"]) == (0, 1)
        (filled,) = await rows(api)
        assert filled["id"] == row["id"]
        if is_sorted:
            assert (filled["splits"], filled["category"]) == ([], "Gifts")
        else:
            assert (filled["splits"], said(filled)) == (row["splits"], said(row))

    async def test_fill_what_is_there_and_nothing_that_the_owner_said(self, api: Api) -> None:
        await api.enter()
        gifts = await added(api, "Gifts")
        plain = b"Date,Description,Amount\n2026-03-01,Market,-5.00\n2026-03-02,Shop,-6.00\n"
        fields = {"currency": "EUR", "account_name": "Purse", "charges_positive": "false"}
        first = await api.upload(plain, name="a.csv", fields=fields)
        assert first.status_code == 201, first.text
        row, *_ = await rows(api)
        await choose(api, row, gifts)
        sorted_file = (
            b"Date,Description,Amount,Category\n"
            b"2026-03-01,Market,-5.00,Food:Fresh\n2026-03-02,Shop,-6.00,Food\n"
        )
        (account,) = (await api.get("accounts")).json()["items"]
        more = {"account_id": account["id"], "charges_positive": "false"}
        done = (await api.upload(sorted_file, name="b.csv", fields=more)).json()

        assert done["same"] == 2
        assert [row["category"] for row in await rows(api)] == ["Gifts", "Food:Fresh"]
        copy = (await api.upload(sorted_file + b"\n", name="b.csv", fields=more)).json()
        await api.delete(f"imports/{done['id']}")
        assert [row["category"] for row in await rows(api)] == ["Gifts", "Food:Fresh"]
        await api.delete(f"imports/{copy['id']}")
        assert [row["category"] for row in await rows(api)] == ["Gifts", ""]

    async def test_are_not_refused_when_there_are_too_many(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("dashtam.application.ledger.fill_categories.MAX_CATEGORIES", 1)
        await api.enter()
        await api.upload(QIF, name="purse.qif", fields=PURSE)

        assert [each["path"] for each in await listed(api)] == ["Fees"]
        assert {row["category"] for row in await rows(api)} == {"Fees", ""}


class TestTheFeed:
    @pytest.fixture
    def committing(self, committing_database: str) -> Api:
        return Api(delivers=True)

    async def test_lists_categories_and_what_becomes_of_transactions(self, committing: Api) -> None:
        api = committing
        await api.enter()
        await api.upload(ofx(statement(*days(1))))
        (row,) = await rows(api)
        food = await added(api, "Food")
        await choose(api, row, food)
        await api.patch(f"categories/{food['id']}", {"name": "Eating"})
        await api.delete(f"categories/{food['id']}")

        items = (await changes(api))["items"][3:]

        assert [(i["resource"], i["change"], i["version"]) for i in items] == [
            ("category", "added", 1),
            ("transaction", "modified", 2),
            ("transaction", "modified", 3),
            ("category", "modified", 2),
            ("transaction", "modified", 4),
            ("category", "removed", 3),
        ]
        assert [i["category"] for i in items if i["resource"] == "category"] == [
            {"name": "Food", "parent_id": None},
            {"name": "Eating", "parent_id": None},
            None,
        ]
        told = [said(i["transaction"]) for i in items if i["resource"] == "transaction"]
        assert told == [
            ("Food", food["id"], "owner"),
            ("Eating", food["id"], "owner"),
            ("", None, None),
        ]
        moment = items[2]["recorded_at"].replace("+00:00", "Z")
        (then,) = await rows(api, f"?as_of={moment}")
        assert said(then) == ("Eating", food["id"], "owner")
