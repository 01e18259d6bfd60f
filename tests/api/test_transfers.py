"""Transfers between a user's own accounts over HTTP: suggested, confirmed, refused, withdrawn."""

from typing import Any

import pytest

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import TransferModel
from domain.shared.ids import new_id
from tests.api.client import Api, Reply, problem_of
from tests.statements import ofx, statement, transaction

CHECKING, SAVINGS = "100200300", "400500600"


async def import_file(api: Api, number: str, *rows: str) -> str:
    """Import rows of an account; return the id of the import."""
    done = await api.upload(ofx(statement(*rows, number=number)))
    assert done.status_code == 201
    import_id: str = done.json()["id"]
    return import_id


async def two_accounts(api: Api, email: str = "ada@example.org") -> Any:
    """Move 50.00 between two accounts, and return how that is suggested."""
    await api.enter(email)
    await import_file(api, CHECKING, transaction("-50.00", "20260302", "C1", "To savings"))
    await import_file(api, SAVINGS, transaction("50.00", "20260304", "S1", "From checking"))
    (item,) = await listed(api)
    return item


async def listed(api: Api, query: str = "") -> list[Any]:
    response = await api.get(f"transfers?{query}" if query else "transfers")
    assert response.status_code == 200
    items: list[Any] = response.json()["items"]
    return items


async def decide(api: Api, item: Any, decision: str = "confirmed") -> Reply:
    ids = {f"{end}_id": item[end]["transaction_id"] for end in ("outgoing", "incoming")}
    return await api.post("transfers", {**ids, "decision": decision})


class TestSuggestions:
    async def test_have_both_transactions(self, api: Api) -> None:
        item = await two_accounts(api)
        accounts = [each["id"] for each in (await api.get("accounts")).json()["items"]]

        for end, amount, day, text in (
            ("outgoing", "-50.00", "2026-03-02", "To savings"),
            ("incoming", "50.00", "2026-03-04", "From checking"),
        ):
            leg = item.pop(end)
            assert (await api.get(f"transactions/{leg.pop('transaction_id')}")).status_code == 200
            assert leg.pop("account_id") in accounts
            assert leg == {
                "booking_date": day,
                "amount": amount,
                "currency": "EUR",
                "description": text,
            }
        assert item == {
            "id": None,
            "status": "suggested",
            "ambiguous": False,
            "broken": False,
            "fee": "0.00",
            "exchange_rate": None,
            "decided_at": None,
        }

    async def test_list_all_matches_and_choose_none(self, api: Api) -> None:
        await two_accounts(api)
        await import_file(api, SAVINGS, transaction("50.00", "20260303", "S2", "From somewhere"))

        items = await listed(api)

        assert [each["incoming"]["booking_date"] for each in items] == ["2026-03-03", "2026-03-04"]
        assert all(each["ambiguous"] for each in items)
        assert await TransferModel.objects.acount() == 0

    async def test_pages_are_complete_and_end(self, api: Api) -> None:
        await two_accounts(api)
        for number, sign in ((CHECKING, "-"), (SAVINGS, "")):
            rows = [transaction(f"{sign}{n}.00", f"202603{n:02}", f"P{n}") for n in range(5, 10)]
            await import_file(api, number, *rows)
        seen: list[Any] = []
        cursor = ""
        for _ in range(3):
            page = (await api.get(f"transfers?limit=2{cursor}")).json()
            seen += page["items"]
            cursor = f"&cursor={page['next_cursor']}"

        assert cursor == "&cursor=None"
        assert seen == await listed(api)
        days = [each["outgoing"]["booking_date"] for each in seen]
        assert days == [f"2026-03-{day:02}" for day in (9, 8, 7, 6, 5, 2)]

    async def test_other_periods_can_be_searched(self, api: Api) -> None:
        await two_accounts(api)
        await import_file(api, CHECKING, transaction("-7.00", "20251101", "O1"))
        await import_file(api, SAVINGS, transaction("7.00", "20251101", "O2"))

        assert len(await listed(api)) == 1
        assert len(await listed(api, "date_from=2025-10-01")) == 1
        assert len(await listed(api, "date_from=2025-10-01&date_to=2026-03-31")) == 2
        assert await listed(api, "date_from=2026-03-03&date_to=2026-03-04") == []
        assert await listed(api, "date_from=9999-12-31") == []
        assert await listed(api, "date_to=0001-01-01") == []

    @pytest.mark.parametrize(
        ("query", "kind"),
        [
            ("status=guessed", "invalid-query"),
            ("limit=0", "invalid-query"),
            ("limit=501", "invalid-query"),
            ("account=1", "invalid-query"),
            ("date_from=2026-02-30", "invalid-query"),
            ("cursor=nonsense", "invalid-cursor"),
            ("cursor=", "invalid-cursor"),
            ("status=confirmed&cursor=MjAyNi0wMy0wMQ==", "invalid-cursor"),
            ("date_from=2024-01-01&date_to=2026-01-01", "period-too-long"),
        ],
    )
    async def test_an_invalid_query_is_refused(self, api: Api, query: str, kind: str) -> None:
        await api.enter()

        assert problem_of(await api.get(f"transfers?{query}")) == (422, kind)


class TestDecisions:
    async def test_a_pair_can_be_confirmed(self, api: Api) -> None:
        item = await two_accounts(api)

        response = await decide(api, item)

        made = response.json()
        assert response.status_code == 201
        assert made["decided_at"] is not None
        assert {**made, "id": None, "status": "suggested", "decided_at": None} == item
        assert await listed(api) == await listed(api, "status=refused") == []
        assert await listed(api, "status=confirmed") == [made]
        assert (await api.get(f"transfers/{made['id']}")).json() == made

    async def test_a_pair_can_be_refused_and_decided_again(self, api: Api) -> None:
        item = await two_accounts(api)
        refused = (await decide(api, item, "refused")).json()
        incoming = transaction("50.00", "20260304", "S1", "From checking")
        await import_file(api, SAVINGS, incoming + "\n")

        assert await listed(api) == []
        assert await listed(api, "status=refused") == [refused]
        assert (await decide(api, item, "refused")).json() == refused
        confirmed = (await decide(api, item)).json()

        assert (confirmed["id"], confirmed["status"]) == (refused["id"], "confirmed")

    async def test_a_decision_can_be_withdrawn(self, api: Api) -> None:
        item = await two_accounts(api)
        made = (await decide(api, item)).json()

        assert (await api.delete(f"transfers/{made['id']}")).status_code == 204

        assert await listed(api) == [item]
        for answer in (
            await api.get(f"transfers/{made['id']}"),
            await api.delete(f"transfers/{made['id']}"),
        ):
            assert problem_of(answer) == (404, "transfer-not-found")

    async def test_a_transaction_is_in_one_transfer_at_most(self, api: Api) -> None:
        item = await two_accounts(api)
        await import_file(api, SAVINGS, transaction("50.00", "20260303", "S2", "From somewhere"))
        other, _ = await listed(api)
        await decide(api, item)

        response = await decide(api, other)

        assert problem_of(response) == (409, "already-transferred")
        assert await TransferModel.objects.acount() == 1

    @pytest.mark.parametrize(
        ("amount", "day", "number"),
        [
            ("50.01", "20260303", SAVINGS),
            ("50.00", "20260308", SAVINGS),
            ("50.00", "20260302", CHECKING),
        ],
    )
    async def test_transactions_that_do_not_match_are_refused(
        self, api: Api, amount: str, day: str, number: str
    ) -> None:
        item = await two_accounts(api)
        await import_file(api, number, transaction(amount, day, "X1", "Something else"))
        item["incoming"]["transaction_id"] = await id_at(api, "Something else")

        assert problem_of(await decide(api, item)) == (422, "not-a-transfer")
        assert await TransferModel.objects.acount() == 0

    async def test_what_did_not_arrive_is_a_fee(self, api: Api) -> None:
        item = await two_accounts(api)
        await import_file(api, SAVINGS, transaction("48.75", "20260303", "X1", "Less a fee"))
        item["incoming"]["transaction_id"] = await id_at(api, "Less a fee")

        answer = (await decide(api, item)).json()

        assert (answer["status"], answer["fee"], answer["exchange_rate"]) == (
            "confirmed",
            "1.25",
            None,
        )

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"decision": "perhaps"},
            {"decision": "suggested"},
            {"outgoing_id": "1"},
            {"outgoing_id": None},
            {"note": "x"},
        ],
    )
    async def test_an_invalid_body_is_refused(self, api: Api, body: dict[str, Any]) -> None:
        await api.enter()
        ids = {"outgoing_id": str(new_id()), "incoming_id": str(new_id())}
        whole = {**ids, "decision": "refused", **body} if body else {}

        assert problem_of(await api.post("transfers", whole)) == (422, "invalid-body")

    async def test_decisions_are_audited(self, api: Api) -> None:
        item = await two_accounts(api)
        made = (await decide(api, item)).json()
        await api.delete(f"transfers/{made['id']}")

        entries = [
            each
            async for each in AuditEntryModel.objects.filter(resource_type="transfer").order_by(
                "id"
            )
        ]

        assert [each.action for each in entries] == [
            "transfers.viewed",
            "transfer.decided",
            "transfer.withdrawn",
        ]
        assert {str(each.resource_id) for each in entries[1:]} == {made["id"]}
        assert "savings" not in str([each.details for each in entries])


class TestUndoing:
    async def test_an_undone_and_repeated_import_leaves_it_confirmed(self, api: Api) -> None:
        await api.enter()
        await import_file(api, CHECKING, transaction("-50.00", "20260302", "C1"))
        row = transaction("50.00", "20260304", "S1")
        import_id = await import_file(api, SAVINGS, row)
        (item,) = await listed(api)
        made = (await decide(api, item)).json()

        await api.delete(f"imports/{import_id}")
        assert await listed(api, "status=confirmed") == await listed(api) == []
        assert problem_of(await api.get(f"transfers/{made['id']}")) == (404, "transfer-not-found")

        await import_file(api, SAVINGS, row)
        assert await listed(api, "status=confirmed") == [made]

    async def test_a_transaction_left_alone_may_be_paired_again(self, api: Api) -> None:
        item = await two_accounts(api)
        await import_file(api, SAVINGS, transaction("50.00", "20260303", "S2", "From somewhere"))
        other, _ = await listed(api)
        made = (await decide(api, item)).json()

        await api.delete(f"transactions/{made['incoming']['transaction_id']}")
        assert await listed(api) == [{**other, "ambiguous": False}]
        repeated = await decide(api, other)

        assert repeated.status_code == 201
        assert await listed(api, "status=confirmed") == [repeated.json()]


async def id_at(api: Api, description: str) -> str:
    """Return the id of the transaction with this description."""
    for account in (await api.get("accounts")).json()["items"]:
        rows = (await api.get(f"accounts/{account['id']}/transactions")).json()["items"]
        for row in rows:
            if row["description"] == description:
                return str(row["id"])
    raise LookupError(description)


async def test_another_users_transfers_are_not_found(locked: str) -> None:
    ada, eve = Api(), Api()
    item = await two_accounts(ada)
    theirs = await two_accounts(eve, "eve@example.org")
    made = (await decide(ada, item)).json()

    for transfer_id in (made["id"], str(new_id())):
        for reply in (
            await eve.get(f"transfers/{transfer_id}"),
            await eve.delete(f"transfers/{transfer_id}"),
        ):
            assert problem_of(reply) == (404, "transfer-not-found")
    mixed = {"outgoing": theirs["outgoing"], "incoming": item["incoming"]}
    for decision in ("confirmed", "refused"):
        for pair in (item, mixed):
            reply = await decide(eve, pair, decision)
            assert problem_of(reply) == (404, "transaction-not-found")
    assert await listed(eve, "status=confirmed") == await listed(eve, "status=refused") == []
    assert await listed(eve) == [theirs]
    assert await listed(ada, "status=confirmed") == [made]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "transfers"),
        ("post", "transfers"),
        ("get", "transfers/{}"),
        ("delete", "transfers/{}"),
    ],
)
async def test_a_request_without_token_is_refused(api: Api, method: str, path: str) -> None:
    assert (await api.call(method, path.format(new_id()))).status_code == 401
