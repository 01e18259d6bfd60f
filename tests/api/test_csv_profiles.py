"""Profiles of CSV files over HTTP."""

import asyncio
from typing import Any

import pytest

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import CsvProfileModel, ImportModel
from dashtam.container import container
from domain.shared.ids import new_id
from tests.api.client import Api, Reply, problem_of
from tests.csv_profiles import APRIL, BODY, MARCH

HINTS = {"currency": "EUR", "account_name": "Card"}
ANSWERED = {**HINTS, "date_order": "month_first", "charges_positive": "true"}


async def saved_by(api: Api, name: str = "My card", **changes: Any) -> str:
    response = await api.post("csv-profiles", {"name": name, "profile": {**BODY, **changes}})
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def put(api: Api, profile_id: object, body: dict[str, Any]) -> Reply:
    return await api.call(
        "put", f"csv-profiles/{profile_id}", data=body, content_type="application/json"
    )


async def amounts_of(api: Api) -> list[str]:
    found = []
    for account in (await api.get("accounts")).json()["items"]:
        page = (await api.get(f"accounts/{account['id']}/transactions")).json()
        found += [each["amount"] for each in page["items"]]
    return sorted(found)


class TestSaving:
    async def test_a_profile_is_saved_shown_changed_and_deleted(self, api: Api) -> None:
        await api.enter()
        saved = await api.post("csv-profiles", {"name": "My card", "profile": BODY})
        expected = {"id": saved.json()["id"], "name": "My card", "profile": BODY}
        address = f"csv-profiles/{expected['id']}"

        assert (saved.status_code, saved.json()) == (201, expected)
        assert (await api.get(address)).json() == expected
        assert (await api.get("csv-profiles")).json() == {"items": [expected]}

        other = {"name": "Old card", "profile": {**BODY, "decimal_mark": ",", "delimiter": ";"}}
        changed = await put(api, expected["id"], other)

        assert (changed.status_code, changed.json()) == (200, {"id": expected["id"], **other})
        assert (await api.get(address)).json() == {"id": expected["id"], **other}
        assert (await api.delete(address)).status_code == 204
        assert problem_of(await api.get(address)) == (404, "csv-profile-not-found")
        assert problem_of(await api.delete(address)) == (404, "csv-profile-not-found")
        assert (await api.get("csv-profiles")).json() == {"items": []}

    async def test_lists_by_name(self, api: Api) -> None:
        await api.enter()
        for name in ("b", "a"):
            await saved_by(api, name)

        items = (await api.get("csv-profiles")).json()["items"]

        assert [each["name"] for each in items] == ["a", "b"]

    async def test_audit_entries_have_no_personal_text(self, api: Api) -> None:
        await api.enter()
        profile_id = await saved_by(api, "Secret bank")
        await api.get("csv-profiles")
        await put(api, profile_id, {"name": "Another", "profile": BODY})
        await api.delete(f"csv-profiles/{profile_id}")

        entries = AuditEntryModel.objects.filter(resource_type="csv_profile").order_by("id")
        recorded = [(each.action, each.details) async for each in entries]

        assert recorded == [
            ("csv_profile.saved", {}),
            ("csv_profiles.viewed", {"count": 1}),
            ("csv_profile.changed", {}),
            ("csv_profile.deleted", {}),
        ]

    async def test_a_name_is_unique(self, api: Api) -> None:
        await api.enter()
        await saved_by(api)
        second = await saved_by(api, "Second")

        repeated = await api.post("csv-profiles", {"name": "My card", "profile": BODY})

        assert problem_of(repeated) == (409, "csv-profile-exists")
        renamed = await put(api, second, {"name": "My card", "profile": BODY})
        assert problem_of(renamed) == (409, "csv-profile-exists")
        assert await CsvProfileModel.objects.acount() == 2

    async def test_another_users_profile_is_not_found(self, api: Api) -> None:
        await api.enter()
        bob = await Api().enter("bob@example.org")
        theirs = await saved_by(bob)
        missing = (404, "csv-profile-not-found")
        ours = {**HINTS, "csv_profile_id": theirs}

        assert problem_of(await api.get(f"csv-profiles/{theirs}")) == missing
        assert problem_of(await put(api, theirs, {"name": "x", "profile": BODY})) == missing
        assert problem_of(await api.delete(f"csv-profiles/{theirs}")) == missing
        for path in ("imports", "imports/preview"):
            response = await api.upload(MARCH, name="march.csv", path=path, fields=ours)
            assert problem_of(response) == missing
        assert (await api.get("csv-profiles")).json() == {"items": []}
        assert (await bob.get(f"csv-profiles/{theirs}")).json()["name"] == "My card"
        # Their name is free for others.
        await saved_by(api)

    async def test_a_session_is_required(self, api: Api) -> None:
        responses = [
            await api.get("csv-profiles"),
            await api.post("csv-profiles", {"name": "x", "profile": BODY}),
            await api.get(f"csv-profiles/{new_id()}"),
            await put(api, new_id(), {"name": "x", "profile": BODY}),
            await api.delete(f"csv-profiles/{new_id()}"),
            await api.upload(MARCH, path="csv-profiles/detect"),
        ]

        assert {problem_of(each) for each in responses} == {(401, "token-missing")}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("delimiter", "x"),
            ("delimiter", ""),
            ("decimal_mark", "'"),
            ("encoding", "zip"),
            ("encoding", "rot13"),
            ("encoding", 7),
            ("header_rows", -1),
            ("header_rows", 500),
            ("header_rows", "1"),
            ("header_rows", True),
            ("header", ["x"] * 501),
            ("header", ["x" * 1001]),
            ("header", ["NUL \0"]),
            ("header", ["half \ud800"]),
            ("header", "Posted"),
            ("date_order", "sideways"),
            ("charges_positive", "true"),
            ("balance_signs", True),
            ("columns", {}),
            ("columns", {"booking_date": 0}),
            ("columns", {"booking_date": 0, "amount": 0}),
            ("columns", {"booking_date": 0, "amount": -1}),
            ("columns", {"booking_date": 0, "amount": 500}),
            ("columns", {"booking_date": 0, "amount": "1"}),
            ("columns", {"booking_date": 0, "amount": 1.5}),
            ("columns", {"booking_date": 0, "amount": 1, "mood": 2}),
            ("columns", {"booking_date": 0, "debit": 1}),
            ("columns", {"booking_date": 0, "amount": 1, "debit": 2, "credit": 3}),
            ("unknown", 1),
        ],
    )
    async def test_an_invalid_profile_is_refused(self, api: Api, field: str, value: Any) -> None:
        await api.enter()
        profile_id = await saved_by(api, "kept")
        body = {"name": "x", "profile": {**BODY, field: value}}

        assert (await api.post("csv-profiles", body)).status_code == 422
        assert problem_of(await put(api, profile_id, body))[0] == 422
        assert await CsvProfileModel.objects.acount() == 1

    @pytest.mark.parametrize("name", ["", " ", "x" * 256, "a\0", 7, None])
    async def test_a_name_must_be_printable(self, api: Api, name: Any) -> None:
        await api.enter()

        assert problem_of(await api.post("csv-profiles", {"name": name, "profile": BODY}))[0] == 422


class TestJourney:
    FOUND = {
        "profile": BODY,
        "rows": [
            {
                "line": 2,
                "booking_date": "2026-03-04",
                "amount": "-12.50",
                "currency": "EUR",
                "description": "Coffee house",
            },
            {
                "line": 3,
                "booking_date": "2026-03-05",
                "amount": "-2.50",
                "currency": "EUR",
                "description": "Tea house",
            },
        ],
        "quarantined": [],
        "questions": [],
    }

    async def test_a_question_is_asked_until_it_is_answered(self, api: Api) -> None:
        await api.enter()
        for path in ("imports", "imports/preview"):
            answer = await api.upload(MARCH, name="march.csv", path=path, fields=HINTS)
            assert problem_of(answer) == (422, "hint-needed")
            assert "say their order" in answer.json()["detail"]

        more = {**HINTS, "date_order": "month_first"}
        answer = await api.upload(MARCH, name="march.csv", path="csv-profiles/detect", fields=more)
        assert answer.json() == {
            "profile": None,
            "rows": [],
            "quarantined": [],
            "questions": [
                {
                    "field": "charges_positive",
                    "reason": "No amount under “Charge” has a sign:"
                    " say whether charges are positive.",
                    "options": ["true", "false"],
                    "suggestion": "true",
                    "columns": ["Charge"],
                    "examples": [
                        "03/04/2026 · 12.50 · Coffee house",
                        "03/05/2026 · 2.50 · Tea house",
                    ],
                }
            ],
        }

    async def test_a_question_is_answered_once(self, api: Api) -> None:
        await api.enter()
        found = await api.upload(
            MARCH, name="march.csv", path="csv-profiles/detect", fields=ANSWERED
        )
        assert found.status_code == 200
        assert found.json() == self.FOUND
        assert await CsvProfileModel.objects.acount() == await ImportModel.objects.acount() == 0

        saved = {"name": "My card", "profile": found.json()["profile"]}
        assert (await api.post("csv-profiles", saved)).status_code == 201
        for content in (MARCH, APRIL):
            done = await api.upload(content, name="month.csv", fields=HINTS)
            assert done.status_code == 201, done.text
        assert await amounts_of(api) == ["-12.50", "-2.50", "-7.25"]

    async def test_answers_may_accompany_the_file(self, api: Api) -> None:
        await api.enter()

        done = await api.upload(MARCH, name="march.csv", fields=ANSWERED)

        assert done.status_code == 201, done.text
        assert await amounts_of(api) == ["-12.50", "-2.50"]

    async def test_a_decimal_mark_is_an_answer(self, api: Api) -> None:
        await api.enter()
        content = b"Date;Amount;Currency\n2026-03-04;-1,234;EUR\n"
        hints = {"account_name": "Card"}
        answer = await api.upload(content, name="a.csv", fields=hints)
        assert problem_of(answer) == (422, "hint-needed")

        done = await api.upload(content, name="a.csv", fields={**hints, "decimal_mark": ","})

        assert done.status_code == 201, done.text
        assert await amounts_of(api) == ["-1.234"]

    async def test_a_preview_shows_how_the_file_is_read(self, api: Api) -> None:
        await api.enter()

        found = await api.upload(MARCH, name="a.csv", path="imports/preview", fields=ANSWERED)

        assert found.json()["csv_profile"] == BODY
        profile_id = await saved_by(api, charges_positive=False)
        by_header = await api.upload(MARCH, name="a.csv", path="imports/preview", fields=HINTS)
        assert by_header.json()["csv_profile"] == {**BODY, "charges_positive": False}
        fields = {**HINTS, "csv_profile_id": profile_id}
        by_name = await api.upload(MARCH, name="a.csv", path="imports/preview", fields=fields)
        assert by_name.json()["csv_profile"] == by_header.json()["csv_profile"]

    async def test_a_corrected_profile_is_used_from_then_on(self, api: Api) -> None:
        await api.enter()
        profile_id = await saved_by(api, charges_positive=False)
        await put(api, profile_id, {"name": "My card", "profile": BODY})

        await api.upload(MARCH, name="march.csv", fields=HINTS)

        assert await amounts_of(api) == ["-12.50", "-2.50"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("decimal_mark", ";"),
            ("decimal_mark", ""),
            ("charges_positive", "maybe"),
            ("csv_profile_id", "mine"),
        ],
    )
    async def test_an_invalid_answer_is_refused(self, api: Api, field: str, value: str) -> None:
        await api.enter()

        for path in ("imports", "imports/preview", "csv-profiles/detect"):
            response = await api.upload(MARCH, path=path, fields={**ANSWERED, field: value})
            assert problem_of(response) == (422, "invalid-body")

    async def test_only_csv_has_a_profile(self, api: Api) -> None:
        await api.enter()

        response = await api.upload(b"<OFX></OFX>", path="csv-profiles/detect")

        assert problem_of(response) == (422, "unreadable-statement")
        assert response.json()["detail"] == "The file is not CSV."


async def test_one_of_two_concurrent_profiles_with_one_name_is_refused(
    committing_database: str,
) -> None:
    api = await Api().enter()
    profiles = [await saved_by(api, name) for name in ("a", "b", "c", "d")]
    body = {"name": "same", "profile": BODY}

    replies = await asyncio.gather(*(put(api, each, body) for each in profiles))

    assert sorted(each.status_code for each in replies) == [200, 409, 409, 409]
    more = await asyncio.gather(*(api.post("csv-profiles", {**body, "name": "new"}) for _ in "abc"))
    assert sorted(each.status_code for each in more) == [201, 409, 409]
    container.database.close()
