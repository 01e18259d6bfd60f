"""Previewing and undoing imports over HTTP, and editing and deleting transactions."""

from typing import Any

import pytest

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import AccountModel, ImportModel, TransactionModel
from domain.shared.ids import new_id
from tests.api.client import Api, problem_of
from tests.statements import days, ofx, statement, transaction

MARCH = ofx(statement(*days(5)))
PENDING = (
    transaction().replace("STMTTRN>", "STMTTRNP>").replace("F1", "").replace("DTPOSTED", "DTTRAN")
)


async def listed(api: Api) -> list[Any]:
    (account,) = (await api.get("accounts")).json()["items"]
    items: list[Any] = (await api.get(f"accounts/{account['id']}/transactions")).json()["items"]
    return items


class TestPreview:
    async def test_shows_the_result_of_an_import_and_changes_nothing(self, api: Api) -> None:
        await api.enter()
        await api.upload(ofx(statement(*list(days(5))[:2])))

        response = await api.upload(MARCH, path="imports/preview")

        (statements,) = response.json()["statements"]
        assert (response.status_code, statements["new"], statements["same"]) == (200, 3, 2)
        assert await TransactionModel.objects.acount() == 2
        assert await ImportModel.objects.acount() == 1
        entry = await AuditEntryModel.objects.aget(action="statement.previewed")
        assert entry.details["format"] == "ofx"

    async def test_shows_what_each_row_states_and_meets(self, api: Api) -> None:
        await api.enter()
        await api.upload(ofx(statement(PENDING, transaction("-3.00", "20260302", "F3", "Shop 3"))))
        booked = transaction("-12.50", "20260303", "F1", "Coffee house Berlin")
        other = transaction("-4.00", "20260302", "F3", "Shop 4")
        new = transaction("-5.00", "20260305", "F5", "Shop 5")

        shown = (
            await api.upload(ofx(statement(booked, other, new)), path="imports/preview")
        ).json()

        updated, conflict, added = shown["rows"]
        assert [each["result"] for each in shown["rows"]] == ["updates", "conflict", "new"]
        assert (updated["booking_date"], updated["payee"]) == ("2026-03-03", "Coffee house Berlin")
        assert (updated["met"]["booking_date"], updated["met"]["payee"]) == (
            *("2026-03-01", "Coffee house"),
        )
        assert updated["met"]["transaction_id"] == updated["transaction_id"]
        assert (conflict["amount"], conflict["met"]["amount"]) == ("-4.00", "-3.00")
        assert (added["amount"], added["currency"], added["met"]) == ("-5.00", "EUR", None)

    async def test_of_a_file_that_was_imported(self, api: Api) -> None:
        await api.enter()
        await api.upload(MARCH)
        (deleted, *_) = await listed(api)
        await api.delete(f"transactions/{deleted['id']}")

        response = await api.upload(MARCH, path="imports/preview")

        assert response.status_code == 200
        results = sorted(each["result"] for each in response.json()["rows"])
        assert results == ["deleted", "same", "same", "same", "same"]
        assert await ImportModel.objects.acount() == 1

    async def test_adds_no_account(self, api: Api) -> None:
        await api.enter()

        assert (await api.upload(MARCH, path="imports/preview")).status_code == 200

        assert await AccountModel.objects.acount() == 0

    async def test_refuses_what_an_import_refuses(self, api: Api) -> None:
        await api.enter()

        response = await api.upload(b"PNG", path="imports/preview")

        assert problem_of(response) == (422, "unreadable-statement")


class TestImports:
    async def test_are_listed_newest_first(self, api: Api) -> None:
        await api.enter()
        files = [MARCH + number * b"\n" for number in range(3)]
        ids = [(await api.upload(each)).json()["id"] for each in files]

        page = (await api.get("imports?limit=2")).json()
        rest = (await api.get(f"imports?limit=2&cursor={page['next_cursor']}")).json()

        assert [each["id"] for each in page["items"]] == [ids[2], ids[1]]
        assert [each["id"] for each in rest["items"]] == [ids[0]]
        assert rest["next_cursor"] is None

    async def test_list_the_formats_they_may_have(self, api: Api) -> None:
        assert problem_of(await api.get("imports/formats")) == (401, "token-missing")
        await api.enter()

        formats = (await api.get("imports/formats")).json()["items"]

        assert formats == ["camt", "csv", "enable-banking", "mt940", "ofx", "qif", "zip"]

    async def test_show_their_outcome(self, api: Api) -> None:
        await api.enter()
        done = (await api.upload(MARCH)).json()

        assert (await api.get(f"imports/{done['id']}")).json() == done

    async def test_of_another_user_are_not_found(self, api: Api) -> None:
        await api.enter()
        done = (await api.upload(MARCH)).json()
        await api.enter("eve@example.org")

        for method in ("get", "delete"):
            response = await api.call(method, f"imports/{done['id']}")
            assert problem_of(response) == (404, "import-not-found")
        assert (await api.get("imports")).json()["items"] == []


class TestUndo:
    async def test_restores_the_previous_ledger(self, api: Api) -> None:
        await api.enter()
        await api.upload(ofx(statement(*list(days(5))[:2])))
        before = await listed(api)
        done = (await api.upload(MARCH)).json()

        undone = (await api.delete(f"imports/{done['id']}")).json()

        assert undone["undone_at"]
        assert await listed(api) == before
        fact = await AuditEntryModel.objects.aget(action="import.undone")
        assert (fact.details["removed"], fact.details["restored"]) == (3, 0)

    async def test_removes_balances_too(self, api: Api) -> None:
        await api.enter()
        await api.upload(ofx(statement(*list(days(5))[:2])))
        (before,) = (await api.get("accounts")).json()["items"]
        later = "<LEDGERBAL><BALAMT>999.00<DTASOF>20260430</LEDGERBAL>"
        done = (await api.upload(ofx(statement(*days(5), balance=later)))).json()
        (changed,) = (await api.get("accounts")).json()["items"]

        await api.delete(f"imports/{done['id']}")

        (after,) = (await api.get("accounts")).json()["items"]
        assert changed["balance"]["amount"] == "999.00"
        assert after == before

    async def test_happens_once(self, api: Api) -> None:
        await api.enter()
        done = (await api.upload(MARCH)).json()
        await api.delete(f"imports/{done['id']}")

        repeated = await api.delete(f"imports/{done['id']}")

        assert problem_of(repeated) == (409, "import-is-undone")

    async def test_the_file_can_be_imported_again_with_the_same_result(self, api: Api) -> None:
        await api.enter()
        done = (await api.upload(MARCH)).json()
        ids = [each["id"] for each in await listed(api)]
        await api.delete(f"imports/{done['id']}")

        repeated = (await api.upload(MARCH)).json()

        assert repeated["new"] == 5
        assert [each["id"] for each in await listed(api)] == ids

    async def test_transactions_of_another_import_stay_and_belong_to_it(self, api: Api) -> None:
        await api.enter()
        first = (await api.upload(MARCH)).json()
        second = (await api.upload(MARCH + b"\n")).json()

        await api.delete(f"imports/{first['id']}")

        assert {each["import_id"] for each in await listed(api)} == {second["id"]}

    async def test_makes_booked_transactions_pending_again(self, api: Api) -> None:
        await api.enter()
        await api.upload(ofx(statement(PENDING)))
        (before,) = await listed(api)
        done = (await api.upload(ofx(statement(transaction(day="20260303"))))).json()
        (booked,) = await listed(api)

        await api.delete(f"imports/{done['id']}")

        assert (done["updates"], booked["id"]) == (1, before["id"])
        assert (before["status"], booked["status"]) == ("pending", "posted")
        assert await listed(api) == [before]


class TestNotesAndCategories:
    async def test_survive_booking(self, api: Api) -> None:
        await api.enter()
        await api.upload(ofx(statement(PENDING)))
        (row,) = await listed(api)
        added = await api.post("categories", {"name": "Gifts"})
        body = {"note": "for the party", "category_id": added.json()["id"], "tags": ["Party"]}
        edited = await api.patch(f"transactions/{row['id']}", body)

        await api.upload(ofx(statement(transaction(day="20260303"))))

        (booked,) = await listed(api)
        assert edited.json()["transaction"]["note"] == "for the party"
        assert (booked["note"], booked["category"]) == ("for the party", "Gifts")
        assert (booked["category_id"], booked["tags"]) == (added.json()["id"], ["party"])

    @pytest.mark.parametrize("body", [{}, {"note": None}, {"note": "x", "tags": None}])
    async def test_an_empty_change_is_refused(self, api: Api, body: dict[str, Any]) -> None:
        await api.enter()
        await api.upload(MARCH)
        row, *_ = await listed(api)
        address = f"transactions/{row['id']}"

        refused = await api.patch(address, body)

        assert problem_of(refused) == (422, "invalid-body")
        assert (await listed(api))[0] == row

    async def test_change_separately_and_are_audited_without_text(self, api: Api) -> None:
        await api.enter()
        await api.upload(MARCH)
        row, *_ = await listed(api)
        address = f"transactions/{row['id']}"
        await api.patch(address, {"note": "mine"})

        await api.patch(address, {"tags": ["food"]})

        row, *_ = await listed(api)
        assert (row["note"], row["tags"]) == ("mine", ["food"])
        entries = AuditEntryModel.objects.filter(action="transaction.edited")
        assert [entry.details async for entry in entries.order_by("id")] == [
            {"fields": ["note"]},
            {"fields": ["tags"]},
        ]

    async def test_can_be_changed_only_by_the_owner(self, api: Api) -> None:
        await api.enter()
        await api.upload(MARCH)
        row, *_ = await listed(api)
        await api.enter("eve@example.org")
        missing = (404, "transaction-not-found")

        edited = await api.patch(f"transactions/{row['id']}", {"note": "x"})
        deleted = await api.delete(f"transactions/{row['id']}")
        absent = await api.patch(f"transactions/{new_id()}", {"note": "x"})

        assert problem_of(edited) == problem_of(deleted) == problem_of(absent) == missing


class TestDeletion:
    async def test_is_final(self, api: Api) -> None:
        await api.enter()
        await api.upload(MARCH)
        row, *others = await listed(api)

        deleted = await api.delete(f"transactions/{row['id']}")
        repeated = (await api.upload(MARCH + b"\n")).json()

        assert deleted.status_code == 204
        assert (repeated["same"], repeated["deleted"]) == (4, 1)
        assert await listed(api) == others
        answer = await api.get(f"transactions/{row['id']}")
        assert problem_of(answer) == (404, "transaction-not-found")
        second = await api.delete(f"transactions/{row['id']}")
        assert problem_of(second) == (404, "transaction-not-found")

    async def test_survives_undoing_the_import(self, api: Api) -> None:
        await api.enter()
        done = (await api.upload(MARCH)).json()
        row, *_ = await listed(api)
        await api.delete(f"transactions/{row['id']}")
        await api.delete(f"imports/{done['id']}")

        repeated = (await api.upload(MARCH)).json()

        assert (repeated["new"], repeated["deleted"]) == (4, 1)
        assert len(await listed(api)) == 4
