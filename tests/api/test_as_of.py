"""Transactions as they were, over HTTP, on a database that commits."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from domain.shared.ids import new_id
from tests.api.client import Api, problem_of
from tests.statements import days, ofx, statement


@pytest.fixture
def committing(committing_database: str) -> Api:
    return Api(delivers=True)


async def _imported(api: Api, count: int = 4) -> str:
    """Import some transactions, and return the path of those of their account."""
    await api.enter()
    await api.upload(ofx(statement(*days(count))))
    account_id = (await api.get("accounts")).json()["items"][0]["id"]
    return f"accounts/{account_id}/transactions"


async def _recorded(api: Api) -> list[str]:
    """Return when each change was recorded, according to the feed."""
    page = (await api.get("changes?limit=500")).json()
    return [item["recorded_at"] for item in page["items"]]


async def _days(api: Api, path: str) -> list[str]:
    response = await api.get(path)
    assert response.status_code == 200, response.text
    return [row["booking_date"][-2:] for row in response.json()["items"]]


async def test_a_date_shows_what_was_booked_by_then(api: Api) -> None:
    path = await _imported(api)

    assert await _days(api, f"{path}?as_of=2026-03-02") == ["02", "01"]
    assert await _days(api, f"{path}?as_of=2026-03-03&date_to=2026-03-02") == ["02", "01"]
    assert await _days(api, f"{path}?as_of=2026-03-02&date_to=2026-03-03") == ["02", "01"]
    assert await _days(api, f"{path}?as_of=2026-02-28") == []
    assert await _days(api, f"{path}?as_of=2099-01-01") == ["04", "03", "02", "01"]


async def test_a_transaction_is_found_from_its_date_on(api: Api) -> None:
    path = await _imported(api, 1)
    row = (await api.get(path)).json()["items"][0]

    before = await api.get(f"transactions/{row['id']}?as_of=2026-02-28")
    on_the_day = await api.get(f"transactions/{row['id']}?as_of=2026-03-01")

    assert problem_of(before) == (404, "transaction-not-found")
    assert on_the_day.json()["transaction"] == row


async def test_an_instant_shows_what_was_known_then(committing: Api) -> None:
    path = await _imported(committing)
    moment = max(await _recorded(committing))
    rows = (await committing.get(path)).json()["items"]
    await committing.patch(f"transactions/{rows[0]['id']}", {"note": "gift"})
    await committing.delete(f"transactions/{rows[1]['id']}")
    await committing.upload(ofx(statement(*days(6))))

    then = (await committing.get(f"{path}?as_of={moment}")).json()
    assert then["items"] == rows
    assert await _days(committing, path) == ["06", "05", "04", "02", "01"]
    for row in rows:
        answer = await committing.get(f"transactions/{row['id']}?as_of={moment}")
        assert answer.json()["transaction"] == row
    deleted = await committing.get(f"transactions/{rows[1]['id']}")
    assert problem_of(deleted) == (404, "transaction-not-found")


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_pages_of_the_past_are_complete(committing: Api, limit: int) -> None:
    path = await _imported(committing, 5)
    moment = quote(max(await _recorded(committing)))
    rows = (await committing.get(path)).json()["items"]
    for row in rows[::2]:
        await committing.delete(f"transactions/{row['id']}")

    seen, cursor = [], ""
    for _ in range(-(-5 // limit)):
        more = f"&cursor={cursor}" if cursor else ""
        page = (await committing.get(f"{path}?as_of={moment}&limit={limit}{more}")).json()
        seen += page["items"]
        cursor = page["next_cursor"] or ""

    assert (seen, cursor) == (rows, "")
    assert await _days(committing, path) == ["04", "02"]


async def test_before_the_first_import_nothing_was_known(committing: Api) -> None:
    path = await _imported(committing)

    assert await _days(committing, f"{path}?as_of=2020-01-01T00:00:00Z") == []


TOMORROW = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%dT00:00:00Z}"


@pytest.mark.parametrize(
    "as_of",
    [
        *("", "yesterday", "2026-02-30", "20260301", "2026-W10-1", "2026-03-01%00"),
        *("2026-03-01T12:00:00", "2026-03-01T25:00:00Z", "2026-03-01T12:00:00+01:00", TOMORROW),
    ],
)
async def test_a_future_or_invalid_instant_is_refused(api: Api, as_of: str) -> None:
    path = await _imported(api)
    status, kind = problem_of(await api.get(f"{path}?as_of={as_of}"))
    assert (status, kind) in [(422, "invalid-as-of"), (422, "invalid-query")]
    repeated = problem_of(await api.get(f"transactions/{new_id()}?as_of={as_of}"))
    assert repeated == (status, kind)


async def test_another_users_account_has_no_past(committing: Api) -> None:
    path = await _imported(committing)
    moment = max(await _recorded(committing))
    row = (await committing.get(path)).json()["items"][0]
    eve = await Api(delivers=True).enter("eve@example.org")

    assert problem_of(await eve.get(f"{path}?as_of={moment}")) == (404, "account-not-found")
    answer = await eve.get(f"transactions/{row['id']}?as_of={moment}")
    assert problem_of(answer) == (404, "transaction-not-found")
