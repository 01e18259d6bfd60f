"""OAuth against a small server on this machine: what is sent, and what becomes of answers."""

import asyncio
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from adapters.providers.oauth import (
    LONGEST_DIALOG,
    Application,
    AuthorisationServer,
    OAuth,
    Tokens,
    authorisation_code,
    discover,
)
from domain.connections.providers import (
    AnswerRefused,
    ProviderTrouble,
    Redirect,
    TroubleKind,
)
from domain.shared.result import Failure, Result, Success
from tests.adapters.providers.doubles import (
    NOW,
    REDIRECT_URI,
    Answer,
    Request,
    context_of,
    local_client,
    playing,
)

SECRET = "a canary: secret"
GRANTED = {
    "access_token": "canary-access",
    "token_type": "Bearer",
    "expires_in": 1800,
    "refresh_token": "canary-refresh",
}
STALE = Tokens(access_token="canary-a", refresh_token="canary-r", expires_at=NOW)


def server_at(address: str, **changes: Any) -> AuthorisationServer:
    values = {
        "issuer": address,
        "authorization_endpoint": f"{address}/auth",
        "token_endpoint": f"{address}/token",
        "revocation_endpoint": f"{address}/revoke",
        **changes,
    }
    return AuthorisationServer(**values)


def oauth_at(address: str, secret: str = SECRET, **changes: Any) -> OAuth:
    application = Application(client_id="dash:tam", client_secret=secret, scope="accounts")
    return OAuth(local_client(), server_at(address, **changes), application)


def against(
    answers: list[Answer], use: Callable[[OAuth], Awaitable[Any]], **changes: Any
) -> tuple[Any, list[Request]]:
    """Return what came of it, and the requests that a server with these answers got."""
    requests: list[Request] = []

    def play(request: Request) -> Answer:
        requests.append(request)
        return answers[min(len(requests), len(answers)) - 1]

    async def run() -> Any:
        async with playing(play) as address:
            return await use(oauth_at(address, **changes))

    return asyncio.run(run()), requests


def begun(oauth: OAuth) -> tuple[Redirect, dict[str, str]]:
    redirect = oauth.begin(context_of())
    return redirect, dict(parse_qsl(urlsplit(redirect.url).query))


def exchanged(
    answer: Answer, **given: str
) -> tuple[Result[Tokens, ProviderTrouble | AnswerRefused], list[Request]]:
    async def use(oauth: OAuth) -> Any:
        redirect, _ = begun(oauth)
        answered = {"state": "state-1", "code": "code-1", **given}
        return await oauth.exchange(redirect.memory, answered, context_of())

    return against([answer], use)


def refreshed(*answers: Answer, tokens: Tokens = STALE) -> tuple[Any, list[Request]]:
    return against([*answers], lambda oauth: oauth.refresh(tokens, now=NOW))


def kind_of(result: Any) -> TroubleKind:
    assert isinstance(result, Failure)
    assert isinstance(result.error, ProviderTrouble)
    return result.error.kind


class TestAuthorisationUrl:
    def test_names_the_application_the_state_and_the_challenge(self) -> None:
        _, parameters = begun(oauth_at("https://bank.example"))

        challenge = parameters.pop("code_challenge")
        assert len(challenge) == 43
        assert parameters == {
            "response_type": "code",
            "client_id": "dash:tam",
            "redirect_uri": REDIRECT_URI,
            "scope": "accounts",
            "state": "state-1",
            "code_challenge_method": "S256",
        }

    def test_every_verifier_is_another_one(self) -> None:
        oauth = oauth_at("https://bank.example")

        assert begun(oauth)[1]["code_challenge"] != begun(oauth)[1]["code_challenge"]

    def test_an_endpoint_may_have_a_query(self) -> None:
        oauth = oauth_at("https://bank.example", authorization_endpoint="https://b.example/a?p=1")

        redirect, parameters = begun(oauth)
        assert redirect.url.startswith("https://b.example/a?p=1&response_type=code&")
        assert parameters["p"] == "1"

    def test_nothing_secret_is_shown(self) -> None:
        oauth = oauth_at("https://bank.example")
        redirect, _ = begun(oauth)
        shown = repr((redirect, oauth._application, STALE, oauth._server))

        assert "canary" not in shown
        assert json.loads(redirect.memory)[1] not in shown


class TestAnswers:
    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"state": "state-2"}, "another attempt"),
            ({"state": ""}, "another attempt"),
            ({"state": "state-2", "error": "access_denied"}, "another attempt"),
            ({"error": "access_denied"}, "You did not consent"),
            ({"error": "server_error", "error_description": "<b>"}, "The bank did not consent"),
            ({"code": ""}, "incomplete"),
            ({"code": "x" * 5_000}, "incomplete"),
            ({"code": "a\nb"}, "incomplete"),
            ({"iss": "https://other.example"}, "does not come from the bank"),
        ],
    )
    def test_what_is_no_code_is_refused_without_a_request(
        self, given: dict[str, str], sentence: str
    ) -> None:
        result, requests = exchanged(Answer(GRANTED), **given)

        assert isinstance(result, Failure)
        assert isinstance(result.error, AnswerRefused)
        assert sentence in result.error.detail
        assert requests == []

    def test_a_state_that_is_no_ascii_is_foreign(self) -> None:
        result = authorisation_code({"state": "é\ud800", "code": "1"}, state="state-1")

        assert isinstance(result, Failure)

    def test_without_a_state_of_ones_own_nothing_is_accepted(self) -> None:
        assert isinstance(authorisation_code({"state": "", "code": "1"}, state=""), Failure)

    def test_an_issuer_is_demanded_of_a_server_that_names_it(self) -> None:
        server = server_at("https://bank.example", says_issuer=True)
        given = {"state": "s", "code": "c"}

        silent = authorisation_code(given, state="s", server=server)
        named = authorisation_code({**given, "iss": server.issuer}, state="s", server=server)

        assert isinstance(silent, Failure)
        assert named == Success("c")

    def test_an_answer_after_a_long_time_is_refused(self) -> None:
        async def use(oauth: OAuth) -> Any:
            redirect, _ = begun(oauth)
            later = context_of(now=NOW + LONGEST_DIALOG + timedelta(seconds=1))
            return await oauth.exchange(
                redirect.memory, {"state": "state-1", "code": "code-1"}, later
            )

        result, requests = against([Answer(GRANTED)], use)

        assert isinstance(result, Failure)
        assert "too late" in result.error.detail
        assert requests == []


class TestExchange:
    def test_sends_the_code_with_the_verifier_of_the_challenge(self) -> None:
        challenges: list[str] = []

        async def use(oauth: OAuth) -> Any:
            redirect, parameters = begun(oauth)
            challenges.append(parameters["code_challenge"])
            given = {"state": "state-1", "code": "code-1"}
            return await oauth.exchange(redirect.memory, given, context_of())

        result, (request,) = against([Answer(GRANTED)], use)

        assert result == Success(
            Tokens(
                access_token="canary-access",
                refresh_token="canary-refresh",
                expires_at=NOW + timedelta(minutes=30),
            )
        )
        form = request.form
        digest = sha256(form.pop("code_verifier").encode()).digest()
        assert urlsafe_b64encode(digest).rstrip(b"=").decode() == challenges[0]
        assert form == {
            "grant_type": "authorization_code",
            "code": "code-1",
            "redirect_uri": REDIRECT_URI,
        }
        expected = b64encode(b"dash%3Atam:a+canary%3A+secret").decode()
        assert request.headers["authorization"] == f"Basic {expected}"

    def test_a_public_client_names_itself(self) -> None:
        async def use(oauth: OAuth) -> Any:
            redirect, _ = begun(oauth)
            given = {"state": "state-1", "code": "code-1"}
            return await oauth.exchange(redirect.memory, given, context_of())

        _, (request,) = against([Answer(GRANTED)], use, secret="")

        assert request.form["client_id"] == "dash:tam"
        assert "authorization" not in request.headers

    def test_a_code_that_was_used_is_refused(self) -> None:
        result, _ = exchanged(Answer({"error": "invalid_grant"}, 400))

        assert isinstance(result, Failure)
        assert isinstance(result.error, AnswerRefused)

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (Answer({"error": "invalid_client"}, 401), TroubleKind.TRANSIENT),
            (Answer({"error": "invalid_request"}, 400), TroubleKind.PROTOCOL),
            (Answer(b"<html>", 503), TroubleKind.TRANSIENT),
            (Answer({}, 429, {"Retry-After": "7"}), TroubleKind.QUOTA),
            (Answer(b"<html>"), TroubleKind.PROTOCOL),
            (Answer(b"[" * 100_000), TroubleKind.PROTOCOL),
            (Answer({**GRANTED, "token_type": "mac"}), TroubleKind.PROTOCOL),
            (Answer({**GRANTED, "access_token": "a\r\nX: b"}), TroubleKind.PROTOCOL),
            (Answer({**GRANTED, "access_token": ""}), TroubleKind.PROTOCOL),
            (Answer({**GRANTED, "access_token": 7}), TroubleKind.PROTOCOL),
            (Answer({**GRANTED, "refresh_token": ["x"]}), TroubleKind.PROTOCOL),
            (Answer(b"x" * 300_000), TroubleKind.PROTOCOL),
        ],
    )
    def test_other_answers_are_trouble(self, answer: Answer, kind: TroubleKind) -> None:
        assert kind_of(exchanged(answer)[0]) is kind

    @pytest.mark.parametrize(
        ("stated", "seconds"),
        [(60, 60), ("90", 90), (None, 300), (-1, 300), (1.5, 300), ("9" * 30, 300), (10**9, 300)],
    )
    def test_a_lifetime_is_bounded(self, stated: Any, seconds: int) -> None:
        result, _ = exchanged(Answer({**GRANTED, "expires_in": stated}))

        assert isinstance(result, Success)
        assert result.value.expires_at == NOW + timedelta(seconds=seconds)

    def test_trouble_names_no_secret(self) -> None:
        for answer in (Answer({**GRANTED, "token_type": "mac"}), Answer(GRANTED, 500)):
            result, _ = exchanged(answer, code="canary-code")
            assert "canary" not in repr(result)


class TestRefresh:
    def test_tokens_that_last_are_used_as_they_are(self) -> None:
        lasting = Tokens(access_token="a", refresh_token="r", expires_at=NOW + timedelta(hours=1))

        assert refreshed(Answer(GRANTED), tokens=lasting) == (Success(None), [])

    def test_tokens_are_replaced_before_they_end(self) -> None:
        result, (request,) = refreshed(Answer(GRANTED))

        assert result.value.refresh_token == "canary-refresh"
        assert request.form == {"grant_type": "refresh_token", "refresh_token": "canary-r"}

    def test_a_refresh_token_goes_on_if_there_is_no_other(self) -> None:
        without = {name: each for name, each in GRANTED.items() if name != "refresh_token"}

        async def use(oauth: OAuth) -> Any:
            first = await oauth.refresh(STALE, now=NOW)
            assert isinstance(first, Success)
            assert first.value
            return await oauth.refresh(first.value, now=first.value.expires_at)

        result, requests = against([Answer(without)], use)

        assert result.value.refresh_token == "canary-r"
        assert len(requests) == 2

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (Answer({"error": "invalid_grant"}, 400), TroubleKind.CONSENT),
            (Answer({"error": "invalid_client"}, 401), TroubleKind.TRANSIENT),
            (Answer({}, 502), TroubleKind.TRANSIENT),
        ],
    )
    def test_what_is_refused_is_trouble(self, answer: Answer, kind: TroubleKind) -> None:
        assert kind_of(refreshed(answer)[0]) is kind

    def test_without_a_refresh_token_the_person_consents_again(self) -> None:
        bare = Tokens(access_token="a", expires_at=NOW)

        result, requests = refreshed(Answer(GRANTED), tokens=bare)

        assert kind_of(result) is TroubleKind.CONSENT
        assert requests == []

    def test_two_at_once_send_one_request(self) -> None:
        async def use(oauth: OAuth) -> Any:
            return await asyncio.gather(*(oauth.refresh(STALE, now=NOW) for _ in range(5)))

        results, requests = against([Answer(GRANTED)], use)

        assert len({each.value.access_token for each in results}) == 1
        assert len(requests) == 1

    def test_who_comes_late_with_old_tokens_gets_the_newest(self) -> None:
        later = {**GRANTED, "refresh_token": "canary-later", "access_token": "canary-newest"}

        async def use(oauth: OAuth) -> Any:
            first = await oauth.refresh(STALE, now=NOW)
            assert isinstance(first, Success)
            assert first.value
            await oauth.refresh(first.value, now=first.value.expires_at)
            return await oauth.refresh(STALE, now=NOW)

        result, requests = against([Answer(GRANTED), Answer(later)], use)

        assert result.value.access_token == "canary-newest"
        assert len(requests) == 2

    def test_what_fails_is_tried_again(self) -> None:
        async def use(oauth: OAuth) -> Any:
            return [await oauth.refresh(STALE, now=NOW) for _ in range(2)]

        (first, second), requests = against([Answer({}, 503), Answer(GRANTED)], use)

        assert kind_of(first) is TroubleKind.TRANSIENT
        assert second.value.refresh_token == "canary-refresh"
        assert len(requests) == 2

    def test_a_caller_that_is_cancelled_does_not_lose_the_tokens(self) -> None:
        async def use(oauth: OAuth) -> Any:
            first = asyncio.create_task(oauth.refresh(STALE, now=NOW))
            await asyncio.sleep(0)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            return await oauth.refresh(STALE, now=NOW)

        result, requests = against([Answer(GRANTED)], use)

        assert result.value.access_token == "canary-access"
        assert len(requests) == 1

    def test_a_server_that_repeats_old_tokens_does_not_hold_anybody_up(self) -> None:
        again = {**GRANTED, "refresh_token": "canary-r"}

        async def use(oauth: OAuth) -> Any:
            first = await oauth.refresh(STALE, now=NOW)
            assert isinstance(first, Success)
            assert first.value
            return await oauth.refresh(first.value, now=first.value.expires_at)

        result, _ = against([Answer(GRANTED), Answer(again)], use)

        assert isinstance(result, Success)


def test_revoking_names_both_tokens() -> None:
    is_ended, requests = against([Answer({}), Answer({}, 503)], lambda o: o.revoke(STALE))

    assert not is_ended
    assert [each.form for each in requests] == [
        {"token": "canary-r", "token_type_hint": "refresh_token"},
        {"token": "canary-a", "token_type_hint": "access_token"},
    ]


def test_tokens_are_stored_and_read_again() -> None:
    assert Tokens.from_bytes(STALE.to_bytes()) == STALE


class TestMetadata:
    def discovered(self, changes: dict[str, Any], path: str = "/.well-known/") -> Any:
        async def run() -> Any:
            def play(request: Request) -> Answer:
                address = f"http://{request.headers['host']}"
                stated = {
                    "issuer": f"{address}/bank",
                    "authorization_endpoint": f"{address}/a",
                    "token_endpoint": f"{address}/t",
                    "revocation_endpoint": None,
                    "authorization_response_iss_parameter_supported": True,
                    **changes,
                }
                return Answer(stated) if path in request.path else Answer({}, 404)

            async with playing(play) as address:
                return await discover(local_client(), f"{address}/bank"), address

        return asyncio.run(run())

    @pytest.mark.parametrize(
        "path", ["/.well-known/oauth-authorization-server/bank", "/bank/.well-known/openid-"]
    )
    def test_is_found_at_either_place(self, path: str) -> None:
        found, address = self.discovered({}, path)

        assert found == Success(
            AuthorisationServer(
                issuer=f"{address}/bank",
                authorization_endpoint=f"{address}/a",
                token_endpoint=f"{address}/t",
                says_issuer=True,
            )
        )

    @pytest.mark.parametrize(
        "changes",
        [
            {"issuer": "https://other.example"},
            {"code_challenge_methods_supported": ["plain"]},
            {"token_endpoint": None},
            {"authorization_endpoint": 7},
            {"authorization_endpoint": "javascript:alert(1)"},
        ],
    )
    def test_of_another_server_or_without_pkce_is_refused(self, changes: dict[str, Any]) -> None:
        assert kind_of(self.discovered(changes)[0]) is TroubleKind.PROTOCOL

    def test_that_is_nowhere_is_trouble(self) -> None:
        assert kind_of(self.discovered({}, "/nowhere")[0]) is TroubleKind.PROTOCOL
