"""The ledger as a file, over HTTP."""

import csv
from io import StringIO
from uuid import UUID

import pytest

from adapters.audit.models import AuditEntryModel
from dashtam.api.downloads import PIECE
from tests.api.client import Api, Reply, problem_of
from tests.statements import days, ofx, statement, transaction

MARCH = ofx(statement(*days(5)), statement(*days(2), number="7"))


def rows(reply: Reply) -> list[dict[str, str]]:
    assert reply.status_code == 200
    return list(csv.DictReader(StringIO(reply.text, newline="")))


class TestExport:
    @pytest.mark.parametrize(
        ("name", "media_type", "first"),
        [
            ("csv", "text/csv; charset=utf-8; header=present", "transaction_id,"),
            ("ofx", "application/x-ofx", "<?xml "),
            ("beancount", "text/plain; charset=utf-8", "option "),
        ],
    )
    async def test_is_a_download(self, api: Api, name: str, media_type: str, first: str) -> None:
        await api.enter()
        await api.upload(MARCH)

        reply = await api.get(f"export?format={name}")

        assert (reply.status_code, reply.headers["Content-Type"]) == (200, media_type)
        assert reply.headers["Content-Disposition"] == f'attachment; filename="ledger.{name}"'
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert int(reply.headers["Content-Length"]) == len(reply.text.encode())
        assert reply.text.startswith(first)
        assert "100200300" in reply.text
        entry = await AuditEntryModel.objects.aget(action="ledger.exported")
        assert entry.details == {"format": name, "count": 7}

    async def test_is_streamed(self, api: Api) -> None:
        await api.enter()
        many = [transaction(fitid=f"F{n}", name="x" * 1000) for n in range(200)]
        await api.upload(ofx(statement(*many)))

        reply = await api.get("export?format=csv")

        assert len(reply.text) > 2 * PIECE
        assert len(rows(reply)) == 200

    async def test_can_be_limited_to_one_account(self, api: Api) -> None:
        await api.enter()
        await api.upload(MARCH)
        accounts = (await api.get("accounts")).json()["items"]
        wanted = next(each["id"] for each in accounts if each["number"] == "7")

        found = rows(await api.get(f"export?format=csv&account_id={wanted}"))

        assert [row["account_number"] for row in found] == ["7", "7"]

    async def test_can_be_limited_to_a_period(self, api: Api) -> None:
        await api.enter()
        await api.upload(ofx(statement(*days(5))))

        found = rows(await api.get("export?format=csv&date_from=2026-03-02&date_to=2026-03-04"))

        assert [row["booking_date"][-2:] for row in found] == ["02", "03", "04"]

    async def test_of_an_empty_ledger_is_a_file(self, api: Api) -> None:
        await api.enter()

        assert rows(await api.get("export?format=csv")) == []

    @pytest.mark.parametrize(
        ("query", "problem"),
        [
            ("", (422, "invalid-query")),
            ("?format=xls", (422, "unknown-export-format")),
            ("?format=csv&date_from=yesterday", (422, "invalid-query")),
            ("?format=csv&date_from=1772323200", (422, "invalid-query")),
            ("?format=csv&account_id=7", (422, "invalid-query")),
            ("?format=csv&format=ofx", (422, "invalid-query")),
            (f"?format=csv&account_id={UUID(int=7)}", (404, "account-not-found")),
        ],
    )
    async def test_reports_invalid_parameters(
        self, api: Api, query: str, problem: tuple[int, str]
    ) -> None:
        await api.enter()

        assert problem_of(await api.get(f"export{query}")) == problem

    async def test_of_another_users_account_is_not_found(self, api: Api) -> None:
        assert problem_of(await api.get("export?format=csv")) == (401, "token-missing")
        await api.enter()
        await api.upload(MARCH)
        account, *_ = (await api.get("accounts")).json()["items"]
        eve = await Api().enter("eve@example.org")

        assert rows(await eve.get("export?format=csv")) == []
        refused = await eve.get(f"export?format=csv&account_id={account['id']}")
        assert problem_of(refused) == (404, "account-not-found")
