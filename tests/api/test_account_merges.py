"""Merging two accounts that are one, and undoing it, over HTTP."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from adapters.audit.models import AuditEntryModel
from tests.api.client import Api, Reply, problem_of
from tests.statements import ofx, statement, transaction

RENT = transaction("-900.00", "20260301", "R1", "Rent")
PAY = transaction("2500.00", "20260302", "P1", "Pay")
SHOES = transaction("-80.00", "20260303", "S1", "Shoes")
NO_BALANCE = ""
STAYS = ofx(statement(RENT, PAY, number="100200300", balance=NO_BALANCE))
#: The bank's other branch gives the same account another number, and lists one day again.
TYPO = ofx(statement(PAY, SHOES, number="700800900", balance=NO_BALANCE))


async def patch(api: Api, path: str, **changes: Any) -> Reply:
    return await api.call("patch", path, data=changes, content_type="application/json")


async def rows_of(api: Api, account_id: str) -> dict[str, dict[str, Any]]:
    items = (await api.get(f"accounts/{account_id}/transactions")).json()["items"]
    return {each["payee"]: each for each in items}


async def exported(api: Api) -> list[str]:
    paths = ("export?format=csv", "accounts", "transactions", "net-worth?date_from=2026-03-01")
    return [(await api.get(path)).text for path in paths]


class Two:
    """A user with one account in two."""

    def __init__(self, api: Api, ids: list[str]) -> None:
        self.api = api
        self.stays, self.typo = ids

    @classmethod
    async def enter(cls) -> "Two":
        return await cls.of(await Api(delivers=True).enter())

    @classmethod
    async def of(cls, api: Api) -> "Two":
        ids = [
            (await api.upload(file)).json()["statements"][0]["account_id"] for file in (STAYS, TYPO)
        ]
        return cls(api, ids)

    async def merge(self, path: str = "account-merges") -> Reply:
        return await self.api.post(path, {"account_id": self.stays, "merged_id": self.typo})


async def test_the_rows_of_one_account_are_those_of_the_other(api: Api) -> None:
    two = await Two.enter()
    before = await rows_of(two.api, two.typo)

    reply = await two.merge()

    assert reply.status_code == 201
    merge = reply.json()
    assert reply.headers["Location"].endswith(f"/account-merges/{merge['id']}")
    assert (merge["account_id"], merge["merged_id"]) == (two.stays, two.typo)
    assert (merge["imports"], merge["undone_at"]) == (1, None)
    assert merge["rows"] == {
        **dict.fromkeys(("updates", "conflict", "deleted", "suggested"), 0),
        "new": 1,
        "same": 1,
    }
    after = await rows_of(two.api, two.stays)
    assert set(after) == {"Rent", "Pay", "Shoes"}
    assert after["Shoes"]["id"] == before["Shoes"]["id"]
    accounts = (await two.api.get("accounts")).json()["items"]
    assert [each["id"] for each in accounts] == [two.stays]
    entry = await AuditEntryModel.objects.aget(action="accounts.merged")
    assert str(entry.resource_id) == two.stays
    assert (entry.details["merged_id"], entry.details["rows"]) == (two.typo, 2)
    assert (await two.api.get("account-merges")).json()["items"] == [merge]
    assert (await two.api.get(f"account-merges/{merge['id']}")).json() == merge


async def test_what_is_imported_later_finds_the_account_by_its_other_number(api: Api) -> None:
    two = await Two.enter()
    await two.merge()
    later = transaction("-5.00", "20260305", "L1", "Later")

    done = (await two.api.upload(ofx(statement(later, number="700800900", balance="")))).json()

    assert done["statements"][0]["account_id"] == two.stays


async def test_a_preview_tells_the_same_and_changes_nothing(api: Api) -> None:
    two = await Two.enter()
    before = await exported(two.api)

    shown = (await two.merge("account-merges/preview")).json()

    assert await exported(two.api) == before
    assert (await two.api.get("account-merges")).json()["items"] == []
    merge = (await two.merge()).json()
    assert shown == {name: merge[name] for name in shown}


async def test_undone_everything_is_as_before(api: Api) -> None:
    two = await Two.enter()
    shoes = (await rows_of(two.api, two.typo))["Shoes"]["id"]
    await patch(two.api, f"transactions/{shoes}", note="for work", tags=["refund"])
    before = await exported(two.api)
    merge = (await two.merge()).json()
    assert await exported(two.api) != before

    undone = await two.api.call("delete", f"account-merges/{merge['id']}")

    assert undone.status_code == 200
    assert undone.json()["undone_at"] is not None
    assert without_imports(await exported(two.api)) == without_imports(before)
    again = await two.api.call("delete", f"account-merges/{merge['id']}")
    assert problem_of(again) == (409, "account-merge-is-undone")


def without_imports(texts: list[str]) -> list[Any]:
    """Leave out which import is the source of a row, and when its file was imported."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            left = ("import_id", "imported_at", "recorded_at", "updated_at", "version")
            return {name: plain(each) for name, each in value.items() if name not in left}
        return [plain(each) for each in value] if isinstance(value, list) else value

    table, *documents = texts
    return [table, *(plain(json.loads(each)) for each in documents)]


async def test_by_either_name_the_next_file_is_read_as_the_one_before(api: Api) -> None:
    mine = await Api(delivers=True).enter()
    ids = []
    for day, name in ((1, "Cash"), (2, "Purse")):
        said = {"account_name": name, "currency": "EUR"}
        ids.append((await mine.upload(bus(day), fields=said)).json()["statements"][0]["account_id"])
    await mine.post("account-merges", {"account_id": ids[0], "merged_id": ids[1]})

    replies = [
        await mine.upload(bus(day), fields={"account_name": name})
        for day, name in ((3, "Cash"), (4, "Purse"))
    ]

    assert [each.status_code for each in replies] == [201, 201]


def bus(day: int) -> bytes:
    return f"Date,Amount,Description\n2026-03-0{day},-4.50,Bus\n".encode()


class TestWhatTheOwnerSaid:
    async def test_of_a_duplicate_is_said_of_the_other_one_until_it_is_undone(
        self, api: Api
    ) -> None:
        two = await Two.enter()
        pay = (await rows_of(two.api, two.typo))["Pay"]["id"]
        await patch(two.api, f"transactions/{pay}", note="the bonus", tags=["work"])

        merge = (await two.merge()).json()

        now = (await rows_of(two.api, two.stays))["Pay"]
        assert now["id"] != pay
        assert (now["note"], now["tags"]) == ("the bonus", ["work"])
        await two.api.call("delete", f"account-merges/{merge['id']}")
        assert (await rows_of(two.api, two.stays))["Pay"]["note"] == ""
        assert (await rows_of(two.api, two.typo))["Pay"]["note"] == "the bonus"

    async def test_and_what_a_rule_calls_the_payee_return_when_it_is_undone(self, api: Api) -> None:
        two = await Two.enter()
        pay = (await rows_of(two.api, two.typo))["Pay"]["id"]
        await patch(two.api, f"transactions/{pay}", note="the bonus")
        condition = {"field": "account", "account_ids": [two.typo]}
        rule = {"name": "Pay", "conditions": [condition], "payee_name": "My employer"}
        assert (await two.api.post("rules", rule)).status_code == 201
        await two.api.post("rules/applications", {})

        merge = (await two.merge()).json()

        assert (await rows_of(two.api, two.stays))["Pay"]["payee_name"] == "My employer"
        await two.api.call("delete", f"account-merges/{merge['id']}")
        assert (await rows_of(two.api, two.stays))["Pay"]["payee_name"] == ""
        assert (await rows_of(two.api, two.typo))["Pay"]["payee_name"] == "My employer"

    async def test_since_then_stays(self, api: Api) -> None:
        two = await Two.enter()
        pay = (await rows_of(two.api, two.typo))["Pay"]["id"]
        await patch(two.api, f"transactions/{pay}", note="the bonus")
        merge = (await two.merge()).json()
        now = (await rows_of(two.api, two.stays))["Pay"]["id"]
        await patch(two.api, f"transactions/{now}", note="the bonus of 2026")

        await two.api.call("delete", f"account-merges/{merge['id']}")

        assert (await rows_of(two.api, two.stays))["Pay"]["note"] == "the bonus of 2026"

    async def test_deleted_stays_deleted(self, api: Api) -> None:
        two = await Two.enter()
        shoes = (await rows_of(two.api, two.typo))["Shoes"]["id"]
        await two.api.call("delete", f"transactions/{shoes}")

        merge = (await two.merge()).json()

        assert merge["rows"]["deleted"] == 1
        assert "Shoes" not in await rows_of(two.api, two.stays)
        await two.api.post(f"transactions/{shoes}/restore", {})
        assert "Shoes" in await rows_of(two.api, two.stays)


async def test_transactions_by_hand_move_too(api: Api) -> None:
    two = await Two.enter()
    lunch = {"booking_date": "2026-03-04", "amount": "-9.50", "payee": "Lunch"}
    written = (await two.api.post(f"accounts/{two.typo}/transactions", lunch)).json()

    merge = (await two.merge()).json()

    assert (await rows_of(two.api, two.stays))["Lunch"]["id"] == written["transaction"]["id"]
    await two.api.call("delete", f"account-merges/{merge['id']}")
    assert (await rows_of(two.api, two.typo))["Lunch"]["id"] == written["transaction"]["id"]


async def test_an_import_that_was_undone_since_stays_undone(api: Api) -> None:
    two = await Two.enter()
    merge = (await two.merge()).json()
    shoes = (await rows_of(two.api, two.stays))["Shoes"]
    await two.api.call("delete", f"imports/{shoes['import_id']}")

    await two.api.call("delete", f"account-merges/{merge['id']}")

    assert await rows_of(two.api, two.typo) == {}
    assert set(await rows_of(two.api, two.stays)) == {"Rent", "Pay"}


async def test_a_look_back_shows_two_accounts(committing_database: str) -> None:
    two = await Two.enter()
    changes = (await two.api.get("changes?limit=500")).json()["items"]
    then = quote(max(each["recorded_at"] for each in changes))
    before = (await two.api.get(f"accounts/{two.typo}/transactions")).json()["items"]
    merge = (await two.merge()).json()

    reply = await two.api.get(f"accounts/{two.typo}/transactions?as_of={then}")

    assert reply.json()["items"] == before
    accounts = (await two.api.get(f"accounts?as_of={then}")).json()["items"]
    assert [each["id"] for each in accounts] == [two.stays, two.typo]
    now = (await two.api.get("accounts")).json()["items"]
    assert [each["id"] for each in now] == [two.stays]
    await two.api.call("delete", f"account-merges/{merge['id']}")
    assert await replayed(two.api) == {
        each["id"]: each["account_id"]
        for each in (await two.api.get("transactions")).json()["items"]
    }


async def test_the_feed_has_the_merged_account_again_when_it_is_undone(
    committing_database: str,
) -> None:
    two = await Two.enter()
    merge = (await two.merge()).json()
    await two.api.call("delete", f"account-merges/{merge['id']}")

    items = (await two.api.get("changes?limit=500")).json()["items"]

    its = [e["change"] for e in items if e["resource"] == "account" and e["id"] == two.typo]
    assert its == ["added", "removed", "added"]


async def replayed(api: Api) -> dict[str, str]:
    """Return the accounts of transactions as a program knows them that follows the feed."""
    known: dict[str, str] = {}
    for change in (await api.get("changes?limit=500")).json()["items"]:
        if change["resource"] == "transaction":
            if change["change"] == "removed":
                known.pop(change["id"], None)
            else:
                known[change["id"]] = change["account_id"]
    return known


class TestOneAfterTheOther:
    async def test_undone_in_the_reverse_order_everything_is_as_before(self, api: Api) -> None:
        two = await Two.enter()
        other = ofx(statement(RENT, PAY, SHOES, number="5", balance=NO_BALANCE))
        third = (await two.api.upload(other)).json()["statements"][0]["account_id"]
        for each in (two.stays, two.typo, third):
            for row in (await rows_of(two.api, each)).values():
                await patch(two.api, f"transactions/{row['id']}", note=f"{row['payee']} {each}")
        before = await exported(two.api)
        first = (await two.merge()).json()
        between = await exported(two.api)
        body = {"account_id": third, "merged_id": two.stays}
        second = (await two.api.post("account-merges", body)).json()

        await two.api.call("delete", f"account-merges/{second['id']}")
        assert without_imports(await exported(two.api)) == without_imports(between)
        await two.api.call("delete", f"account-merges/{first['id']}")
        assert without_imports(await exported(two.api)) == without_imports(before)

    @pytest.mark.parametrize("reverse", [False, True])
    async def test_accounts_of_one_file(self, api: Api, *, reverse: bool) -> None:
        numbers = {"100200300": (RENT, PAY), "700800900": (PAY, SHOES), "5": (SHOES,)}
        file = ofx(*(statement(*rows, number=n, balance="") for n, rows in numbers.items()))
        mine = await Api(delivers=True).enter()
        statements = (await mine.upload(file)).json()["statements"]
        stays, *others = (each["account_id"] for each in statements)
        for each in (stays, *others):
            for row in (await rows_of(mine, each)).values():
                await patch(mine, f"transactions/{row['id']}", note=f"{row['payee']} {each}")
        before = await exported(mine)
        merges = [
            (await mine.post("account-merges", {"account_id": stays, "merged_id": each})).json()
            for each in others
        ]
        assert (await rows_of(mine, stays))["Pay"]["note"] == f"Pay {stays}"
        counts = [(each["rows"]["new"], each["rows"]["same"]) for each in merges]
        assert counts == [(1, 1), (0, 1)]

        for merge in sorted(merges, key=lambda each: each["id"], reverse=reverse):
            await mine.call("delete", f"account-merges/{merge['id']}")

        assert without_imports(await exported(mine)) == without_imports(before)


async def test_what_was_written_by_hand_and_changed_since_moves_back(api: Api) -> None:
    two = await Two.enter()
    lunch = {"booking_date": "2026-03-04", "amount": "-9.50", "payee": "Lunch"}
    await two.api.post(f"accounts/{two.typo}/transactions", lunch)
    merge = (await two.merge()).json()
    written = (await rows_of(two.api, two.stays))["Lunch"]
    for amount in ("-10.00", "-11.00"):
        await patch(two.api, f"transactions/{written['id']}", amount=amount)

    await two.api.call("delete", f"account-merges/{merge['id']}")

    assert "Lunch" not in await rows_of(two.api, two.stays)
    now = (await rows_of(two.api, two.typo))["Lunch"]
    assert (now["id"], now["amount"]) == (written["id"], "-11.00")


class TestRefuses:
    async def test_one_account(self, api: Api) -> None:
        two = await Two.enter()
        body = {"account_id": two.stays, "merged_id": two.stays}
        refused = await two.api.post("account-merges", body)
        assert problem_of(refused) == (409, "accounts-not-mergeable")

    async def test_two_currencies(self, api: Api) -> None:
        two = await Two.enter()
        dollars = ofx(statement(RENT, number="5", currency="USD", balance=""))
        other = (await two.api.upload(dollars)).json()["statements"][0]["account_id"]
        body = {"account_id": two.stays, "merged_id": other}
        refused = await two.api.post("account-merges", body)
        assert problem_of(refused) == (409, "accounts-not-mergeable")
        assert "EUR and USD" in refused.json()["detail"]

    async def test_two_opening_balances_by_hand(self, api: Api) -> None:
        two = await Two.enter()
        opening = {"day": "2026-03-01", "amount": "7.00"}
        for each in (two.stays, two.typo):
            await two.api.call(
                "put",
                f"accounts/{each}/opening-balance",
                data=opening,
                content_type="application/json",
            )
        refused = await two.merge()
        assert problem_of(refused) == (409, "accounts-not-mergeable")

    async def test_accounts_of_others(self, api: Api) -> None:
        two = await Two.enter()
        eve = await Api(delivers=True).enter("eve@example.org")
        body = {"account_id": two.stays, "merged_id": two.typo}
        assert problem_of(await eve.post("account-merges", body)) == (404, "account-not-found")
        merge = (await two.merge()).json()
        gone = await eve.call("delete", f"account-merges/{merge['id']}")
        assert problem_of(gone) == (404, "account-merge-not-found")

    async def test_to_undo_what_was_merged_again(self, api: Api) -> None:
        two = await Two.enter()
        other = ofx(statement(RENT, number="5", balance=""))
        third = (await two.api.upload(other)).json()["statements"][0]["account_id"]
        merge = (await two.merge()).json()
        await two.api.post("account-merges", {"account_id": third, "merged_id": two.stays})
        refused = await two.api.call("delete", f"account-merges/{merge['id']}")
        assert problem_of(refused) == (409, "accounts-not-mergeable")
