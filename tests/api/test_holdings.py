"""Holdings, net worth, and looking back, over HTTP."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import HoldingModel, SecurityModel
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.container import container
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.net_worth import NetWorth, NetWorthRange
from domain.shared.ids import UserId, new_id
from domain.shared.result import Success
from tests.api.client import Api, problem_of
from tests.contracts.holdings import FIRST, SECOND
from tests.ports import with_ports
from tests.position_reader import PositionReader

MARCH = f"""POSITIONS 500 investment EUR 2026-03-01
balance available 100.00 2026-03-01
row 2026-03-03 -5.00 T1
holding {FIRST} 10.50 120.00
holding {SECOND} -2 -
"""
APRIL = f"""POSITIONS 500 investment EUR 2026-04-01
balance available 90.00 2026-04-01
holding {SECOND} 3 45.00
"""
DOLLARS = f"""POSITIONS 600 investment USD 2026-03-02
holding {FIRST} 1 7.25
"""
UNKNOWN = "POSITIONS 700 checking EUR -\nrow 2026-03-03 -5.00 T1\n"


NO_WORTH: dict[str, list[str]] = {
    "items": [],
    "converted": [],
    "unknown_accounts": [],
    "unknown_currencies": [],
}


async def import_file(api: Api, *texts: str) -> StatementImport:
    """Import positions, which no format imported over HTTP in these tests has."""
    user_id = UserId(UUID((await api.get("users/me")).json()["id"]))
    reading = with_ports(container.use_cases, statement_readers=[PositionReader()])
    use_case = reading.use(ImportPipeline)
    imports: list[StatementImport] = []
    for text in texts:
        done = await use_case(
            ImportRequest(user_id=user_id, file_name="positions.txt", content=text.encode())
        )
        assert isinstance(done, Success)
        imports.append(done.value)
    return imports[-1]


async def numbers(api: Api, path: str = "holdings") -> list[str]:
    response = await api.get(path)
    assert response.status_code == 200
    return [each["security"]["number"] for each in response.json()["items"]]


async def accounts(api: Api, query: str = "") -> dict[str, Any]:
    """Return the user's accounts by the end of their number."""
    items = (await api.get(f"accounts{query}")).json()["items"]
    return {each["number"][-1:]: each for each in items}


def at(moment: datetime) -> str:
    return f"as_of={quote(moment.isoformat(), safe='')}"


class TestHoldings:
    async def test_have_every_stated_value(self, api: Api) -> None:
        await api.enter()
        done = await import_file(api, MARCH)

        body = (await api.get("holdings")).json()

        first, second = body["items"]
        security = first.pop("security")
        row = await SecurityModel.objects.aget(number=FIRST)
        assert security == {
            "scheme": "ISIN",
            "number": FIRST,
            "name": f"Fund {FIRST}",
            "ticker": "FND",
        }
        holding = await HoldingModel.objects.aget(security=row)
        assert first == {
            "id": str(holding.id),
            "account_id": str(done.statements[0].account_id),
            "import_id": str(done.id),
            "day": "2026-03-01",
            "security_id": str(row.id),
            "quantity": "10.5",
            "currency": "EUR",
            "price": None,
            "value": "120.00",
            "cost_basis": None,
        }
        assert (second["quantity"], second["value"]) == ("-2", None)
        assert body["next_cursor"] is None

    async def test_can_be_limited_to_one_account(self, api: Api) -> None:
        await api.enter()
        await import_file(api, MARCH, DOLLARS)
        ids = [each["id"] for each in (await api.get("accounts")).json()["items"]]

        assert await numbers(api, f"accounts/{ids[0]}/holdings") == [FIRST, SECOND]
        assert await numbers(api, f"accounts/{ids[1]}/holdings") == [FIRST]
        assert await numbers(api) == [FIRST, SECOND, FIRST]

    async def test_close_when_sold_and_reopen_on_undo(self, api: Api) -> None:
        await api.enter()
        april = await import_file(api, MARCH, APRIL)
        assert await numbers(api) == [SECOND]

        assert (await api.delete(f"imports/{april.id}")).status_code == 200

        assert await numbers(api) == [FIRST, SECOND]

    async def test_are_paged(self, api: Api) -> None:
        await api.enter()
        await import_file(api, MARCH, DOLLARS)

        page = (await api.get("holdings?limit=2")).json()
        rest = (await api.get(f"holdings?limit=2&cursor={page['next_cursor']}")).json()

        whole = (await api.get("holdings")).json()["items"]
        assert page["items"] + rest["items"] == whole
        assert (len(page["items"]), rest["next_cursor"]) == (2, None)

    @pytest.mark.parametrize("path", ["holdings", "accounts/{}/holdings"])
    @pytest.mark.parametrize(
        ("query", "kind"),
        [
            ("limit=0", "invalid-query"),
            ("limit=501", "invalid-query"),
            ("cursor=first", "invalid-cursor"),
            ("page=2", "invalid-query"),
            ("as_of=2026-03-01&as_of=2026-03-02", "invalid-query"),
            ("as_of=%00", "invalid-query"),
            ("as_of=", "invalid-as-of"),
            ("as_of=yesterday", "invalid-as-of"),
            ("as_of=2026-02-30", "invalid-as-of"),
            ("as_of=2026-03-01T12:00:00", "invalid-as-of"),
            ("as_of=9999-12-31T23:59:59-23:59", "invalid-as-of"),
        ],
    )
    async def test_refuse_an_invalid_query(
        self, api: Api, path: str, query: str, kind: str
    ) -> None:
        await api.enter()

        response = await api.get(f"{path.format(new_id())}?{query}")

        assert problem_of(response) == (422, kind)

    async def test_of_a_missing_account_are_not_found(self, api: Api) -> None:
        await api.enter()

        response = await api.get(f"accounts/{new_id()}/holdings")

        assert problem_of(response) == (404, "account-not-found")


class TestLookingBack:
    async def test_to_a_date(self, api: Api) -> None:
        await api.enter()
        await import_file(api, MARCH, APRIL)
        account = (await accounts(api))["0"]
        holdings = f"accounts/{account['id']}/holdings"
        balances = f"accounts/{account['id']}/stated-balances"

        for path in ("holdings", holdings):
            assert await numbers(api, f"{path}?as_of=2026-03-31") == [FIRST, SECOND]
            assert await numbers(api, f"{path}?as_of=2026-04-01") == [SECOND]
            assert await numbers(api, f"{path}?as_of=2026-02-28") == []
        then = (await api.get(f"{balances}?as_of=2026-03-31")).json()["items"]
        assert [each["amount"] for each in then] == ["100.00"]
        assert len((await api.get(balances)).json()["items"]) == 2

    async def test_to_an_instant_before_and_after_an_undo(self, api: Api) -> None:
        await api.enter()
        moments = [datetime.now(UTC)]
        await import_file(api, MARCH)
        moments.append(datetime.now(UTC))
        april = await import_file(api, APRIL)
        moments.append(datetime.now(UTC))
        await api.delete(f"imports/{april.id}")
        moments.append(datetime.now(UTC))
        account_id = april.statements[0].account_id

        past = [await numbers(api, f"holdings?{at(moment)}") for moment in moments]
        balances = [
            (await api.get(f"accounts/{account_id}/stated-balances?{at(moment)}")).json()["items"]
            for moment in moments
        ]

        assert past == [[], [FIRST, SECOND], [SECOND], [FIRST, SECOND]]
        stated = [[each["amount"] for each in items] for items in balances]
        assert stated == [[], ["100.00"], ["90.00", "100.00"], ["100.00"]]

    async def test_shows_past_balances_of_accounts(self, api: Api) -> None:
        await api.enter()
        first = MARCH.replace("available", "booked")
        await import_file(api, first)
        between = datetime.now(UTC)
        done = await import_file(api, APRIL.replace("available", "booked"))
        address = f"accounts/{done.statements[0].account_id}"

        for query, amount in (
            ("as_of=2026-02-28", "100.00"),
            ("as_of=2026-03-02", "100.00"),
            ("as_of=2026-03-31", "95.00"),
            (at(between), "95.00"),
            (at(between.astimezone()), "95.00"),
            ("as_of=2026-04-01", "90.00"),
            (at(datetime.now(UTC)), "90.00"),
        ):
            answer = (await api.get(f"{address}?{query}")).json()
            assert answer["balance"]["amount"] == amount
            assert (await accounts(api, f"?{query}"))["0"] == answer
        # The account was added later.
        assert await accounts(api, f"?{at(datetime(2026, 3, 1, tzinfo=UTC))}") == {}

    @pytest.mark.parametrize("path", ["accounts", "accounts/{}", "accounts/{}/balances"])
    async def test_refuses_the_future(self, api: Api, path: str) -> None:
        await api.enter()
        tomorrow = at(datetime.now(UTC) + timedelta(days=1))

        for query in (tomorrow, "as_of=2026-03-01T12:00:00"):
            response = await api.get(f"{path.format(new_id())}?{query}")
            assert problem_of(response) == (422, "invalid-as-of")


class TestNetWorth:
    async def test_is_listed_by_day_and_currency(self, api: Api) -> None:
        await api.enter()
        await import_file(api, MARCH, DOLLARS, UNKNOWN)

        body = (await api.get("net-worth?date_from=2026-03-01&date_to=2026-03-03")).json()

        net_worth = [tuple(each.values()) for each in body["items"]]
        assert list(body["items"][0]) == [
            *("day", "currency", "cash", "holdings", "total", "holdings_without_value")
        ]
        assert net_worth == [
            ("2026-03-01", "EUR", "100.00", "120.00", "220.00", 1),
            ("2026-03-02", "EUR", "100.00", "120.00", "220.00", 1),
            ("2026-03-02", "USD", "0.00", "7.25", "7.25", 0),
            ("2026-03-03", "EUR", "95.00", "120.00", "215.00", 1),
            ("2026-03-03", "USD", "0.00", "7.25", "7.25", 0),
        ]
        unknown = [each["id"] for each in (await api.get("accounts")).json()["items"]][2]
        assert body["unknown_accounts"] == [unknown]

    async def test_covers_the_last_thirty_days_by_default(self, api: Api) -> None:
        await api.enter()
        await import_file(api, MARCH)

        items = (await api.get("net-worth")).json()["items"]

        today = datetime.now(UTC).date()
        assert len(items) == 30
        assert date.fromisoformat(items[-1]["day"]) in (today, today - timedelta(1))

    async def test_of_an_empty_ledger_is_empty(self, api: Api) -> None:
        await api.enter()

        assert (await api.get("net-worth")).json() == NO_WORTH

    @pytest.mark.parametrize(
        ("query", "kind"),
        [
            ("date_from=2026-03-02&date_to=2026-03-01", "invalid-period"),
            ("date_from=2025-03-01&date_to=2026-03-02", "invalid-period"),
            ("date_from=0001-01-01", "invalid-period"),
            ("date_from=yesterday", "invalid-query"),
            ("date_from=1772323200", "invalid-query"),
            ("date_to=2026-02-30", "invalid-query"),
            ("as_of=yesterday", "invalid-as-of"),
            ("date_to=2026-03-01&date_to=2026-03-02", "invalid-query"),
        ],
    )
    async def test_refuses_impossible_periods(self, api: Api, query: str, kind: str) -> None:
        await api.enter()

        assert problem_of(await api.get(f"net-worth?{query}")) == (422, kind)

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    async def test_can_be_asked_for_any_date(self, api: Api, day: str) -> None:
        await api.enter()
        await import_file(api, MARCH)

        response = await api.get(f"net-worth?date_from={day}&date_to={day}")

        assert response.status_code == 200
        assert [each["day"] for each in response.json()["items"]] == [day]


@pytest.mark.parametrize(
    ("path", "action", "details"),
    [
        ("holdings", "holdings.viewed", {"count": 2}),
        ("net-worth", "net_worth.viewed", {"days": 30}),
    ],
)
async def test_a_read_is_audited(api: Api, path: str, action: str, details: dict[str, int]) -> None:
    await api.enter()
    await import_file(api, MARCH)

    await api.get(path)

    entry = await AuditEntryModel.objects.aget(action=action)
    assert (entry.result, entry.details) == ("success", details)


async def test_another_user_has_none(locked: str) -> None:
    ada = await Api().enter()
    done = await import_file(ada, MARCH)
    eve = await Api().enter("eve@example.org")

    response = await eve.get(f"accounts/{done.statements[0].account_id}/holdings")

    assert problem_of(response) == (404, "account-not-found")
    assert await numbers(eve) == []
    assert (await eve.get("net-worth")).json() == NO_WORTH


async def test_policies_alone_hide_net_worth_from_others(api: Api) -> None:
    ada = await api.enter()
    done = await import_file(ada, MARCH)
    eve = await Api().enter("eve@example.org")
    stranger = UserId(UUID((await eve.get("users/me")).json()["id"]))
    period = NetWorthRange(date(2026, 3, 1), date(2026, 3, 1))

    async with container.ports.unit_of_work(owner=stranger):
        found = await container.ports.net_worth.by_day(period, owner=done.user_id)

    assert found == Success(NetWorth([], []))
