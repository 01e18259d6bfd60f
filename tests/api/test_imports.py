"""Imports over HTTP."""

import asyncio
import gzip
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import (
    AccountModel,
    BalanceModel,
    ImportModel,
    TransactionModel,
)
from domain.shared.ids import new_id
from tests.adapters.statements.ofx_investments import file, investment, position, trade
from tests.api.client import Api, problem_of
from tests.statements import days, ofx, statement, transaction

TABLES = (AccountModel, BalanceModel, ImportModel, TransactionModel)


async def _rows() -> list[int]:
    return [await table.objects.acount() for table in TABLES]


async def test_a_statement_is_imported(api: Api) -> None:
    await api.enter()

    response = await api.upload(ofx(statement(*days(3))))

    assert response.status_code == 201
    body = response.json()
    assert (body["new"], body["same"], body["conflict"], body["quarantined"]) == (3, 0, 0, [])
    assert [each["reconciliation"] for each in body["statements"]] == ["unknown"]
    assert await _rows() == [1, 1, 1, 3]


async def test_every_account_of_a_file_is_imported(api: Api) -> None:
    await api.enter()

    response = await api.upload(
        ofx(statement(*days(2)), statement(*days(3), number="4"), statement(number="5"))
    )

    assert [each["new"] for each in response.json()["statements"]] == [2, 3, 0]
    assert await AccountModel.objects.acount() == 3


async def test_importing_twice_adds_nothing(api: Api) -> None:
    await api.enter()
    first = await api.upload(ofx(statement(*days(3))))

    again = await api.upload(ofx(statement(*days(3))), name="again.ofx")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert await ImportModel.objects.acount() == 1
    actions = [
        e.action async for e in AuditEntryModel.objects.filter(resource_id=again.json()["id"])
    ]
    assert sorted(actions) == ["statement.imported", "statement.resubmitted"]
    (account,) = (await api.get("accounts")).json()["items"]
    balances = (await api.get(f"accounts/{account['id']}/stated-balances")).json()["items"]
    assert len(balances) == len({str(each) for each in balances})
    assert await _rows() == [1, 1, 1, 3]


async def test_an_overlapping_file_adds_only_new_rows(api: Api) -> None:
    await api.enter()
    await api.upload(ofx(statement(*list(days(5))[2:])))

    body = (await api.upload(ofx(statement(*days(4))))).json()

    assert (body["new"], body["same"]) == (2, 2)
    assert await TransactionModel.objects.acount() == 5


async def test_equal_purchases_stay_separate(api: Api) -> None:
    await api.enter()
    twins = ofx(statement(transaction(fitid=""), transaction(fitid="")))

    first = (await api.upload(twins)).json()
    repeated = (await api.upload(twins + b"\n")).json()

    assert (first["new"], repeated["new"], repeated["same"]) == (2, 0, 2)


async def test_a_reused_id_is_a_conflict_and_both_rows_are_stored(api: Api) -> None:
    await api.enter()
    await api.upload(ofx(statement(transaction("-1.00", fitid="X"))))

    body = (await api.upload(ofx(statement(transaction("-2.00", fitid="X"))))).json()

    assert (body["new"], body["conflict"]) == (0, 1)
    assert await TransactionModel.objects.acount() == 2


async def test_an_id_is_unique_within_its_account(api: Api) -> None:
    await api.enter()

    body = (
        await api.upload(ofx(statement(transaction()), statement(transaction(), number="2")))
    ).json()

    assert (body["new"], body["conflict"]) == (2, 0)


async def test_an_existing_account_can_be_chosen(api: Api) -> None:
    await api.enter()
    await api.upload(ofx())
    account = await AccountModel.objects.aget()

    renumbered = ofx(statement(transaction("-7.00", fitid="F2"), number="DE00 0002"))
    body = (await api.upload(renumbered, fields={"account_id": str(account.id)})).json()
    repeated = (await api.upload(renumbered)).json()

    assert (body["new"], repeated["same"]) == (1, 1)
    assert await AccountModel.objects.acount() == 1


async def test_a_chosen_account_must_fit_the_file(api: Api) -> None:
    await api.enter()
    await api.upload(ofx())
    account_id = str((await AccountModel.objects.aget()).id)

    dollars = await api.upload(
        ofx(statement(transaction(), currency="USD")), fields={"account_id": account_id}
    )
    several = await api.upload(
        ofx(statement(), statement(number="2")), fields={"account_id": account_id}
    )
    unknown = await api.upload(ofx(), fields={"account_id": str(new_id())})
    malformed = await api.upload(ofx(), fields={"account_id": "mine"})

    assert problem_of(dollars) == problem_of(several) == (422, "unreadable-statement")
    assert problem_of(unknown) == (404, "account-not-found")
    assert problem_of(malformed) == (422, "invalid-body")
    assert malformed.json()["errors"][0]["field"] == "account_id"
    assert malformed.json()["detail"].startswith("account_id: ")


async def test_a_compressed_file_is_imported(api: Api) -> None:
    await api.enter()

    packed = (await api.upload(gzip.compress(ofx()))).json()
    plain = (await api.upload(ofx())).json()

    assert (packed["new"], plain["same"]) == (1, 1)


async def test_a_decompression_bomb_is_refused(api: Api) -> None:
    await api.enter()

    response = await api.upload(gzip.compress(bytes(20_000_000)))

    assert problem_of(response) == (413, "statement-too-large")


async def test_unreadable_positions_are_reported_beside_rows(api: Api) -> None:
    await api.enter()
    rows = trade("BUYSTOCK", "<UNITS>3<TOTAL>-35") + trade("SELLSTOCK", "<UNITS>1<TOTAL>?")
    positions = position() + position(units="some") + position(units="")
    content = file(investment(rows, positions)).encode()

    foreseen = (await api.upload(content, path="imports/preview")).json()
    done = (await api.upload(content)).json()
    answer = (await api.get(f"imports/{done['id']}")).json()

    assert answer == done
    for body in (foreseen, done):
        assert (body["statements"][0]["new"], body["quarantined_total"]) == (1, 1)
        unread = body["unread_holdings"]
        assert (len(unread), body["unread_holdings_total"]) == (2, 2)
        assert body["quarantined"][0]["line"] < unread[0]["line"] < unread[1]["line"]
        assert all(row["reason"] for row in unread)


async def test_a_file_with_only_unreadable_positions_is_stored(api: Api) -> None:
    await api.enter()
    content = (
        file(investment(positions=position()))
        .replace("<ACCTID>77", "<ACCTID>" + "7" * 256)
        .encode()
    )

    done = await api.upload(content)

    assert (done.status_code, done.json()["statements"]) == (201, [])
    assert done.json()["unread_holdings_total"] == 1
    assert (await api.get("holdings")).json()["items"] == []


async def test_quarantined_rows_are_reported(api: Api) -> None:
    await api.enter()

    body = (await api.upload(ofx(statement(transaction(), transaction("$5", fitid="F2"))))).json()

    assert body["new"] == 1
    assert [row["reason"] for row in body["quarantined"]] == ["the amount is not a number"]
    assert body["quarantined"][0]["line"] > 1


async def test_the_audit_entry_has_no_names_or_numbers(api: Api) -> None:
    await api.enter()

    response = await api.upload(ofx(), name="ada-lovelace-100200300.ofx")

    entry = await AuditEntryModel.objects.aget(action="statement.imported")
    assert str(entry.resource_id) == response.json()["id"]
    assert entry.details["new"] == 1
    everything = [str(e.details) async for e in AuditEntryModel.objects.all()]
    assert not any(word in text for text in everything for word in ("lovelace", "100200300"))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b" \n ", "unreadable-statement"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "unreadable-statement"),
        (b"Dear bank,\nhow are you?\n", "unreadable-statement"),
        (b"<OFX></OFX>", "unreadable-statement"),
        (b"OFXHEADER:100\n\n<OFX>\0</OFX>", "unreadable-statement"),
        (ofx()[:-20], "unreadable-statement"),
        (ofx()[:300], "unreadable-statement"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]>' + ofx(), "unreadable-statement"),
    ],
)
async def test_a_refused_import_changes_nothing(api: Api, content: bytes, kind: str) -> None:
    await api.enter()

    response = await api.upload(content)

    assert problem_of(response) == (422, kind)
    assert await _rows() == [0, 0, 0, 0]
    refusal = await AuditEntryModel.objects.aget(action="statement.import")
    assert (refusal.result, refusal.details) == ("failure", {"error": kind})


async def test_an_empty_file_is_refused(api: Api) -> None:
    await api.enter()

    response = await api.upload(b"")

    assert problem_of(response)[0] == 422
    assert await _rows() == [0, 0, 0, 0]


async def test_a_file_over_the_limit_is_refused(api: Api, settings: LazySettings) -> None:
    await api.enter()
    settings.IMPORT_MAX_BYTES = 1000

    for size in (1001, 100_000):
        response = await api.upload(ofx() + b" " * size)
        assert problem_of(response) == (413, "file-too-large")
    assert await _rows() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "parts",
    [
        {"other": SimpleUploadedFile("a.ofx", ofx())},
        {"file": "text"},
        {"file": SimpleUploadedFile("a.ofx", ofx()), "more": "text"},
        {"file": [SimpleUploadedFile("a.ofx", ofx()), SimpleUploadedFile("b.ofx", ofx())]},
    ],
)
async def test_an_invalid_form_is_refused(api: Api, parts: dict[str, Any]) -> None:
    await api.enter()

    assert problem_of(await api.upload(b"", **parts)) == (422, "invalid-body")


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (ofx(), "application/x-ofx", (415, "unsupported-media-type")),
        (b"{}", "application/json", (415, "unsupported-media-type")),
        (b"\r\n", "multipart/form-data", (400, "malformed-request")),
        (b"--x\r\nnothing", "multipart/form-data; boundary=x", (400, "malformed-request")),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.ofx"\r\n\r\n'
            + ofx()[:200],
            "multipart/form-data; boundary=x",
            (400, "malformed-request"),
        ),
    ],
)
async def test_another_media_type_is_refused(
    api: Api, body: bytes, content_type: str, expected: tuple[int, str]
) -> None:
    await api.enter()

    response = await api.send_bytes("imports", body, content_type)

    assert problem_of(response) == expected
    assert await _rows() == [0, 0, 0, 0]


async def test_a_session_is_required(api: Api) -> None:
    assert problem_of(await api.upload(ofx())) == (401, "token-missing")


@pytest.mark.parametrize(
    ("end", "statuses", "new"),
    [("", [200, 200, 200, 201], [5, 5, 5, 5]), ("\n", [201, 201, 201, 201], [0, 0, 0, 5])],
    ids=["of the same bytes", "of the same rows"],
)
async def test_concurrent_imports_add_each_row_once(
    api: Api, end: str, statuses: list[int], new: list[int]
) -> None:
    await api.enter()

    async def upload(number: int) -> tuple[int, int]:
        content = ofx(statement(*days(5))) + number * end.encode()
        # A user with two unfinished files is asked to retry, and does.
        while (response := await api.upload(content)).status_code == 503:
            assert response.json()["type"].endswith("reading-busy")
        return response.status_code, response.json()["new"]

    answers = await asyncio.gather(*map(upload, range(4)))

    assert sorted(status for status, _ in answers) == statuses
    assert sorted(rows for _, rows in answers) == new
    assert await ImportModel.objects.acount() == statuses.count(201)
    assert await TransactionModel.objects.acount() == 5


class TestTheList:
    async def test_is_filtered(self, api: Api) -> None:
        await api.enter()
        march = (await api.upload(ofx(statement(*days(2))))).json()
        other = (await api.upload(ofx(statement(*days(3), number="400500600")))).json()
        day = march["imported_at"][:10]
        account = march["statements"][0]["account_id"]
        await api.delete(f"imports/{other['id']}")

        async def ids(query: str) -> list[str]:
            reply = await api.get(f"imports?{query}")
            assert reply.status_code == 200, reply.text
            return [each["id"] for each in reply.json()["items"]]

        assert await ids(f"account_id={account}") == [march["id"]]
        assert await ids("format=ofx") == [other["id"], march["id"]]
        assert await ids("format=camt") == []
        assert await ids("status=done") == [march["id"]]
        assert await ids("status=undone") == [other["id"]]
        assert await ids("status=running") == await ids("status=waiting") == []
        assert await ids(f"date_from={day}&date_to={day}") == [other["id"], march["id"]]
        assert await ids(f"date_to={day}&status=done") == [march["id"]]
        assert await ids("date_from=2100-01-01") == await ids("date_to=2000-01-01") == []

    async def test_has_cursors_of_its_own(self, api: Api) -> None:
        await api.enter()
        for count in (1, 2):
            await api.upload(ofx(statement(*days(count))))
        page = (await api.get("imports?limit=1")).json()
        cursor = page["next_cursor"]

        rest = (await api.get(f"imports?cursor={cursor}")).json()["items"]
        refused = await api.get(f"imports?status=done&cursor={cursor}")

        assert len({each["id"] for each in (*page["items"], *rest)}) == 2
        assert problem_of(refused) == (422, "invalid-cursor")

    async def test_names_the_files(self, api: Api) -> None:
        await api.enter()
        done = (await api.upload(ofx(statement(*days(1))), name="März 2026.ofx")).json()

        assert done["file_name"] == "März 2026.ofx"
        assert (await api.get("imports")).json()["items"][0]["file_name"] == "März 2026.ofx"


async def test_a_file_is_downloaded_as_it_was_uploaded(api: Api) -> None:
    await api.enter()
    content = ofx(statement(*days(2)))
    done = (await api.upload(content, name="März.ofx")).json()

    reply = await api.get(f"imports/{done['id']}/file")

    assert (reply.status_code, reply.content) == (200, content)
    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert "M%C3%A4rz.ofx" in reply.headers["Content-Disposition"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "no-store"
    entries = AuditEntryModel.objects.filter(action="import.downloaded")
    assert [str(entry.resource_id) async for entry in entries] == [done["id"]]
    eve = await Api().enter("eve@example.org")
    assert problem_of(await eve.get(f"imports/{done['id']}/file")) == (404, "import-not-found")
