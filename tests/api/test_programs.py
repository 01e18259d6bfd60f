"""Exports of other programs over HTTP: what they bring, again, later, and undone."""

from typing import Any

import pytest

from tests.api.client import Api, problem_of
from tests.programs import (
    CHECKING,
    JANUARY,
    MARKET,
    MINT,
    SAVINGS,
    YNAB,
    firefly,
    journal,
)

DOLLAR = {"currency": "USD"}
FILES = [
    pytest.param(firefly(*JANUARY), {}, id="Firefly III"),
    pytest.param(YNAB, DOLLAR, id="YNAB"),
    pytest.param(MINT, DOLLAR, id="Mint"),
]
LATER = (
    journal(5, "Withdrawal", "-20.00", CHECKING, MARKET, category="Groceries", day=9),
    journal(6, "Transfer", "50.00", SAVINGS, CHECKING, day=10),
)


async def imported(api: Api, text: str, fields: Any = None) -> Any:
    done = await api.upload(text.encode(), name="export.csv", fields=fields or {})
    assert done.status_code == 201, done.text
    return done.json()


async def items(api: Api, path: str) -> list[Any]:
    reply = await api.get(path)
    assert reply.status_code == 200, reply.text
    found: list[Any] = reply.json()["items"]
    return found


async def named_rows(api: Api) -> dict[str, list[Any]]:
    """Return the rows of the accounts, oldest first, by the names of the accounts."""
    return {
        account["name"]: (await items(api, f"accounts/{account['id']}/transactions"))[::-1]
        for account in await items(api, "accounts")
    }


def amounts(rows: dict[str, list[Any]]) -> dict[str, list[str]]:
    return {name: sorted(row["amount"] for row in each) for name, each in rows.items()}


async def everything(api: Api) -> Any:
    """Return the rows, without which import states them, and the transfers."""
    rows = await named_rows(api)
    for row in (row for each in rows.values() for row in each):
        del row["import_id"]
    return rows, await items(api, "transfers")


class TestEachProgram:
    @pytest.mark.parametrize(("text", "fields"), FILES)
    async def test_again_adds_nothing_and_undone_leaves_nothing(
        self, api: Api, text: str, fields: Any
    ) -> None:
        await api.enter()
        first = await imported(api, text, fields)
        before = await everything(api)

        # Other bytes with the same rows are read, and not only recognised as a file.
        again = await imported(api, text + "\n", fields)

        assert (first["same"], again["new"], again["same"]) == (0, 0, first["new"])
        assert await everything(api) == before
        for done in (first, again):
            await api.delete(f"imports/{done['id']}")
        assert not any((await named_rows(api)).values())
        assert await items(api, "transfers") == []
        restored = await imported(api, text, fields)
        assert restored["new"] == first["new"]
        assert await everything(api) == before

    @pytest.mark.parametrize(("text", "fields"), FILES)
    async def test_has_a_transfer_between_its_accounts(
        self, api: Api, text: str, fields: Any
    ) -> None:
        await api.enter()
        await imported(api, text, fields)

        (transfer,) = await items(api, "transfers")

        names = {each["id"]: each["name"] for each in await items(api, "accounts")}
        ends = [names[transfer[end]["account_id"]] for end in ("outgoing", "incoming")]
        assert ends == ["Checking", "Savings"]
        assert not transfer["ambiguous"]


class TestFirefly:
    async def test_brings_accounts_categories_tags_and_balances(self, api: Api) -> None:
        await api.enter()
        await imported(api, firefly(*JANUARY))

        rows = await named_rows(api)

        assert amounts(rows) == {
            "Checking": ["-12.50", "-300.00", "2000.00"],
            "Savings": ["300.00"],
        }
        assert [each["path"] for each in await items(api, "categories")] == ["Groceries", "Salary"]
        bought, *_ = rows["Checking"]
        assert (bought["category"], bought["category_source"]) == ("Groceries", "import")
        assert (bought["tags"], bought["tags_source"]) == (["city-trip", "food"], "import")
        assert (bought["payee"], bought["memo"]) == ("Market", "with bread")
        checking = next(e for e in await items(api, "accounts") if e["name"] == "Checking")
        days = "date_from=2023-12-31&date_to=2024-01-07"
        balances = await items(api, f"accounts/{checking['id']}/balances?{days}")
        assert {each["day"][-5:]: each["amount"] for each in balances} == {
            "12-31": "1000.00",
            **dict.fromkeys(("01-01", "01-02", "01-03", "01-04"), "1000.00"),
            "01-05": "987.50",
            "01-06": "2987.50",
            "01-07": "2687.50",
        }

    async def test_a_later_export_adds_only_what_is_new(self, api: Api) -> None:
        await api.enter()
        await imported(api, firefly(*JANUARY))

        later = await imported(api, firefly(*JANUARY[2:], *LATER))

        assert (later["new"], later["same"]) == (3, 3)
        assert amounts(await named_rows(api)) == {
            "Checking": ["-12.50", "-20.00", "-300.00", "2000.00", "50.00"],
            "Savings": ["-50.00", "300.00"],
        }
        await api.delete(f"imports/{later['id']}")
        assert amounts(await named_rows(api)) == {
            "Checking": ["-12.50", "-300.00", "2000.00"],
            "Savings": ["300.00"],
        }

    async def test_a_newer_release_knows_the_accounts_again(self, api: Api) -> None:
        await api.enter()
        rows = [
            [journal(1, "Transfer", "3.00", CHECKING, SAVINGS, release=each)]
            for each in ("6.1", "6.2")
        ]
        await imported(api, firefly(*rows[0], release="6.1"))

        newer = await imported(api, firefly(*rows[1], release="6.2"))

        assert (newer["new"], newer["same"]) == (0, 2)
        assert len(await items(api, "accounts")) == 2

    async def test_the_owners_tags_stay(self, api: Api) -> None:
        await api.enter()
        done = await imported(api, firefly(*JANUARY))
        bought, *_ = (await named_rows(api))["Checking"]
        await api.patch(f"transactions/{bought['id']}", {"tags": ["mine"]})

        again = await imported(api, firefly(*JANUARY) + "\n")
        await api.delete(f"imports/{done['id']}")

        bought, *_ = (await named_rows(api))["Checking"]
        assert (bought["tags"], bought["tags_source"]) == (["mine"], "owner")
        assert bought["import_id"] == again["id"]


class TestQuestions:
    async def test_mint_is_asked_for_its_currency(self, api: Api) -> None:
        await api.enter()

        refused = await api.upload(MINT.encode(), name="transactions.csv")

        assert problem_of(refused)[1] == "hint-needed"
        assert [each["field"] for each in refused.json()["questions"]] == ["currency"]

    async def test_a_profile_of_a_user_has_the_same_columns(self, api: Api) -> None:
        await api.enter()
        text = "When,From,To,Sum,Marks\n2026-03-04,Purse,Jar,5.00,a b\n"
        columns = {"booking_date": 0, "account": 1, "destination": 2, "amount": 3, "tags": 4}
        profile: dict[str, Any] = {
            "header": text.split("\n")[0].split(","),
            "date_order": "year_first",
            "columns": columns,
        }
        saved = await api.post("csv-profiles", {"name": "Purses", "profile": profile})
        assert saved.status_code == 201, saved.text

        await imported(api, text, {"currency": "EUR"})

        assert amounts(await named_rows(api)) == {"Purse": ["-5.00"], "Jar": ["5.00"]}
        del columns["account"]
        refused = await api.post("csv-profiles", {"name": "None", "profile": profile})
        assert problem_of(refused)[0] == 422
