"""Questions about a file over HTTP: asked at once, and answered without sending it again."""

import asyncio
from typing import Any

import pytest

from adapters.persistence.ledger.models import FileModel, ImportModel
from tests.api.client import Api, Reply, problem_of
from tests.api.test_csv_profiles import amounts_of
from tests.csv_profiles import APRIL, MARCH

ANSWERS = {
    "currency": "EUR",
    "account_name": "Card",
    "date_order": "month_first",
    "charges_positive": True,
}


async def ask(api: Api, content: bytes = MARCH, **fields: str) -> dict[str, Any]:
    """Send a file that leaves something open; return the problem."""
    await api.enter()
    asked = await api.upload(content, name="march.csv", fields=fields)
    assert problem_of(asked) == (422, "hint-needed")
    return dict(asked.json())


async def answer(api: Api, problem: dict[str, Any], **answers: Any) -> Reply:
    return await api.post(f"imports/{problem['import_id']}/answers", answers)


class TestAsking:
    async def test_a_question_is_data(self, api: Api) -> None:
        problem = await ask(api, currency="EUR", account_name="Card")

        question = next(each for each in problem["questions"] if each["field"] == "date_order")

        assert question["reason"] in problem["detail"]
        assert question["options"] == ["day_first", "month_first"]
        assert question["examples"]

    async def test_the_file_waits_for_answers(self, api: Api) -> None:
        problem = await ask(api)
        shown = (await api.get(f"imports/{problem['import_id']}")).json()

        assert (shown["status"], shown["error"]["code"]) == ("asked", "hint-needed")
        assert shown["statements"] == []
        listed = (await api.get(f"imports/{problem['import_id']}/questions")).json()
        assert listed["items"] == problem["questions"]

    async def test_the_same_file_waits_once(self, api: Api) -> None:
        first = await ask(api)
        again = await api.upload(MARCH, name="again.csv")

        assert again.json()["import_id"] == first["import_id"]
        assert await ImportModel.objects.acount() == 1

    async def test_a_preview_stores_nothing(self, api: Api) -> None:
        await api.enter()
        asked = await api.upload(MARCH, name="march.csv", path="imports/preview")

        assert problem_of(asked) == (422, "hint-needed")
        assert asked.json()["questions"]
        assert await ImportModel.objects.acount() == await FileModel.objects.acount() == 0

    async def test_a_file_that_was_imported_has_no_questions(self, api: Api) -> None:
        problem = await ask(api)
        await answer(api, problem, **ANSWERS)

        listed = await api.get(f"imports/{problem['import_id']}/questions")

        assert listed.json() == {"items": []}

    async def test_others_see_no_questions(self, api: Api) -> None:
        problem = await ask(api)
        await api.enter("grace")

        assert problem_of(await api.get(f"imports/{problem['import_id']}/questions")) == (
            404,
            "import-not-found",
        )
        assert problem_of(await answer(api, problem, **ANSWERS)) == (404, "import-not-found")


class TestRemembering:
    """What was answered about a file counts for the next one of its account and layout."""

    async def test_the_next_file_of_the_account_asks_nothing(self, api: Api) -> None:
        await answer(api, await ask(api), **ANSWERS)

        april = await api.upload(APRIL, name="april.csv", fields={"account_name": "Card"})

        assert april.status_code == 201
        accounts = (await api.get("accounts")).json()["items"]
        assert [each["currency"] for each in accounts] == ["EUR"]
        assert await amounts_of(api) == ["-12.50", "-2.50", "-7.25"]

    async def test_an_answer_with_the_account_is_enough(self, api: Api) -> None:
        await answer(api, await ask(api), **ANSWERS)
        asked = await api.upload(APRIL, name="april.csv")

        done = await answer(api, asked.json(), account_name="Card")

        assert done.status_code == 201
        reread = await api.post(f"imports/{done.json()['id']}/reimport", {})
        assert (reread.status_code, reread.json()) == (200, done.json())

    async def test_the_account_counts_by_whatever_name(self, api: Api) -> None:
        await answer(api, await ask(api), **ANSWERS)
        (account,) = (await api.get("accounts")).json()["items"]
        await api.patch(f"accounts/{account['id']}", {"name": "Company card"})

        for name in ("company  CARD", "Card"):
            april = await api.upload(APRIL, name="april.csv", fields={"account_name": name})
            assert april.status_code == 201, name

    async def test_another_account_or_layout_is_asked_about(self, api: Api) -> None:
        await answer(api, await ask(api), **ANSWERS)
        other_layout = APRIL.replace(b"Shop", b"Name")

        other = await api.upload(APRIL, name="april.csv", fields={"account_name": "Savings"})
        changed = await api.upload(other_layout, name="a.csv", fields={"account_name": "Card"})

        assert problem_of(other) == problem_of(changed) == (422, "hint-needed")

    async def test_an_import_that_was_undone_is_forgotten(self, api: Api) -> None:
        done = await answer(api, await ask(api), **ANSWERS)
        await api.delete(f"imports/{done.json()['id']}")

        asked = await api.upload(APRIL, name="april.csv", fields={"account_name": "Card"})

        assert problem_of(asked) == (422, "hint-needed")


class TestAnswering:
    async def test_imports_the_file(self, api: Api) -> None:
        problem = await ask(api)

        done = await answer(api, problem, **ANSWERS)

        assert done.status_code == 201, done.text
        assert (done.json()["id"], done.json()["status"]) == (problem["import_id"], "done")
        assert await amounts_of(api) == ["-12.50", "-2.50"]
        assert await ImportModel.objects.acount() == 1

    async def test_some_answers_leave_the_other_questions(self, api: Api) -> None:
        problem = await ask(api)
        partly = {**ANSWERS}
        del partly["date_order"]

        again = await answer(api, problem, **partly)

        assert problem_of(again) == (422, "hint-needed")
        assert [each["field"] for each in again.json()["questions"]] == ["date_order"]
        assert again.json()["import_id"] == problem["import_id"]
        assert await amounts_of(api) == []

    async def test_questions_may_be_answered_one_after_the_other(self, api: Api) -> None:
        problem = await ask(api)
        order = ANSWERS["date_order"]
        await answer(api, problem, currency="EUR", account_name="Card")
        again = await answer(api, problem, date_order=order)
        assert [each["field"] for each in again.json()["questions"]] == ["charges_positive"]

        # As the question names its options.
        done = await answer(api, problem, charges_positive="true")

        assert done.status_code == 201, done.text
        assert await amounts_of(api) == ["-12.50", "-2.50"]

    async def test_answers_that_do_not_fit_change_nothing(self, api: Api) -> None:
        problem = await ask(api)
        wrong = await answer(api, problem, **{**ANSWERS, "columns": {"amount": "No such heading"}})

        assert wrong.status_code == 422
        shown = (await api.get(f"imports/{problem['import_id']}")).json()
        assert shown["status"] == "asked"
        assert (await answer(api, problem, **ANSWERS)).status_code == 201

    async def test_answers_are_given_once(self, api: Api) -> None:
        problem = await ask(api)
        await answer(api, problem, **ANSWERS)

        again = await answer(api, problem, **ANSWERS)

        assert problem_of(again) == (409, "no-question-open")
        assert await amounts_of(api) == ["-12.50", "-2.50"]

    async def test_the_same_answers_at_once_import_once(self, api: Api) -> None:
        problem = await ask(api)

        replies = await asyncio.gather(*(answer(api, problem, **ANSWERS) for _ in range(4)))

        assert [each.status_code for each in replies].count(201) == 1
        assert await amounts_of(api) == ["-12.50", "-2.50"]

    async def test_sending_the_file_again_with_answers_answers_too(self, api: Api) -> None:
        problem = await ask(api)
        fields = {**ANSWERS, "charges_positive": "true"}

        done = await api.upload(
            MARCH, name="march.csv", fields={k: str(v) for k, v in fields.items()}
        )

        assert done.status_code == 201, done.text
        assert done.json()["id"] == problem["import_id"]
        assert await ImportModel.objects.acount() == 1

    async def test_the_import_can_be_undone_and_made_again(self, api: Api) -> None:
        problem = await ask(api)
        await answer(api, problem, **ANSWERS)
        address = f"imports/{problem['import_id']}"

        undone = await api.delete(address)
        again = await api.post(f"{address}/reimport", {})

        assert undone.json()["status"] == "undone"
        assert again.status_code == 201, again.text
        assert await amounts_of(api) == ["-12.50", "-2.50"]

    @pytest.mark.parametrize("code", ["ABC", "Euros"])
    async def test_a_currency_that_is_none_is_refused_in_plain_words(
        self, api: Api, code: str
    ) -> None:
        problem = await ask(api)

        refused = (await answer(api, problem, currency=code)).json()

        assert refused["detail"] == ("/currency: Use the ISO 4217 code of a currency, such as EUR.")

    async def test_a_currency_may_be_in_lower_case(self, api: Api) -> None:
        problem = await ask(api)

        done = await answer(api, problem, **{**ANSWERS, "currency": "eur"})

        assert done.status_code == 201, done.text

    @pytest.mark.parametrize(
        "answers",
        [
            {"currency": "euro"},
            {"currency": "ABC"},
            {"currency": "XXX"},
            {"encoding": "rot13"},
            {"columns": {"colour": "Blue"}},
            {"columns": {"amount": ""}},
            {"unknown": 1},
        ],
    )
    async def test_malformed_answers_are_refused(self, api: Api, answers: dict[str, Any]) -> None:
        problem = await ask(api)

        assert problem_of(await answer(api, problem, **answers)) == (422, "invalid-body")


class TestDeleting:
    async def test_removes_the_file(self, api: Api) -> None:
        problem = await ask(api)

        deleted = await api.delete(f"imports/{problem['import_id']}")

        assert deleted.json()["status"] == "undone"
        assert await FileModel.objects.acount() == 0
        assert problem_of(await answer(api, problem, **ANSWERS)) == (409, "no-question-open")


async def test_deleting_one_import_leaves_the_file_to_another_that_asks(api: Api) -> None:
    later = Api()
    await later.enter()
    sent = [
        await later.upload(MARCH, fields={"background": "true", **said})
        for said in ({}, {"currency": "EUR"})
    ]
    first, second = (each.json()["id"] for each in sent)
    later.delivers = True
    assert (await later.get(f"imports/{second}")).status_code == 200

    await later.delete(f"imports/{first}")
    done = await later.post(f"imports/{second}/answers", ANSWERS)

    assert done.status_code == 201, done.text
    assert await FileModel.objects.acount() == 1


async def test_an_answer_with_other_columns_replaces_the_first(api: Api) -> None:
    content = b"Day,One,Two,Text\n2026-03-01,1.00,,Tea\n2026-03-02,,2.00,Pay\n"
    await api.enter()
    problem = (await api.upload(content, name="a.csv")).json()
    names = {"currency": "EUR", "account_name": "Card"}
    await answer(api, problem, **names, columns={"amount": "Text"})

    done = await answer(api, problem, columns={"debit": "One", "credit": "Two"})

    assert done.status_code == 201, done.text
    assert await amounts_of(api) == ["-1.00", "2.00"]


async def test_a_file_that_waits_for_answers_is_sent_again_later(api: Api) -> None:
    later = Api(delivers=True)
    await later.enter()
    background = {"background": "true"}

    first = await later.upload(MARCH, name="march.csv", fields=background)
    again = await later.upload(MARCH, name="march.csv", fields=background)
    shown = (await later.get(f"imports/{again.json()['id']}")).json()
    other = await later.upload(MARCH, name="march.csv", path="imports/preview", fields=background)
    fields = {
        **background,
        **{name: str(value).replace("T", "t") for name, value in ANSWERS.items()},
    }
    done = await later.upload(MARCH, name="march.csv", fields=fields)

    assert first.json()["id"] == again.json()["id"] == done.json()["id"] != other.json()["id"]
    assert shown["status"] == "asked"
    (stored,) = [each async for each in ImportModel.objects.all()]
    assert stored.status == "done"


async def test_no_value_of_a_file_is_stored_with_its_refusal(api: Api) -> None:
    problem = await ask(api)
    shown = (await api.get(f"imports/{problem['import_id']}")).json()
    stored = await ImportModel.objects.aget(id=problem["import_id"])

    assert "12.50" in problem["detail"]
    assert "12.50" not in stored.error
    assert shown["error"] == {
        "code": "hint-needed",
        "detail": "The file leaves something open. Answer its questions, and it is imported.",
    }


async def test_a_large_file_is_imported_later(api: Api) -> None:
    later = Api(delivers=True)
    await later.enter()
    rows = [b"03/%02d/2026,%d.10,Shop %d\n" % (n % 12 + 1, n, n) for n in range(60_000)]
    content = MARCH.split(b"\n")[0] + b"\n" + b"".join(rows)
    sent = await later.upload(content, name="large.csv")

    waiting = (await later.get(f"imports/{sent.json()['id']}")).json()
    assert (sent.status_code, waiting["status"]) == (202, "asked")

    accepted = await later.post(f"imports/{waiting['id']}/answers", ANSWERS)
    done = (await later.get(f"imports/{waiting['id']}")).json()

    assert accepted.status_code == 202, accepted.text
    assert (done["status"], done["new"]) == ("done", 60_000)
