"""What servers of SimpleFIN change afterwards, in documents that list their days in full."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.api.client import Api
from tests.simplefin import DAY, fetched, row

#: More transactions, so that nothing is decided by a single row.
OTHERS = [
    row(f"O-{number}", f"-{number}.10", DAY - timedelta(number % 15), f"Shop {number}")
    for number in range(1, 21)
]
NEXT = DAY + timedelta(1)


async def sync(api: Api, *rows: Any, last: date = DAY, **more: Any) -> dict[str, Any]:
    done = await api.upload(fetched(*rows, last=last, **more))
    assert done.status_code == 201, done.text
    counts: dict[str, Any] = done.json()
    return counts


async def listed(api: Api) -> list[tuple[str, str, str, str]]:
    """Return day, amount, text and status of all transactions but the usual ones."""
    (account,) = (await api.get("accounts")).json()["items"]
    found = (await api.get(f"accounts/{account['id']}/transactions?limit=100")).json()["items"]
    return sorted(
        (each["booking_date"], each["amount"], each["description"], each["status"])
        for each in found
        if not each["description"].startswith("Shop")
    )


COFFEE = (DAY.isoformat(), "-12.50", "Coffee house", "posted")


async def test_the_account_is_called_as_its_bank_calls_it(api: Api) -> None:
    await api.enter()
    await sync(api, row("C"))

    (account,) = (await api.get("accounts")).json()["items"]

    assert account["name"] == "Savings"
    assert account["institution"] == "Bank"


async def test_twenty_ids_that_are_issued_again_are_no_new_transactions(api: Api) -> None:
    await api.enter()
    assert (await sync(api, *OTHERS))["new"] == 20

    again = await sync(api, *({**each, "id": f"new-{each['id']}"} for each in OTHERS), last=NEXT)
    once_more = await sync(api, *OTHERS, last=NEXT + timedelta(1))

    assert (again["new"], again["conflict"]) == (0, 0)
    assert (once_more["new"], once_more["conflict"]) == (0, 0)


async def test_a_pending_row_that_is_not_listed_any_more_is_over_until_it_returns(
    api: Api,
) -> None:
    await api.enter()
    pending = row("P", pending=True)
    await sync(api, *OTHERS, pending)
    assert [each[3] for each in await listed(api)] == ["pending"]

    await sync(api, *OTHERS, last=NEXT)
    assert await listed(api) == []

    await sync(api, *OTHERS, pending, last=NEXT + timedelta(1))
    assert [each[3] for each in await listed(api)] == ["pending"]


async def test_an_incomplete_document_ends_nothing(api: Api) -> None:
    await api.enter()
    await sync(api, *OTHERS, row("P", pending=True))

    await sync(api, *OTHERS, last=NEXT, is_complete=False)

    assert [each[3] for each in await listed(api)] == ["pending"]


@pytest.mark.parametrize("id", ["P", "another"])
async def test_a_pending_row_is_booked_once_also_under_another_id(api: Api, id: str) -> None:
    await api.enter()
    await sync(api, *OTHERS, row("P", pending=True))

    done = await sync(api, *OTHERS, row(id), last=NEXT)

    assert (done["new"], done["updates"]) == (0, 1)
    assert await listed(api) == [COFFEE]


@pytest.mark.parametrize("id", ["P", "another"])
async def test_a_tip_changes_the_amount_of_a_pending_row(api: Api, id: str) -> None:
    await api.enter()
    await sync(api, *OTHERS, row("P", "-10.00", pending=True))

    await sync(api, *OTHERS, row(id), last=NEXT)

    assert await listed(api) == [COFFEE]


@pytest.mark.parametrize("id", ["C", "another"])
async def test_a_day_that_is_moved_makes_no_second_transaction(api: Api, id: str) -> None:
    await api.enter()
    await sync(api, *OTHERS, row("C", day=DAY - timedelta(5)))

    moved = await sync(api, *OTHERS, row(id, day=DAY - timedelta(4)), last=NEXT)

    assert (moved["new"], moved["conflict"]) == (0, 0)
    assert len(await listed(api)) == 1


async def test_two_equal_coffees_stay_two(api: Api) -> None:
    await api.enter()
    first = await sync(api, *OTHERS, row("C-1"), row("C-2"))
    again = await sync(api, *OTHERS, row("C-1"), row("C-2"), last=NEXT)
    reissued = await sync(api, *OTHERS, row("C-3"), row("C-4"), last=NEXT + timedelta(1))

    assert (first["new"], again["new"], reissued["new"]) == (22, 0, 0)
    assert await listed(api) == [COFFEE, COFFEE]


async def test_a_second_equal_coffee_is_new(api: Api) -> None:
    await api.enter()
    await sync(api, *OTHERS, row("C-1"))

    done = await sync(api, *OTHERS, row("C-1"), row("C-2"), last=NEXT)

    assert done["new"] == 1
    assert await listed(api) == [COFFEE, COFFEE]
