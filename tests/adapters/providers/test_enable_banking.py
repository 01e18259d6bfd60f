"""Enable Banking through the real client, against its API played on this machine."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.core.exceptions import ImproperlyConfigured

from adapters.providers.enable_banking.key import ApplicationKey, UnusableKey
from adapters.providers.enable_banking.provider import EnableBankingSettings, enable_banking
from adapters.providers.enable_banking.sessions import Session
from adapters.providers.enable_banking.source import EnableBankingSource
from adapters.providers.registry import ProviderSettings, providers
from adapters.statements.enable_banking import EnableBankingReader
from dashtam import settings as settings_module
from domain.connections.providers import (
    AnswerRefused,
    Fetched,
    Granted,
    Provider,
    ProviderTrouble,
    Redirect,
    StatementRequest,
    TroubleKind,
)
from domain.connections.values import Window
from domain.ledger.values import Statement
from domain.shared.result import Failure, Success
from tests.adapters.providers.doubles import (
    NOW,
    REDIRECT_URI,
    Answer,
    CountingMeter,
    context_of,
    local_client,
    playing,
)
from tests.adapters.providers.enable_banking_double import (
    APPLICATION_ID,
    PEM,
    EnableBankingDouble,
    pem_of,
)
from tests.enable_banking_answers import ACCOUNT, IBAN, balance_of, entry_of

TODAY = NOW.date()
LAST_90_DAYS = Window(TODAY - timedelta(days=89), TODAY)
DECEMBER = Window(date(2025, 12, 1), date(2025, 12, 31))
KEY = ACCOUNT["identification_hash"]
GIVEN = {"country": "fi", "institution": "north bank"}
TRANSACTIONS = "/accounts/uid-1/transactions"
BALANCES = "/accounts/uid-1/balances"


class FixedClock:
    def now(self) -> datetime:
        return NOW


def settings_for(address: str, pem: str = PEM) -> EnableBankingSettings:
    return EnableBankingSettings(application_id=APPLICATION_ID, key=pem, address=address)


def using(
    double: EnableBankingDouble, use: Callable[[Provider], Awaitable[Any]], pem: str = PEM
) -> Any:
    async def run() -> Any:
        async with playing(double) as address:
            provider = enable_banking(settings_for(address, pem), local_client(), FixedClock())
            assert provider
            return await use(provider)

    return asyncio.run(run())


def begin(double: EnableBankingDouble, given: Mapping[str, str] = GIVEN, **context: Any) -> Any:
    return using(
        double, lambda provider: provider.authorisation.begin(given, context_of(**context))
    )


async def granted_by(double: EnableBankingDouble, provider: Provider, **context: Any) -> Granted:
    redirect = await provider.authorisation.begin(GIVEN, context_of(**context))
    assert isinstance(redirect, Success), redirect
    assert isinstance(redirect.value, Redirect)
    given = double.consent(redirect.value.url)
    granted = await provider.authorisation.answer(
        redirect.value.memory, given, context_of(**context)
    )
    assert isinstance(granted, Success), granted
    assert isinstance(granted.value, Granted)
    return granted.value


def granted(double: EnableBankingDouble, **context: Any) -> Granted:
    result = using(double, lambda provider: granted_by(double, provider, **context))
    assert isinstance(result, Granted)
    return result


def fetch(
    double: EnableBankingDouble,
    window: Window = LAST_90_DAYS,
    keys: tuple[str, ...] = (),
    meter: CountingMeter | None = None,
) -> Any:
    async def use(provider: Provider) -> Any:
        consent = await granted_by(double, provider)
        double.requests.clear()
        return await provider.source.fetch(
            consent.credentials,
            StatementRequest(account_keys=keys, window=window),
            now=NOW,
            meter=meter or CountingMeter(),
        )

    return using(double, use)


def fetched(double: EnableBankingDouble, *arguments: Any, **named: Any) -> Fetched:
    result = fetch(double, *arguments, **named)
    assert isinstance(result, Success), result
    assert isinstance(result.value, Fetched)
    return result.value


def refused(status: int, error: str, **headers: str) -> Answer:
    return Answer({"code": status, "message": "canary", "error": error}, status, headers)


def trouble_in(result: Any) -> ProviderTrouble:
    assert isinstance(result, Failure), result
    assert isinstance(result.error, ProviderTrouble)
    return result.error


def sentence_in(result: Any) -> str:
    assert isinstance(result, Failure), result
    assert isinstance(result.error, AnswerRefused)
    return result.error.detail


def read(content: bytes) -> Statement:
    assert EnableBankingReader().recognises(content[:4096])
    result = EnableBankingReader().read(content)
    assert isinstance(result, Success), result
    (statement,) = result.value.statements
    return statement


class TestKey:
    @pytest.mark.parametrize("pem", [PEM, PEM.replace("\n", "\\n")])
    def test_signs_what_the_api_accepts(self, pem: str) -> None:
        begun = using(
            EnableBankingDouble(), lambda p: p.authorisation.begin(GIVEN, context_of()), pem
        )

        assert isinstance(begun, Success)

    def test_a_token_serves_for_an_hour_and_no_longer(self) -> None:
        key = ApplicationKey.from_pem("id", PEM)

        first = key.token(NOW)

        assert key.token(NOW + timedelta(minutes=50)) == first
        assert key.token(NOW + timedelta(minutes=59)) != first
        assert key.token(NOW - timedelta(days=1)) != first

    @pytest.mark.parametrize(
        "pem",
        [
            "",
            "canary",
            pem_of(generate_private_key(65537, 1024)),
            ec_key(SECP256R1())
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            .decode(),
        ],
        ids=["none", "text", "short", "ec"],
    )
    def test_what_cannot_sign_is_refused_at_once(self, pem: str) -> None:
        with pytest.raises(UnusableKey) as error:
            ApplicationKey.from_pem("id", pem)
        assert "canary" not in str(error.value)

    def test_another_key_is_the_operators_matter(self) -> None:
        pem = pem_of(generate_private_key(65537, 2048))

        result = using(
            EnableBankingDouble(), lambda p: p.authorisation.begin(GIVEN, context_of()), pem
        )

        assert trouble_in(result).kind is TroubleKind.TRANSIENT
        assert "operator" in trouble_in(result).detail

    def test_nothing_secret_is_shown(self) -> None:
        settings = settings_for("https://api.example")
        provider = enable_banking(settings, local_client())

        shown = repr((settings, provider, ProviderSettings(enable_banking=settings)))
        assert "PRIVATE" not in shown
        assert PEM[40:80] not in shown

    def test_without_an_application_it_is_not_offered(self) -> None:
        offered = providers(ProviderSettings(enable_banking=settings_for("https://api.example")))

        assert "enable-banking" in [each.slug for each in offered]
        assert "enable-banking" not in [each.slug for each in providers(ProviderSettings())]


class TestBeginning:
    def test_asks_for_the_longest_consent_less_a_minute(self) -> None:
        double = EnableBankingDouble()

        result = begin(double)

        assert isinstance(result, Success)
        until = NOW + timedelta(days=180) - timedelta(minutes=1)
        assert double.begun["state-1"] == {
            "access": {"valid_until": until.isoformat()},
            "aspsp": {"name": "North Bank", "country": "FI"},
            "psu_type": "personal",
            "redirect_url": REDIRECT_URI,
            "state": "state-1",
        }
        assert double.requests[0].query == {
            "country": "FI",
            "psu_type": "personal",
            "service": "AIS",
        }

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"country": "Finland"}, "two letters"),
            ({"country": "é1"}, "two letters"),
            ({"institution": " "}, "Say the bank's name"),
            ({"institution": "x" * 201}, "Say the bank's name"),
            ({"psu_type": "robot"}, "personal or business"),
        ],
    )
    def test_what_makes_no_sense_is_refused_without_a_request(
        self, given: dict[str, str], sentence: str
    ) -> None:
        double = EnableBankingDouble()

        assert sentence in sentence_in(begin(double, {**GIVEN, **given}))
        assert double.requests == []

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("North", "Did you mean “North Bank” or “North Savings Bank”?"),
            ("Revolt", "Did you mean “Revolut”?"),
            ("Zzz", "No bank in FI is called “Zzz”."),
        ],
    )
    def test_near_names_are_suggested(self, name: str, sentence: str) -> None:
        result = begin(EnableBankingDouble(), {**GIVEN, "institution": name})

        assert sentence_in(result).endswith(sentence)

    @pytest.mark.parametrize("url", [None, "javascript:alert(1)", "x" * 5_000, "ftp://bank"])
    def test_a_person_is_sent_to_a_page_only(self, url: Any) -> None:
        double = EnableBankingDouble(troubles={"/auth": [Answer({"url": url})]})

        assert trouble_in(begin(double)).kind is TroubleKind.PROTOCOL

    @pytest.mark.parametrize("answer", [b"", b"[]", b"<html>", b"[" * 100_000])
    def test_an_answer_that_is_none_is_trouble(self, answer: bytes) -> None:
        double = EnableBankingDouble(troubles={"/aspsps": [Answer(answer)]})

        assert trouble_in(begin(double)).kind is TroubleKind.PROTOCOL


class TestAnswering:
    def test_the_consent_names_accounts_and_its_end(self) -> None:
        consent = granted(EnableBankingDouble())

        (account,) = consent.accounts
        assert (account.key, account.number, account.currency) == (KEY, IBAN, "EUR")
        assert (account.name, consent.institution) == ("Current account", "North Bank")
        assert consent.expires_at == NOW + timedelta(days=180) - timedelta(minutes=1)
        assert "session-1" not in repr(consent)

    def test_credentials_are_stored_and_read_again(self) -> None:
        credentials = granted(EnableBankingDouble()).credentials

        session = Session.from_credentials(credentials)

        assert session
        assert session.to_credentials() == credentials
        assert session.accounts[0].uid == "uid-1"

    def test_no_more_is_stored_of_an_account_than_is_used(self) -> None:
        private = {"postal_address": {"address_lines": ["canary"]}, "legal_age": True}
        double = EnableBankingDouble(accounts=[{**ACCOUNT, **private, "uid": "uid-1"}])

        assert b"canary" not in granted(double).credentials.secret

    def test_an_account_of_several_currencies_is_several(self) -> None:
        some = [{**ACCOUNT, "uid": each, "currency": each} for each in ("EUR", "USD")]

        consent = granted(EnableBankingDouble(accounts=some))

        assert [each.key for each in consent.accounts] == [f"{KEY}:EUR", f"{KEY}:USD"]

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"state": "state-2"}, "another attempt"),
            ({"error": "access_denied"}, "did not consent"),
            ({"code": "used"}, "used before"),
            ({"code": ""}, "incomplete"),
        ],
    )
    def test_other_answers_are_refused(self, change: dict[str, str], sentence: str) -> None:
        double = EnableBankingDouble()

        async def use(provider: Provider) -> Any:
            redirect = await provider.authorisation.begin(GIVEN, context_of())
            assert isinstance(redirect, Success)
            assert isinstance(redirect.value, Redirect)
            given = {**double.consent(redirect.value.url), **change}
            return await provider.authorisation.answer(redirect.value.memory, given, context_of())

        assert sentence in sentence_in(using(double, use))

    def test_without_an_account_nothing_is_connected(self) -> None:
        double = EnableBankingDouble(accounts=[])

        with pytest.raises(AssertionError, match="You chose no account"):
            granted(double)

    def test_a_consent_is_renewed_in_place(self) -> None:
        double = EnableBankingDouble()
        first = granted(double)
        double.accounts = [{**ACCOUNT, "uid": "uid-2"}]

        async def use(provider: Provider) -> Any:
            context = context_of("state-2", renewed=first.credentials)
            redirect = await provider.authorisation.begin({}, context)
            assert isinstance(redirect, Success)
            assert isinstance(redirect.value, Redirect)
            given = double.consent(redirect.value.url)
            return await provider.authorisation.answer(redirect.value.memory, given, context)

        renewed = using(double, use)

        assert renewed.value.accounts == first.accounts
        session = Session.from_credentials(renewed.value.credentials)
        assert session
        assert session.accounts[0].uid == "uid-2"
        # The former one goes on until it ends.
        assert [*double.sessions] == ["session-1", "session-2"]

    def test_a_consent_is_not_renewed_at_another_bank(self) -> None:
        double = EnableBankingDouble()
        first = granted(double)

        result = begin(double, {"institution": "Revolut"}, renewed=first.credentials)

        assert "the same bank, which is “North Bank”" in sentence_in(result)

    def test_nothing_is_counted(self) -> None:
        meter = CountingMeter()

        granted(EnableBankingDouble(), meter=meter)

        assert meter.counted == {}


class TestFetching:
    def test_what_was_answered_is_read(self) -> None:
        rows = [entry_of("-1.00", f"E{number}") for number in range(7)]
        double = EnableBankingDouble(
            transactions={"uid-1": rows},
            balances={"uid-1": [balance_of("CLBD", "93.00")]},
            page_size=3,
        )

        result = fetched(double)

        (document,) = result.documents
        statement = read(document.content)
        assert [row.provider_id for row in statement.rows] == [f"E{n}" for n in range(7)]
        assert statement.account.number == result.accounts[0].number == IBAN
        assert [str(each.money) for each in statement.balances] == ["93.00 EUR"]
        assert (statement.first_day, statement.last_day) == (
            LAST_90_DAYS.first,
            LAST_90_DAYS.last,
        )
        assert statement.pending_day == TODAY
        assert (document.account_key, document.window) == (KEY, LAST_90_DAYS)
        assert double.paths() == [f"GET {BALANCES}", *[f"GET {TRANSACTIONS}"] * 3]

    def test_up_to_today_no_last_day_is_asked_for(self) -> None:
        double = EnableBankingDouble()

        fetched(double)

        assert double.requests[-1].query == {"date_from": "2026-01-01"}

    def test_days_of_history_have_both_ends(self) -> None:
        rows = [entry_of("-1.00", booking_date="2025-12-24")]
        double = EnableBankingDouble(transactions={"uid-1": rows})

        (document,) = fetched(double, DECEMBER).documents

        days = {"date_from": "2025-12-01", "date_to": "2025-12-31"}
        assert [each.query for each in double.requests] == [days]
        assert (document.window, read(document.content).pending_day) == (DECEMBER, None)

    def test_days_of_history_without_a_booking_need_no_document(self) -> None:
        result = fetched(EnableBankingDouble(), DECEMBER)

        assert (result.documents, result.nothing_booked) == ([], {KEY: DECEMBER})

    def test_the_latest_days_without_a_booking_have_a_document(self) -> None:
        (document,) = fetched(EnableBankingDouble()).documents

        assert read(document.content).pending_day == TODAY

    def test_a_fetch_counts_once_for_each_account(self) -> None:
        rows = [entry_of("-1.00", f"E{number}") for number in range(7)]
        double = EnableBankingDouble(transactions={"uid-1": rows}, page_size=2)
        meter = CountingMeter()

        fetched(double, meter=meter)

        assert meter.counted == {KEY: 1}

    def test_nothing_is_sent_when_the_quota_is_used_up(self) -> None:
        enough = ProviderTrouble("Enough for today.", kind=TroubleKind.QUOTA)
        double = EnableBankingDouble()

        assert trouble_in(fetch(double, meter=CountingMeter(0, enough))) == enough
        assert double.requests == []

    def test_a_page_that_repeats_rows_does_not_double_them(self) -> None:
        first, second = entry_of("-1.00", "E1"), entry_of("-1.00", "E1", transaction_id="new")
        coffee = entry_of("-2.00", None)
        pages = [
            {"transactions": [first, coffee, coffee], "continuation_key": "1"},
            {"transactions": [second, coffee], "continuation_key": None},
        ]
        double = EnableBankingDouble(troubles={TRANSACTIONS: [*map(Answer, pages)]})

        (document,) = fetched(double).documents

        amounts = [row.amount.amount for row in read(document.content).rows]
        assert [str(each) for each in amounts] == ["-1.00", "-2.00", "-2.00", "-2.00"]

    @pytest.mark.parametrize("key", ["again", 7])
    def test_pages_without_an_end_are_a_problem(self, key: Any) -> None:
        page = Answer({"transactions": [], "continuation_key": key})
        double = EnableBankingDouble(troubles={TRANSACTIONS: [page] * 600})

        assert fetched(double).problems[KEY].kind is TroubleKind.PROTOCOL

    def test_one_account_of_several_that_fails_does_not_stop_the_others(self) -> None:
        some = [
            {**ACCOUNT, "uid": f"uid-{n}", "identification_hash": f"hash-{n}"} for n in range(3)
        ]
        double = EnableBankingDouble(
            accounts=[*some, {**ACCOUNT, "uid": None, "identification_hash": "blocked"}],
            troubles={"/accounts/uid-1/transactions": [refused(502, "ASPSP_ERROR")]},
        )

        result = fetched(double)

        assert [each.account_key for each in result.documents] == ["hash-0", "hash-2"]
        assert {key: each.kind for key, each in result.problems.items()} == {
            "hash-1": TroubleKind.TRANSIENT,
            "blocked": TroubleKind.GONE,
        }
        assert len(result.accounts) == 4

    def test_an_account_that_the_consent_does_not_cover_is_gone(self) -> None:
        result = fetched(EnableBankingDouble(), keys=("elsewhere",))

        assert result.problems["elsewhere"].kind is TroubleKind.GONE
        assert result.documents == []

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (refused(401, "EXPIRED_SESSION"), TroubleKind.CONSENT),
            (refused(401, "CLOSED_SESSION"), TroubleKind.CONSENT),
            (refused(422, "WRONG_SESSION_STATUS"), TroubleKind.CONSENT),
            (refused(403, "ASPSP_PSU_ACTION_REQUIRED"), TroubleKind.CONSENT),
            (Answer({"code": "REVOKED_SESSION"}, 401), TroubleKind.CONSENT),
            (refused(403, "UNAUTHORIZED_IP"), TroubleKind.TRANSIENT),
            (Answer(b"<html>", 503), TroubleKind.TRANSIENT),
            (Answer({}, 429), TroubleKind.QUOTA),
        ],
    )
    def test_what_concerns_all_accounts_is_trouble(self, answer: Answer, kind: TroubleKind) -> None:
        for path in (BALANCES, TRANSACTIONS):
            double = EnableBankingDouble(troubles={path: [answer]})
            assert trouble_in(fetch(double)).kind is kind

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (refused(429, "ASPSP_RATE_LIMIT_EXCEEDED"), TroubleKind.QUOTA),
            (refused(502, "ASPSP_ERROR"), TroubleKind.TRANSIENT),
            (refused(408, "ASPSP_TIMEOUT"), TroubleKind.TRANSIENT),
            (refused(404, "INVALID_ACCOUNT_ID"), TroubleKind.GONE),
            (refused(422, "SOMETHING_NEW"), TroubleKind.PROTOCOL),
            (Answer(b"<html>"), TroubleKind.PROTOCOL),
        ],
    )
    def test_what_concerns_an_account_is_its_problem(
        self, answer: Answer, kind: TroubleKind
    ) -> None:
        result = fetched(EnableBankingDouble(troubles={TRANSACTIONS: [answer]}))

        assert result.problems[KEY].kind is kind
        assert "canary" not in repr(result)

    def test_what_was_read_before_all_ended_is_not_lost(self) -> None:
        some = [
            {**ACCOUNT, "uid": f"uid-{n}", "identification_hash": f"hash-{n}"} for n in range(3)
        ]
        ended = {"/accounts/uid-1/balances": [refused(401, "CLOSED_SESSION")]}

        result = fetched(EnableBankingDouble(accounts=some, troubles=ended))

        assert [each.account_key for each in result.documents] == ["hash-0"]
        assert {key: each.kind for key, each in result.problems.items()} == {
            "hash-1": TroubleKind.CONSENT,
            "hash-2": TroubleKind.CONSENT,
        }

    def test_balances_that_a_bank_refuses_do_not_stop_transactions(self) -> None:
        double = EnableBankingDouble(
            transactions={"uid-1": [entry_of("-1.00")]},
            troubles={BALANCES: [refused(502, "ASPSP_ERROR")]},
        )

        (document,) = fetched(double).documents

        assert len(read(document.content).rows) == 1
        assert json.loads(document.content)["balances"] is None


def test_a_fetch_that_takes_longer_than_its_lease_is_ended() -> None:
    double = EnableBankingDouble()

    async def use(provider: Provider) -> Any:
        consent = await granted_by(double, provider)
        assert isinstance(provider.source, EnableBankingSource)
        source = replace(provider.source, longest_fetch=0.0)
        request = StatementRequest(account_keys=(), window=LAST_90_DAYS)
        return await source.fetch(consent.credentials, request, now=NOW, meter=CountingMeter())

    result = using(double, use)

    assert result.value.problems[KEY].kind is TroubleKind.TRANSIENT


class TestHistory:
    @pytest.mark.parametrize(("history", "first"), [(88, 88), (40, 29)])
    def test_fewer_days_are_asked_for_if_the_bank_refuses(self, history: int, first: int) -> None:
        double = EnableBankingDouble(history=history)

        (document,) = fetched(double).documents

        assert document.window == Window(TODAY - timedelta(days=first), TODAY)
        assert read(document.content).first_day == TODAY - timedelta(days=first)

    def test_days_that_the_bank_does_not_give_are_not_covered(self) -> None:
        older = Window(TODAY - timedelta(days=179), TODAY - timedelta(days=90))
        double = EnableBankingDouble(history=90, balances={"uid-1": [balance_of("CLBD", "5")]})

        result = fetched(double, older)

        # No document and no problem: there is nothing more.
        assert (result.documents, result.problems, result.nothing_booked) == ([], {}, {})
        assert double.paths() == [f"GET {TRANSACTIONS}"]

    def test_a_bank_that_gives_no_days_at_all_is_a_problem(self) -> None:
        result = fetched(EnableBankingDouble(history=5))

        assert result.problems[KEY].kind is TroubleKind.PROTOCOL
        assert result.documents == []


class TestFingerprints:
    def fingerprint(self, *rows: Any, uid: str = "uid-1", balance: str = "1") -> bytes:
        stated = {**balance_of("CLBD", balance), "last_change_date_time": f"2026-{len(uid)}"}
        double = EnableBankingDouble(
            accounts=[{**ACCOUNT, "uid": uid}],
            transactions={uid: [*rows]},
            balances={uid: [stated]},
        )
        (document,) = fetched(double).documents
        return document.fingerprint

    def test_the_order_the_session_and_passing_ids_do_not_matter(self) -> None:
        one, other = entry_of("-1", "E1"), entry_of("-2", "E2")
        again = {**one, "transaction_id": "bmV3"}

        expected = self.fingerprint(one, other)

        assert self.fingerprint(other, again, uid="uid-of-another-session") == expected

    def test_every_change_matters(self) -> None:
        one = entry_of("-1", "E1")
        some = [
            self.fingerprint(one),
            self.fingerprint(one, one),
            self.fingerprint(one, balance="2"),
            self.fingerprint({**one, "status": "PDNG"}),
            self.fingerprint(),
        ]

        assert len({*some}) == len(some)


class TestEndOfConsent:
    def test_an_ended_consent_is_not_tried(self) -> None:
        double = EnableBankingDouble()
        credentials = granted(double).credentials
        later = NOW + timedelta(days=180)
        double.requests.clear()

        async def use(provider: Provider) -> Any:
            request = StatementRequest(account_keys=(), window=LAST_90_DAYS)
            meter = CountingMeter()
            return (
                await provider.source.refresh(credentials, now=later, meter=meter),
                await provider.source.fetch(credentials, request, now=later, meter=meter),
                await provider.source.refresh(credentials, now=NOW, meter=meter),
            )

        refreshed, fetched, before = using(double, use)

        assert trouble_in(refreshed).kind is trouble_in(fetched).kind is TroubleKind.CONSENT
        assert before == Success(None)
        assert double.requests == []

    def test_a_session_is_closed_when_the_connection_ends(self) -> None:
        double = EnableBankingDouble()
        credentials = granted(double).credentials

        using(double, lambda p: p.source.revoke(credentials, meter=CountingMeter()))
        # Once more is of no consequence.
        double.troubles["/sessions/session-1"] = [refused(404, "SESSION_DOES_NOT_EXIST")]
        using(double, lambda p: p.source.revoke(credentials, meter=CountingMeter()))

        assert double.sessions == {}

    def test_a_bank_that_allows_no_more_today_is_asked_tomorrow(self) -> None:
        soon = Answer({"error": "ASPSP_RATE_LIMIT_EXCEEDED"}, 429, {"Retry-After": "60"})
        double = EnableBankingDouble(troubles={"/auth": [soon]})

        until = trouble_in(begin(double)).until

        assert until == datetime(2026, 4, 1, tzinfo=NOW.tzinfo)


class TestSettings:
    def test_a_key_is_a_text_or_a_file(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        file = tmp_path / "key.pem"
        file.write_text(PEM)

        for value in (PEM, str(file)):
            monkeypatch.setenv("ENABLE_BANKING_KEY", value)
            assert settings_module._key("ENABLE_BANKING_KEY") == PEM

    def test_what_is_neither_is_refused_without_being_shown(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ENABLE_BANKING_KEY", "canary")

        with pytest.raises(ImproperlyConfigured) as error:
            settings_module._key("ENABLE_BANKING_KEY")
        assert "canary" not in str(error.value)
