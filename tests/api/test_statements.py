"""Statements of an account over HTTP, and whether they follow one another."""

import pytest

from adapters.audit.models import AuditEntryModel
from domain.shared.ids import new_id
from tests.api.client import Api, problem_of
from tests.camt import WEEK, day_of_march


async def account_of(api: Api, *files: bytes) -> tuple[str, list[str]]:
    """Import these files; return the address of their account, and their imports."""
    done = [(await api.upload(file, name="day.xml")).json() for file in files]
    (account,) = {statement["account_id"] for each in done for statement in each["statements"]}
    return f"accounts/{account}", [each["id"] for each in done]


class TestStatements:
    async def test_are_listed_latest_day_first(self, api: Api) -> None:
        await api.enter()
        account, imports = await account_of(api, *WEEK)

        page = (await api.get(f"{account}/statements?limit=3")).json()
        rest = (await api.get(f"{account}/statements?cursor={page['next_cursor']}")).json()

        listed = [*page["items"], *rest["items"]]
        assert [each["import_id"] for each in listed] == imports[::-1]
        assert listed[0]["closing"]["day"] == "2026-03-04"
        assert {
            key: listed[0][key] for key in ("number", "opening", "closing", "reconciliation", "new")
        } == {
            "number": "7",
            "opening": {"amount": "95.00", "currency": "EUR", "day": "2026-03-04"},
            "closing": {"amount": "300.00", "currency": "EUR", "day": "2026-03-04"},
            "reconciliation": "balanced",
            "new": 1,
        }
        assert rest["next_cursor"] is None

    async def test_can_be_filtered_by_reconciliation(self, api: Api) -> None:
        await api.enter()
        account, _ = await account_of(api, WEEK[0], day_of_march(2, "110", "90", moved="-21"))

        (only,) = (await api.get(f"{account}/statements?reconciliation=unbalanced")).json()["items"]

        assert (only["reconciliation"], only["first_day"]) == ("unbalanced", "2026-03-01")

    @pytest.mark.parametrize(
        "query", ["reconciliation=maybe", "limit=0", "limit=501", "cursor=x", "page=2"]
    )
    async def test_refuse_an_invalid_query(self, api: Api, query: str) -> None:
        await api.enter()
        account, _ = await account_of(api, WEEK[0])

        assert (await api.get(f"{account}/statements?{query}")).status_code == 422

    @pytest.mark.parametrize("what", ["statements", "continuity"])
    async def test_of_another_user_are_not_found(self, api: Api, what: str) -> None:
        await api.enter()
        account, _ = await account_of(api, *WEEK)
        eve = await Api().enter("eve@example.org")

        for address in (account, f"accounts/{new_id()}"):
            response = await eve.get(f"{address}/{what}")
            assert problem_of(response) == (404, "account-not-found")
        assert problem_of(await Api().get(f"{account}/{what}"))[0] == 401

    async def test_are_audited_when_read(self, api: Api) -> None:
        await api.enter()
        account, _ = await account_of(api, *WEEK)

        await api.get(f"{account}/statements")
        await api.get(f"{account}/continuity")

        entries = await AuditEntryModel.objects.aget(action="statements.viewed")
        assert entries.details == {"count": 4}
        assert await AuditEntryModel.objects.filter(action="continuity.viewed").acount() == 1


class TestContinuity:
    async def test_is_complete_if_nothing_is_missing(self, api: Api) -> None:
        await api.enter()
        account, _ = await account_of(api, *WEEK, *WEEK)

        assert (await api.get(f"{account}/continuity")).json() == {
            "statements": 4,
            "linked": 3,
            "gaps": 0,
            "overlaps": 0,
            "unbalanced": 0,
            "unknown": 0,
            "discrepancies": [],
            "unbalanced_statements": [],
            "ledger_unbalanced": 0,
            "ledger_unbalanced_statements": [],
        }

    async def test_lists_what_is_missing(self, api: Api) -> None:
        await api.enter()
        account, imports = await account_of(api, WEEK[3], WEEK[0])

        continuity = (await api.get(f"{account}/continuity")).json()

        (gap,) = continuity["discrepancies"]
        ends = {side: gap.pop(side) for side in ("before", "after")}
        assert gap == {
            "kind": "gap",
            "first_day": "2026-03-02",
            "last_day": "2026-03-03",
            "difference": "-15.00",
            "currency": "EUR",
            "missing_numbers": [],
        }
        assert [ends[side]["import_id"] for side in ("before", "after")] == imports[::-1]
        assert (continuity["linked"], continuity["gaps"]) == (0, 1)

    async def test_is_restored_by_the_missing_statement_and_lost_with_it(self, api: Api) -> None:
        await api.enter()
        account, imports = await account_of(api, *WEEK)

        assert (await api.delete(f"imports/{imports[1]}")).status_code == 200

        continuity = (await api.get(f"{account}/continuity")).json()
        assert [each["first_day"] for each in continuity["discrepancies"]] == ["2026-03-02"]
        await api.upload(WEEK[1])
        assert (await api.get(f"{account}/continuity")).json()["discrepancies"] == []

    async def test_lists_the_latest_discrepancies_and_unbalanced_statements(self, api: Api) -> None:
        await api.enter()
        account, _ = await account_of(api, WEEK[0], WEEK[2], day_of_march(6, "1", "2", moved="5"))

        continuity = (await api.get(f"{account}/continuity?limit=1")).json()

        assert [each["first_day"] for each in continuity["discrepancies"]] == ["2026-03-04"]
        assert [each["reconciliation"] for each in continuity["unbalanced_statements"]] == [
            "unbalanced"
        ]
        assert (continuity["gaps"], continuity["unbalanced"]) == (2, 1)
        assert (await api.get(f"{account}/continuity?limit=0")).status_code == 422
