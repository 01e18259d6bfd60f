"""Transactions that may be the same, over HTTP: suggested, confirmed, refused."""

from typing import Any

import pytest

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import MatchModel
from domain.identity.values import Scope
from domain.shared.ids import new_id
from tests.api.client import Api, Reply, problem_of
from tests.suggested import FIRST, SECOND, THIRD


async def import_file(api: Api, content: bytes) -> Any:
    done = await api.upload(content)
    assert done.status_code == 201
    return done.json()


async def suggested(api: Api) -> tuple[list[str], Any]:
    """Import both files; return the ids of the imports, and what they suggest."""
    await api.enter()
    ids = [(await import_file(api, content))["id"] for content in (FIRST, SECOND)]
    (match,) = await listed(api)
    return ids, match


async def listed(api: Api, query: str = "") -> list[Any]:
    response = await api.get(f"matches?{query}" if query else "matches")
    assert response.status_code == 200
    items: list[Any] = response.json()["items"]
    return items


async def decide(api: Api, match: Any, decision: str = "confirmed") -> Reply:
    return await api.put(f"matches/{match['id']}", {"decision": decision})


async def export(api: Api) -> str:
    reply = await api.get("export?format=csv")
    assert reply.status_code == 200
    return reply.text


class TestSuggestions:
    async def test_have_both_transactions(self, api: Api) -> None:
        _, match = await suggested(api)
        (account,) = (await api.get("accounts")).json()["items"]

        for leg, day, text in (
            ("added", "2026-03-05", "SumUp 4711"),
            ("existing", "2026-03-03", "Coffee house"),
        ):
            shown = match.pop(leg)
            assert (await api.get(f"transactions/{shown.pop('transaction_id')}")).status_code == 200
            assert shown == {
                "account_id": account["id"],
                "booking_date": day,
                "amount": "-12.50",
                "currency": "EUR",
                "description": text,
            }
        assert match == {"id": match["id"], "status": "suggested", "decided_at": None}

    async def test_are_counted_by_imports_and_previews(self, api: Api) -> None:
        await api.enter()
        await import_file(api, FIRST)

        preview = (await api.upload(SECOND, path="imports/preview")).json()

        assert await MatchModel.objects.acount() == 0
        done = await import_file(api, SECOND)
        shown = (await api.get(f"imports/{done['id']}")).json()
        assert done["suggested"] == shown["suggested"] == 1
        for answer in (preview, done, shown):
            assert [each["suggested"] for each in answer["statements"]] == [1]

    async def test_are_paged(self, api: Api) -> None:
        await suggested(api)
        await import_file(api, THIRD)
        newest, oldest = await listed(api)

        page = (await api.get("matches?limit=1")).json()
        rest = (await api.get(f"matches?limit=1&cursor={page['next_cursor']}")).json()

        assert (page["items"], rest["items"]) == ([newest], [oldest])
        assert rest["next_cursor"] is None

    @pytest.mark.parametrize(
        ("query", "kind"),
        [
            ("status=guessed", "invalid-query"),
            ("limit=0", "invalid-query"),
            ("account=1", "invalid-query"),
            ("cursor=nonsense", "invalid-cursor"),
        ],
    )
    async def test_an_invalid_query_is_refused(self, api: Api, query: str, kind: str) -> None:
        await api.enter()

        assert problem_of(await api.get(f"matches?{query}")) == (422, kind)


class TestDecisions:
    @pytest.mark.parametrize("decision", ["confirmed", "refused"])
    async def test_are_shown_and_audited(self, api: Api, decision: str) -> None:
        _, match = await suggested(api)

        response = await decide(api, match, decision)

        decided = response.json()
        assert response.status_code == 200
        assert decided == {**match, "status": decision, "decided_at": decided["decided_at"]}
        assert decided["decided_at"] is not None
        assert await listed(api) == []
        assert await listed(api, f"status={decision}") == [decided]
        entry = await AuditEntryModel.objects.aget(action="match.decided")
        assert entry.details == {
            "decision": decision,
            "added_id": match["added"]["transaction_id"],
            "existing_id": match["existing"]["transaction_id"],
        }

    async def test_are_final(self, api: Api) -> None:
        _, match = await suggested(api)
        decided = await decide(api, match, "refused")

        assert (await decide(api, match, "refused")).json() == decided.json()
        other = await decide(api, match)

        assert problem_of(other) == (409, "match-is-decided")
        assert other.json()["detail"] == "You have already refused this match for good."

    async def test_what_is_merged_is_no_longer_found(self, api: Api) -> None:
        _, match = await suggested(api)
        added = match["added"]["transaction_id"]

        await decide(api, match)

        assert problem_of(await api.get(f"transactions/{added}")) == (404, "transaction-not-found")
        row = await MatchModel.objects.select_related("added").aget()
        assert (row.added.removal, row.added.version) == ("merged", 2)

    async def test_what_is_gone_is_not_found(self, api: Api) -> None:
        ids, match = await suggested(api)
        await api.delete(f"imports/{ids[0]}")

        assert await listed(api) == []
        assert problem_of(await decide(api, match)) == (404, "match-not-found")

    async def test_of_another_user_are_not_found(self, api: Api, locked: str) -> None:
        _, match = await suggested(api)
        await api.enter("eve@example.org")

        assert await listed(api) == []
        for match_id in (match["id"], new_id()):
            response = await api.put(f"matches/{match_id}", {"decision": "refused"})
            assert problem_of(response) == (404, "match-not-found")
        assert (await MatchModel.objects.aget()).status == "suggested"

    async def test_need_a_scope(self, api: Api) -> None:
        _, match = await suggested(api)
        reader = await api.program(Scope.READ_TRANSACTIONS)

        assert await listed(reader) == [match]
        assert problem_of(await decide(reader, match)) == (403, "scope-missing")

    @pytest.mark.parametrize("body", [{}, {"decision": "suggested"}, {"decision": None}, []])
    async def test_an_invalid_decision_is_refused(self, api: Api, body: Any) -> None:
        _, match = await suggested(api)

        assert problem_of(await api.put(f"matches/{match['id']}", body)) == (422, "invalid-body")


class TestUndo:
    async def test_of_the_second_restores_the_export_byte_for_byte(self, api: Api) -> None:
        await api.enter()
        nothing = await export(api)
        first = await import_file(api, FIRST)
        before = await export(api)
        second = await import_file(api, SECOND)
        await decide(api, (await listed(api))[0])

        await api.delete(f"imports/{second['id']}")
        assert await export(api) == before
        await api.delete(f"imports/{first['id']}")
        assert await export(api) == nothing
        await import_file(api, FIRST)
        assert await export(api) == before

    async def test_of_the_first_leaves_the_export_of_the_second(self, api: Api) -> None:
        await api.enter("eve@example.org")
        nothing = await export(api)
        await import_file(api, SECOND)
        alone = without_ids(await export(api))
        ids, match = await suggested(api)
        await decide(api, match)
        both = await export(api)

        await api.delete(f"imports/{ids[0]}")
        assert without_ids(await export(api)) == alone
        await api.post(f"imports/{ids[0]}/reimport", {})
        await api.delete(f"imports/{ids[1]}")
        assert await export(api) == both
        (again, *_) = (await api.get("imports")).json()["items"]
        await api.delete(f"imports/{again['id']}")
        assert await export(api) == nothing


def without_ids(text: str) -> list[str]:
    """Return the lines of an export without the ids of transactions, which come first."""
    return [line.partition(",")[2] for line in text.splitlines()]
