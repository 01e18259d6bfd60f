"""Answers of SimpleFIN in all shapes that servers give them."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from adapters.providers.http import Reply
from adapters.providers.simplefin.access import Access
from adapters.providers.simplefin.answer import Answer, Asked, NotAnAnswer, id_in, key_of
from adapters.providers.simplefin.source import SimpleFinSource
from adapters.providers.troubles import trouble
from adapters.statements.simplefin import SimpleFinReader
from domain.connections.providers import AccountDocument, Fetched, StatementRequest, TroubleKind
from domain.connections.values import Credentials, Window
from domain.shared.result import Failure, Result, Success
from tests.contracts.provider import NOW, Meter
from tests.simplefin import DAY, account, answer, row

WINDOW = Window(date(2026, 3, 1), NOW.date())
OF_ACCOUNT = {"account_id": "A-1", "conn_id": "C-1"}
ASKED = Asked(WINDOW, (), NOW)


def fetched(*accounts: Any, **more: Any) -> Fetched:
    return Answer.parse(answer(*accounts, **more)).fetched(ASKED)


def only(*rows: Any, **more: Any) -> AccountDocument:
    (document,) = fetched(account(*rows, **more)).documents
    return document


class Scripted:
    """`Client` that answers what a test says."""

    def __init__(self, content: bytes, status: int = 200) -> None:
        self._reply = Reply(status, {}, content)

    async def send(self, *args: Any, **options: Any) -> Result[Reply, Any]:
        return Success(self._reply)


async def answered(content: bytes, status: int = 200) -> Result[Fetched, Any]:
    return await SimpleFinSource(Scripted(content, status)).fetch(
        Credentials(b"https://name:password@bridge.example/simplefin"),
        StatementRequest(account_keys=(), window=WINDOW),
        now=NOW,
        meter=Meter(),
    )


class TestAccounts:
    def test_keys_of_version_1_and_2(self) -> None:
        first = account(row("1"))
        named = account(row("1"), org={"name": "Bank"})
        second = account(row("1"), conn_id="C-1", id="A/1")

        found = fetched(first, named, second)

        keys = [each.key for each in found.accounts]
        assert keys == ["bank.example/A-1", "Bank/A-1", "C-1/A%2F1"]
        assert found.accounts[2].number == "A/1"
        assert id_in(key_of("a/b", "c/d e")) == "c/d e"

    def test_one_id_on_two_connections_is_two_accounts(self) -> None:
        twice = [account(row("1"), conn_id=each) for each in ("C-1", "C-2")]

        assert len(fetched(*twice).documents) == 2

    def test_points_are_no_currency(self) -> None:
        found = fetched(account(row("1"), currency="https://airline.example/miles"))

        assert found.documents == []
        assert found.accounts[0].currency == ""
        assert "points" in found.problems["bank.example/A-1"].detail

    @pytest.mark.parametrize("stated", [7, None, {}, [], {"id": ""}])
    def test_what_is_no_account_is_left_out(self, stated: Any) -> None:
        assert len(fetched(stated, account(row("1"))).accounts) == 1

    def test_an_id_may_be_a_number(self) -> None:
        found = fetched(account(row("1"), id=17))  # type: ignore[arg-type]
        read = SimpleFinReader().read(found.documents[0].content)

        assert isinstance(read, Success)
        assert found.accounts[0].number == read.value.statements[0].account.number == "17"


class TestDocuments:
    def test_hold_all_that_was_said(self) -> None:
        stated = account(row("1", text="Café ☕", extra={"a": [1]}), more=True)
        content = json.loads(fetched(stated).documents[0].content)

        assert content["accounts"] == [stated]
        assert content["retrieval"] == {
            "retrieved_at": "2026-03-14T09:00:00+00:00",
            "complete": True,
            "first_day": "2026-03-01",
            "last_day": "2026-03-14",
        }

    def test_amounts_stay_exact(self) -> None:
        content = answer(account(row("1"))).replace(b'"-12.50"', b"-0.1000000000000000055511")
        document = Answer.parse(content).fetched(ASKED).documents[0]

        assert b'"-0.1000000000000000055511"' in document.content

    def test_what_no_text_can_hold_is_replaced(self) -> None:
        assert SimpleFinReader().recognises(only(row("1", text="\ud800\0")).content)

    def test_say_the_same_in_whatever_order(self) -> None:
        one = only(row("1"), row("2"), balance_date=1)
        other = only(row("2"), dict(reversed(row("1").items())), balance_date=2)
        changed = only(row("1"), row("2", "-1.00"))

        assert one.fingerprint == other.fingerprint
        assert one.fingerprint != changed.fingerprint

    def test_days_to_come_are_not_answered(self) -> None:
        asked = Asked(Window(DAY, DAY + timedelta(30)), (), NOW)
        (document,) = Answer.parse(answer(account(row("1")))).fetched(asked).documents

        assert document.window == Window(DAY, NOW.date())


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "problems", "window"),
        [
            ({"code": "gen.api", "msg": "capped"}, [], Window(DAY, DAY)),
            ({"code": "gen.new", "message": "?"}, [], Window(DAY, DAY)),
            ({"code": "other"}, [], Window(DAY, DAY)),
            ({}, [], Window(DAY, DAY)),
            ({"code": "con.auth", "conn_id": "C-1"}, [TroubleKind.AUTHENTICATION], None),
            ({"code": "conn.auth", "conn_id": "C-1"}, [TroubleKind.AUTHENTICATION], None),
            ({"code": "con.new", "conn_id": "C-1"}, [TroubleKind.TRANSIENT], None),
            ({"code": "con.auth", "conn_id": "C-2"}, [], WINDOW),
            ({"code": "con.auth"}, [], Window(DAY, DAY)),
            ({"code": "act.failed", "account_id": "A-1"}, [TroubleKind.TRANSIENT], None),
            ({"code": "act.new", **OF_ACCOUNT}, [TroubleKind.TRANSIENT], None),
            ({"code": "act.failed", "account_id": "A-2"}, [], WINDOW),
            ({"code": "act.failed", "account_id": "A-1", "conn_id": "C-2"}, None, WINDOW),
            ({"code": "act.missingdata", "account_id": "A-2"}, [], WINDOW),
        ],
    )
    def test_by_code(
        self, error: dict[str, str], problems: list[TroubleKind] | None, window: Window | None
    ) -> None:
        found = fetched(account(row("1"), conn_id="C-1"), errlist=[error])

        if problems is not None:
            assert [each.kind for each in found.problems.values()] == problems
        assert [each.window for each in found.documents] == ([window] if window else [])

    def test_what_has_gaps_is_imported_and_covers_no_day(self) -> None:
        error = {"code": "act.missingdata", "account_id": "A-1"}
        found = fetched(account(row("1"), conn_id="C-1"), errlist=[error])

        (document,) = found.documents
        assert document.window is None
        assert found.problems.keys() == {document.account_key}
        assert found.nothing_booked == {}

    def test_an_account_that_fails_and_is_not_listed_has_not_gone(self) -> None:
        error = {"code": "act.failed", "conn_id": "C-1", "account_id": "A-2"}
        found = fetched(account(row("1"), conn_id="C-1"), errlist=[error])

        assert [each.key for each in found.accounts] == ["C-1/A-1", "C-1/A-2"]
        assert found.problems.keys() == {"C-1/A-2"}

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("Connection to Bank may need attention", TroubleKind.AUTHENTICATION),
            ("bank.example: please log in", TroubleKind.AUTHENTICATION),
            ("BANK could not be reached", TroubleKind.TRANSIENT),
            ("Bankers were not asked", None),
            ("Something happened", None),
        ],
    )
    def test_by_sentence(self, text: str, kind: TroubleKind | None) -> None:
        found = fetched(account(row("1")), errors=[text])

        assert [each.kind for each in found.problems.values()] == ([kind] if kind else [])
        assert all(text not in each.detail for each in found.problems.values())
        # Nobody knows what days such an error is about.
        assert [each.window for each in found.documents] == ([] if kind else [Window(DAY, DAY)])

    def test_without_rows_nothing_is_covered_if_something_is_wrong(self) -> None:
        (document,) = fetched(account(), errlist=[{"code": "gen.api"}]).documents

        assert document.window is None

    async def test_credentials_that_are_refused(self) -> None:
        refused = await answered(answer(account(row("1")), errlist=[{"code": "gen.auth"}]))

        assert refused == Failure(trouble(TroubleKind.AUTHENTICATION))

    @pytest.mark.parametrize(
        ("code", "kind"),
        [("con.auth", TroubleKind.CONSENT), ("con.", TroubleKind.TRANSIENT)],
    )
    async def test_errors_without_any_account(self, code: str, kind: TroubleKind) -> None:
        failed = await answered(answer(errlist=[{"code": code, "conn_id": "C-1"}]))

        assert isinstance(failed, Failure)
        assert failed.error.kind is kind


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"accounts": 7}', b"\xff", b'{"accounts": [', b"[" * 100_000, b"Oops"],
)
async def test_what_is_no_answer(content: bytes) -> None:
    with pytest.raises(NotAnAnswer):
        Answer.parse(content)
    failed = await answered(content)

    assert isinstance(failed, Failure)
    assert failed.error.kind is TroubleKind.PROTOCOL


class TestAccess:
    def test_is_taken_apart(self) -> None:
        access = Access.parse("https://na%40me:pass%3Aword@bridge.example:8443/simplefin/")

        assert access is not None
        assert access.root == "https://bridge.example:8443/simplefin"
        assert access.auth == ("na@me", "pass:word")
        assert "na@me" not in repr(access)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "https://bridge.example/",
            "https://name@bridge.example/",
            "https://name:word@/",
            "https://name:word@bridge.example/?a=b",
            "https://name:word@bridge.example:port/",
            "https://name:word@[bridge/",
            "https://name:word@bridge.example/ x",
            "https://name:word@bridge.example/" + "x" * 5000,
        ],
    )
    def test_is_refused(self, text: str) -> None:
        assert Access.parse(text) is None
