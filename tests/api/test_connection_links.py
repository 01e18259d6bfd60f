"""Accounts of a provider over HTTP that resemble those of files: asked, compared, linked once."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from domain.shared.ids import new_id
from tests.api.client import Api, problem_of
from tests.connected import (
    accounts,
    begin,
    count,
    items,
    links,
    offering,
    shown,
    sync,
    today,
)
from tests.simplefin import account, row
from tests.statements import ofx, statement, transaction
from tests.written_bank import WrittenBank

#: Days ago, amount and shop of what both the file and the bank have, in words of their own.
BOTH = [(20 - n, f"-{n}.10", f"Shop{chr(65 + n)}") for n in range(1, 13)]
#: The same for what only one of them has.
ONLY_FILE = [(19, "-71.00", "Cobbler"), (12, "-72.00", "Florist")]
ONLY_BANK = [(18, "-81.00", "Baker"), (15, "-82.00", "Butcher"), (9, "-83.00", "Grocer")]
#: Of one amount, two days apart, without a word in common: may be the same.
UNSURE = ((10, "-44.44", "Coffee house"), (8, "-44.44", "SUMUP 4711"))


@pytest.fixture
def bank() -> Iterator[WrittenBank]:
    """A bank with an account whose id ends as the number of the file does."""
    written = WrittenBank()
    day = today()
    rows = [(ago, amount, f"POS 99 {shop} Main St") for ago, amount, shop in BOTH]
    listed = [*rows, *ONLY_BANK, UNSURE[1]]
    written.add(
        account(
            *(
                row(f"S{n}", amount, day - timedelta(ago), text)
                for n, (ago, amount, text) in enumerate(listed)
            ),
            id="ACT-0300",
            name="Everyday",
            currency="EUR",
        )
    )
    with offering(source=written):
        yield written


def file_of(day: date) -> bytes:
    rows = [*BOTH, *ONLY_FILE, UNSURE[0]]
    return ofx(
        statement(
            *(
                transaction(amount, f"{day - timedelta(ago):%Y%m%d}", f"F{n}", text)
                for n, (ago, amount, text) in enumerate(rows)
            ),
            balance="",
        )
    )


async def asked(api: Api) -> tuple[Any, Any, Any]:
    """Import a file, then connect; return connection, account, and the link that waits."""
    await api.enter()
    assert (await api.upload(file_of(today()))).status_code == 201
    made = await begin(api)
    await sync(api)
    (link,) = (await links(api, made)).values()
    (known,) = (await accounts(api)).values()
    return made, known, link


async def decide(api: Api, made: Any, link: Any, **body: Any) -> Any:
    return await api.patch(f"connections/{made['id']}/accounts/{link['id']}", body)


@pytest.mark.usefixtures("bank")
class TestAnAccountThatResemblesOne:
    async def test_waits_for_a_decision_with_its_candidates(self, api: Api) -> None:
        made, known, link = await asked(api)

        assert (link["status"], link["candidates"]) == ("asked", [known["id"]])
        assert (link["account_id"], link["import_id"]) == (None, None)
        assert await count(api, known) == len(BOTH) + len(ONLY_FILE) + 1
        assert known["sync"] is None
        assert (await shown(api, made))["status"] == "active"

    async def test_is_compared_without_a_change(self, api: Api, bank: WrittenBank) -> None:
        made, known, link = await asked(api)
        rows, requests = await count(api, known), bank.requests

        path = f"connections/{made['id']}/accounts/{link['id']}/preview"
        preview = await api.post(path, {"account_id": known["id"]})

        assert preview.status_code == 200, preview.text
        counted = preview.json()
        days = today() - timedelta(29), today()
        assert (counted.pop("date_from"), counted.pop("date_to")) == tuple(map(str, days))
        assert counted == {
            "certain": len(BOTH),
            "to_decide": 1,
            "only_there": len(ONLY_BANK),
            "only_here": len(ONLY_FILE),
        }
        assert bank.requests == requests + 1
        assert await count(api, known) == rows
        assert (await links(api, made))["Everyday"] == link

    async def test_is_linked_without_doubles(self, api: Api) -> None:
        made, known, link = await asked(api)

        linked = (await decide(api, made, link, status="linked", account_id=known["id"])).json()
        await sync(api)

        assert (linked["status"], linked["account_id"]) == ("linked", known["id"])
        (filled,) = (await accounts(api)).values()
        assert filled["sync"]["connection_id"] == made["id"]
        both = len(BOTH) + len(ONLY_FILE) + len(ONLY_BANK)
        assert await count(api, known) == both + 2
        (match,) = await items(api, "matches")
        done = await api.put(f"matches/{match['id']}", {"decision": "confirmed"})
        assert done.status_code == 200
        assert await count(api, known) == both + 1
        # And again: what is known stays known.
        await sync(api, made)
        assert await count(api, known) == both + 1

    async def test_becomes_an_account_of_its_own(self, api: Api) -> None:
        made, known, link = await asked(api)

        added = (await decide(api, made, link, status="new")).json()
        await sync(api)

        assert added["status"] == "linked"
        assert added["account_id"] not in (None, known["id"])
        new = (await accounts(api))["Everyday"]
        assert (new["id"], await count(api, new)) == (
            added["account_id"],
            len(BOTH) + len(ONLY_BANK) + 1,
        )

    async def test_is_ignored(self, api: Api) -> None:
        made, known, link = await asked(api)

        ignored = (await decide(api, made, link, status="ignored")).json()
        await sync(api, made)

        assert (ignored["status"], ignored["candidates"]) == ("ignored", [])
        assert len(await accounts(api)) == 1
        assert await count(api, known) == len(BOTH) + len(ONLY_FILE) + 1
        assert (await links(api, made))["Everyday"]["import_id"] is None

    async def test_is_not_linked_to_what_is_not_there(self, api: Api) -> None:
        made, _, link = await asked(api)
        bob = await Api(delivers=True).enter("bob@example.org")
        body = {"status": "linked", "account_id": str(new_id())}

        assert problem_of(await decide(api, made, link, **body)) == (404, "account-not-found")
        assert problem_of(await decide(bob, made, link, status="ignored")) == (
            404,
            "connection-not-found",
        )
        path = f"connections/{made['id']}/accounts/{link['id']}/preview"
        assert problem_of(await bob.post(path, {"account_id": str(new_id())}))[0] == 404
        missing = await bob.get(f"connections/{made['id']}/accounts")
        assert problem_of(missing) == (404, "connection-not-found")


@pytest.mark.usefixtures("bank")
async def test_a_second_connection_to_the_same_account_asks(api: Api) -> None:
    await api.enter()
    first = await begin(api)
    await sync(api)
    (filled,) = (await links(api, first)).values()
    second = await begin(api)

    await sync(api)

    (again,) = (await links(api, second)).values()
    assert (again["status"], again["candidates"]) == ("asked", [filled["account_id"]])
    assert len(await accounts(api)) == 1
    body = {"status": "linked", "account_id": filled["account_id"]}
    assert problem_of(await decide(api, second, again, **body)) == (409, "link-is-settled")
    # The first one is ended: now the second may fill it.
    await api.delete(f"connections/{first['id']}")
    rows = await count(api, (await accounts(api))["Everyday"])
    assert (await decide(api, second, again, **body)).json()["status"] == "linked"
    await sync(api)
    assert await count(api, (await accounts(api))["Everyday"]) == rows


@pytest.mark.usefixtures("bank")
async def test_what_is_linked_to_one_account_is_not_linked_to_another(api: Api) -> None:
    made, known, link = await asked(api)
    await decide(api, made, link, status="new")

    refused = await decide(api, made, link, status="linked", account_id=known["id"])

    assert problem_of(refused) == (409, "link-is-settled")
