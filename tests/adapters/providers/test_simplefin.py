"""The client of SimpleFIN against the simulated bank, over HTTP."""

import base64
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.providers.http import HttpClient
from adapters.providers.sandbox import Bank, Sandbox, Trouble, served
from adapters.providers.sandbox.bank import HISTORY, PLANS
from adapters.providers.simplefin import simplefin
from adapters.statements.simplefin import SimpleFinReader
from domain.connections.providers import (
    AnswerRefused,
    Fetched,
    Granted,
    Progress,
    ProviderTrouble,
    StatementRequest,
    TroubleKind,
)
from domain.connections.values import Credentials, Window
from domain.ledger.values import Statement
from domain.shared.result import Failure, Result, Success
from tests.adapters.providers.servers import Answer, answer
from tests.adapters.providers.servers import served as scripted
from tests.contracts.provider import NOW, Meter, Offered

WINDOW = Window(date(2026, 2, 1), date(2026, 3, 14))
CARD, BROKERS = "CON-1/ACT-3", "CON-2/ACT-4"


@dataclass
class Ada:
    """A customer of the simulated bank, whose access is granted."""

    offered: Offered
    sandbox: Sandbox
    origin: str
    credentials: Credentials = field(default_factory=lambda: Credentials(b""))

    @property
    def bank(self) -> Bank:
        return self.sandbox.banks["ada"]

    async def connect(self, token: str | None = None) -> Progress:
        token = token or self.sandbox.setup_token("ada", self.origin)
        authorisation = self.offered.provider.authorisation
        begun = await authorisation.begin({"setup_token": token}, self.offered.context())
        if isinstance(begun, Success) and isinstance(begun.value, Granted):
            self.credentials = begun.value.credentials
        return begun

    async def fetch(self, window: Window = WINDOW, *keys: str) -> Result[Fetched, ProviderTrouble]:
        request = StatementRequest(account_keys=keys, window=window)
        source, meter = self.offered.provider.source, self.offered.meter
        return await source.fetch(self.credentials, request, now=self.offered.now, meter=meter)

    async def fetched(self, window: Window = WINDOW, *keys: str) -> Fetched:
        result = await self.fetch(window, *keys)
        assert isinstance(result, Success), result
        return result.value


@asynccontextmanager
async def customer(version: int = 2, seconds: float = 60.0) -> AsyncIterator[Ada]:
    client = HttpClient(may_be_private=True, request_seconds=seconds)
    offered = Offered(simplefin(client, may_be_private=True), {})
    sandbox = Sandbox(
        clock=lambda: offered.now,
        banks={"ada": Bank(seed="ada", opened=(NOW - HISTORY).date())},
        version=version,
    )
    async with served(sandbox) as origin:
        ada = Ada(offered, sandbox, origin)
        assert isinstance(await ada.connect(), Success)
        yield ada


def statement_of(found: Fetched, key: str) -> Statement:
    (document,) = [each for each in found.documents if each.account_key == key]
    read = SimpleFinReader().read(document.content)
    assert isinstance(read, Success)
    return read.value.statements[0]


def token_of(url: str) -> str:
    return base64.b64encode(url.encode()).decode()


class TestSetup:
    async def test_a_token_is_claimed_once(self) -> None:
        async with customer() as ada:
            token = ada.sandbox.setup_token("ada", ada.origin)
            granted = await ada.connect(f" {token[:20]}\n{token[20:].rstrip('=')} ")
            again = await ada.connect(token)

        assert isinstance(granted, Success)
        assert isinstance(granted.value, Granted)
        assert granted.value.institution == "127.0.0.1"
        assert isinstance(again, Failure)
        assert isinstance(again.error, AnswerRefused)
        assert "somebody else" in again.error.detail

    @pytest.mark.parametrize(
        "token",
        [
            "https://name:password@bridge.example/simplefin",
            token_of("https://name:password@bridge.example/simplefin"),
            token_of("file:///etc/passwd"),
            token_of("bridge.example/claim/1"),
            token_of("https://bridge.example/claim/1\r\nX: y"),
            token_of("https://bridge.example/" + "x" * 5000),
            "%%%%",
            "",
        ],
    )
    async def test_what_is_no_token_is_refused_without_a_request(self, token: str) -> None:
        meter = Meter()
        offered = Offered(simplefin(HttpClient()), {}, meter=meter)

        refused = await offered.provider.authorisation.begin(
            {"setup_token": token}, offered.context()
        )

        assert isinstance(refused, Failure)
        assert isinstance(refused.error, AnswerRefused)
        assert meter.counted == 0

    @pytest.mark.parametrize(
        "url",
        [
            "https://127.0.0.1:9/claim/1",
            "https://169.254.169.254/latest",
            "https://[::1]/claim/1",
            "https://localhost/claim/1",
            "http://bridge.example/claim/1",
        ],
    )
    async def test_a_token_does_not_lead_into_a_private_network(self, url: str) -> None:
        offered = Offered(simplefin(HttpClient()), {})

        refused = await offered.provider.authorisation.begin(
            {"setup_token": token_of(url)}, offered.context()
        )

        assert isinstance(refused, Failure)
        assert isinstance(refused.error, AnswerRefused)

    @pytest.mark.parametrize(
        ("sent", "kind"),
        [
            (answer(b"Forbidden", 403), None),
            (answer(b"", 404), None),
            (answer(b"", 302, "Location: http://169.254.169.254/"), None),
            (answer(b"x" * 5000), None),
            (answer(b"", 500), TroubleKind.TRANSIENT),
            (answer(b"", 429), TroubleKind.QUOTA),
            (answer(b"welcome"), TroubleKind.PROTOCOL),
            (answer(b"https://bridge.example/simplefin"), TroubleKind.PROTOCOL),
            (answer(b"ftp://a:b@bridge.example/"), TroubleKind.PROTOCOL),
            (answer(b"\xff\xfe"), TroubleKind.PROTOCOL),
        ],
    )
    async def test_what_a_server_answers_to_a_claim(
        self, sent: Answer, kind: TroubleKind | None
    ) -> None:
        offered = Offered(simplefin(HttpClient(may_be_private=True), may_be_private=True), {})
        async with scripted(sent) as server:
            token = token_of(f"http://127.0.0.1:{server.port}/claim/1")
            refused = await offered.provider.authorisation.begin(
                {"setup_token": token}, offered.context()
            )

        assert isinstance(refused, Failure)
        if kind is None:
            assert isinstance(refused.error, AnswerRefused)
        else:
            assert isinstance(refused.error, ProviderTrouble)
            assert refused.error.kind is kind
        assert server.requests[0].startswith(b"POST /claim/1 ")
        assert b"Content-Length: 0" in server.requests[0]


class TestRequests:
    async def test_one_request_is_for_all_accounts_and_the_end_is_not_included(self) -> None:
        listed = answer(json.dumps({"errlist": [], "accounts": []}).encode())
        client = HttpClient(may_be_private=True)
        offered = Offered(simplefin(client, may_be_private=True), {})
        async with scripted(listed) as server:
            access = f"http://na%40me:pass%2Fword@127.0.0.1:{server.port}/simplefin/"
            for keys in ((), ("C-1/A%2F1", "C-1/A-2")):
                await offered.provider.source.fetch(
                    Credentials(access.encode()),
                    StatementRequest(account_keys=keys, window=WINDOW),
                    now=NOW,
                    meter=offered.meter,
                )

        target = urlsplit(server.requests[0].split(b" ")[1].decode())
        assert target.path == "/simplefin/accounts"
        begin, end = (
            str(int(datetime(2026, *day, tzinfo=UTC).timestamp())) for day in ((2, 1), (3, 15))
        )
        assert parse_qs(target.query) == {
            "version": ["2"],
            "pending": ["1"],
            "start-date": [begin],
            "end-date": [end],
        }
        basic = base64.b64encode(b"na@me:pass/word")
        assert b"Authorization: Basic " + basic in server.requests[0]
        assert b"account=A%2F1&account=A-2 " in server.requests[1]
        assert offered.meter.counted == 2

    @pytest.mark.parametrize("version", [1, 2])
    async def test_what_is_answered_is_what_is_true(self, version: int) -> None:
        async with customer(version) as ada:
            found = await ada.fetched()
            truth = ada.bank.truth(NOW)

        assert len(found.documents) == len(PLANS)
        for plan, document in zip(PLANS, found.documents, strict=True):
            statement = statement_of(found, document.account_key)
            rows = sorted(
                (each.booking_date, each.amount.amount, each.payee, each.pending)
                for each in statement.rows
            )
            assert rows == [tuple(x) for x in truth[plan.name] if WINDOW.first <= x.day]
            assert (statement.first_day, statement.last_day) == (WINDOW.first, WINDOW.last)
            assert statement.pending_day == NOW.date()
            assert document.window == WINDOW

    async def test_days_without_bookings_in_the_past_need_no_document(self) -> None:
        async with customer() as ada:
            before = Window(date(2020, 1, 1), date(2020, 1, 31))
            found = await ada.fetched(before)

        assert len(found.accounts) == len(PLANS)
        assert found.documents == []

    async def test_other_ids_are_news(self) -> None:
        async with customer() as ada:
            first = await ada.fetched()
            ada.offered.now += timedelta(hours=3)
            second = await ada.fetched()
            ada.bank.generation += 1
            third = await ada.fetched()

        prints = [[each.fingerprint for each in x.documents] for x in (first, second, third)]
        assert prints[0] == prints[1]
        assert prints[1] != prints[2]


class TestTroubles:
    @pytest.mark.parametrize(
        ("happens", "kind"),
        [
            (Trouble.PAYMENT, TroubleKind.PAYMENT),
            (Trouble.FORBIDDEN, TroubleKind.CONSENT),
            (Trouble.QUOTA, TroubleKind.QUOTA),
            (Trouble.OUTAGE, TroubleKind.TRANSIENT),
            (Trouble.CUT, TroubleKind.TRANSIENT),
            (Trouble.TIMEOUT, TroubleKind.TRANSIENT),
        ],
    )
    async def test_all_of_an_answer_fails(self, happens: Trouble, kind: TroubleKind) -> None:
        seconds = 0.2 if happens is Trouble.TIMEOUT else 60.0
        async with customer(seconds=seconds) as ada:
            ada.sandbox.next_troubles.append(happens)
            failed = await ada.fetch()
            requests = ada.sandbox.requests
            ada.sandbox.next_troubles.clear()

        assert isinstance(failed, Failure)
        assert failed.error.kind is kind
        assert requests == 2
        expected = NOW + timedelta(hours=1) if kind is TroubleKind.QUOTA else None
        assert failed.error.until == expected

    async def test_a_consent_that_has_ended_is_renewed_in_place(self) -> None:
        async with customer() as ada:
            before = await ada.fetched()
            ada.bank.consent_until = NOW
            ended = await ada.fetch()
            ada.bank.consent_until = None
            await ada.connect()
            after = await ada.fetched()

        assert isinstance(ended, Failure)
        assert ended.error.kind is TroubleKind.CONSENT
        assert [each.key for each in before.accounts] == [each.key for each in after.accounts]

    @pytest.mark.parametrize("version", [1, 2])
    async def test_one_bank_or_account_fails_and_the_others_do_not(self, version: int) -> None:
        async with customer(version) as ada:
            ada.bank.troubles.add(Trouble.LOG_IN)
            found = await ada.fetched()

        (failing,) = found.problems
        assert failing.endswith("/ACT-4")
        assert found.problems[failing].kind is TroubleKind.AUTHENTICATION
        assert len(found.accounts) == len(PLANS)
        assert {each.account_key for each in found.documents} == {
            each.key for each in found.accounts
        } - {failing}

    async def test_an_account_fails(self) -> None:
        async with customer() as ada:
            ada.bank.troubles.add(Trouble.ACCOUNT_FAILS)
            found = await ada.fetched()

        assert found.problems.keys() == {CARD}
        assert found.problems[CARD].kind is TroubleKind.TRANSIENT
        assert len(found.documents) == len(PLANS) - 1

    async def test_missing_data_covers_nothing(self) -> None:
        async with customer() as ada:
            ada.bank.troubles.add(Trouble.DATA_MISSING)
            found = await ada.fetched()

        statement = statement_of(found, CARD)
        (document,) = [each for each in found.documents if each.account_key == CARD]
        assert document.window is None
        assert found.problems.keys() == {CARD}
        assert statement.rows
        assert (statement.first_day, statement.pending_day) == (None, None)
        assert all(each.window == WINDOW for each in found.documents if each.account_key != CARD)

    async def test_a_cap_covers_no_more_than_it_lists(self) -> None:
        async with customer() as ada:
            ada.bank.troubles.add(Trouble.CAPPED)
            found = await ada.fetched()

        assert found.problems == {}
        for document in found.documents:
            window = document.window
            assert window is None or window.first >= WINDOW.last - timedelta(days=9)
            assert statement_of(found, document.account_key).first_day is None

    async def test_an_account_that_is_closed_is_not_reported(self) -> None:
        async with customer() as ada:
            ada.bank.troubles.add(Trouble.ACCOUNT_CLOSED)
            found = await ada.fetched()

        assert "CON-1/ACT-2" not in [each.key for each in found.accounts]

    async def test_access_is_tried_only_where_it_may_be(self) -> None:
        offered = Offered(simplefin(HttpClient()), {})
        access = Credentials(b"https://name:password@169.254.169.254/simplefin")

        refused = await offered.fetch(access)

        assert isinstance(refused, Failure)
        assert refused.error.kind is TroubleKind.PROTOCOL


async def test_no_secret_is_logged_or_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown = list[str]()
    async with customer() as ada:
        token = ada.sandbox.setup_token("ada", ada.origin)
        shown.append(repr(await ada.connect(token)))
        for happens in (Trouble.NONE, Trouble.OUTAGE, Trouble.CUT, Trouble.FORBIDDEN):
            ada.sandbox.next_troubles.append(happens)
            shown.append(repr(await ada.fetch()))

    for secret in (token, "password", "/claim/", "simplefin/accounts", "COFFEE CORNER"):
        assert secret not in caplog.text
        assert secret not in "".join(shown)
