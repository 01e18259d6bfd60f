"""OAuth against an authorisation server that nobody here wrote: `oidc-provider`, run by Node.

Its clock is moved, so nothing waits for a token to end. `interop/oauth` says which version it is.
"""

import asyncio
import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.providers.oauth import Application, OAuth, Tokens, discover
from domain.connections.providers import (
    AnswerRefused,
    AuthorisationContext,
    ProviderTrouble,
    TroubleKind,
)
from domain.shared.result import Failure, Result, Success
from tests.adapters.providers.bank_browser import decide
from tests.adapters.providers.doubles import NOW, REDIRECT_URI, context_of, local_client

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).resolve().parents[3] / "interop" / "oauth"
SECRET = "canary of a client/secret"
SCOPE = "openid offline_access accounts"
#: The server ends an access token after this, in its own time.
ACCESS_TOKEN = timedelta(minutes=30)


@pytest.fixture(scope="module")
def node() -> str:
    """Return the program that runs the server, whose packages are installed once."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("Node.js and npm are not here: OAuth is NOT tried against oidc-provider.")
    if not (FOLDER / "node_modules" / "oidc-provider").exists():
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=300)
        if done.returncode:
            pytest.skip(f"npm ci failed: OAuth is NOT tried against oidc-provider.\n{done.stderr}")
    return node


class Bank:
    """A running server."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def advance(self, time: timedelta) -> None:
        url = f"{self.issuer}/clock?advance={time.total_seconds()}"
        urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=30).close()

    async def oauth(self, *, is_public: bool = False, **parameters: str) -> OAuth:
        http = local_client()
        server = await discover(http, self.issuer)
        assert isinstance(server, Success), server
        assert server.value.says_issuer
        application = Application(
            client_id="dashtam-public" if is_public else "dashtam",
            client_secret="" if is_public else SECRET,
            scope=SCOPE,
            parameters={"prompt": "consent", **parameters},
        )
        return OAuth(http, server.value, application)


@contextmanager
def running(node: str, **lifetimes: int) -> Iterator[Bank]:
    environment = {
        **os.environ,
        "REDIRECT_URIS": json.dumps([REDIRECT_URI]),
        "CLIENT_SECRET": SECRET,
        "LIFETIMES": json.dumps(lifetimes),
    }
    with subprocess.Popen(
        [node, "server.mjs"],
        cwd=FOLDER,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            # It writes a line as soon as it listens, and nothing if it cannot.
            said = process.stdout.readline()
            assert said.startswith("listening on "), said
            yield Bank(f"http://127.0.0.1:{int(said.split()[-1])}")
        finally:
            process.stdin.close()
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def shared_bank(node: str) -> Iterator[Bank]:
    with running(node) as bank:
        yield bank


@pytest.fixture
def bank(shared_bank: Bank) -> Bank:
    return shared_bank


Exchanged = Result[Tokens, ProviderTrouble | AnswerRefused]


async def answered(oauth: OAuth, context: AuthorisationContext) -> tuple[bytes, dict[str, str]]:
    """Send the person to the bank; return the memory of the step, and the bank's answer."""
    redirect = oauth.begin(context)
    return redirect.memory, await decide(redirect.url, REDIRECT_URI)


async def consented(oauth: OAuth) -> Tokens:
    memory, given = await answered(oauth, context_of())
    return tokens_of(await oauth.exchange(memory, given, context_of()))


def tokens_of(result: Result[Any, Any]) -> Tokens:
    assert isinstance(result, Success), result
    assert isinstance(result.value, Tokens)
    return result.value


def kind_of(result: Result[Any, Any]) -> TroubleKind:
    assert isinstance(result, Failure), result
    assert isinstance(result.error, ProviderTrouble)
    return result.error.kind


def sentence_of(result: Exchanged) -> str:
    assert isinstance(result, Failure), result
    assert isinstance(result.error, AnswerRefused)
    return result.error.detail


async def is_accepted(bank: Bank, tokens: Tokens) -> bool:
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    reply = await local_client().send("GET", f"{bank.issuer}/me", headers=headers)
    assert isinstance(reply, Success)
    return reply.value.status == 200


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await work()

    asyncio.run(whole())


LATER = NOW + ACCESS_TOKEN


@pytest.mark.parametrize("is_public", [False, True])
def test_a_person_consents_and_the_tokens_are_accepted(bank: Bank, is_public: bool) -> None:
    async def work() -> None:
        tokens = await consented(await bank.oauth(is_public=is_public))

        assert tokens.refresh_token
        assert tokens.expires_at == NOW + ACCESS_TOKEN
        assert await is_accepted(bank, tokens)

    run(work)


def test_the_answer_names_state_and_issuer(bank: Bank) -> None:
    async def work() -> None:
        _, given = await answered(await bank.oauth(), context_of("state-7"))

        assert (given["state"], given["iss"]) == ("state-7", bank.issuer)

    run(work)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"state": "state-of-another"}, "another attempt"),
        ({"iss": "https://another.example"}, "does not come from the bank"),
        ({"iss": ""}, "does not come from the bank"),
        ({"code": "guessed"}, "used before"),
    ],
)
def test_an_answer_that_was_changed_is_refused(
    bank: Bank, change: dict[str, str], sentence: str
) -> None:
    async def work() -> None:
        oauth = await bank.oauth()
        memory, given = await answered(oauth, context_of())

        refused = await oauth.exchange(memory, {**given, **change}, context_of())

        assert sentence in sentence_of(refused)
        # Only the bank's own code was not used up by that.
        again = await oauth.exchange(memory, given, context_of())
        assert isinstance(again, Success)

    run(work)


def test_a_person_who_does_not_consent_is_understood(bank: Bank) -> None:
    async def work() -> None:
        oauth = await bank.oauth(login_hint="deny")
        memory, given = await answered(oauth, context_of())

        assert given["error"] == "access_denied"
        assert "did not consent" in sentence_of(await oauth.exchange(memory, given, context_of()))

    run(work)


def test_a_wrong_verifier_is_refused(bank: Bank) -> None:
    async def work() -> None:
        oauth = await bank.oauth()
        foreign = oauth.begin(context_of()).memory
        _, given = await answered(oauth, context_of())

        assert "used before" in sentence_of(await oauth.exchange(foreign, given, context_of()))

    run(work)


def test_a_code_is_used_once_and_its_theft_ends_the_consent(bank: Bank) -> None:
    async def work() -> None:
        oauth = await bank.oauth()
        memory, given = await answered(oauth, context_of())
        tokens = tokens_of(await oauth.exchange(memory, given, context_of()))

        again = await oauth.exchange(memory, given, context_of())

        assert "used before" in sentence_of(again)
        assert kind_of(await oauth.refresh(tokens, now=LATER)) is TroubleKind.CONSENT
        assert not await is_accepted(bank, tokens)

    run(work)


def test_a_late_code_is_refused(node: str) -> None:
    async def work(bank: Bank) -> None:
        oauth = await bank.oauth()
        memory, given = await answered(oauth, context_of())
        bank.advance(timedelta(seconds=31))

        assert "too late" in sentence_of(await oauth.exchange(memory, given, context_of()))

    with running(node) as bank:
        run(lambda: work(bank))


def test_a_refresh_token_is_replaced_and_used_once(bank: Bank) -> None:
    async def work() -> None:
        oauth = await bank.oauth()
        first = await consented(oauth)

        second = tokens_of(await oauth.refresh(first, now=LATER))
        third = tokens_of(await oauth.refresh(second, now=second.expires_at))

        assert len({each.refresh_token for each in (first, second, third)}) == 3
        assert await is_accepted(bank, third)

    run(work)


def test_the_second_use_of_a_refresh_token_ends_the_consent(bank: Bank) -> None:
    """It is what a thief would do; another process that does not know of the first looks so."""

    async def work() -> None:
        oauth, another = await bank.oauth(), await bank.oauth()
        first = await consented(oauth)
        second = tokens_of(await oauth.refresh(first, now=LATER))

        assert kind_of(await another.refresh(first, now=LATER)) is TroubleKind.CONSENT
        assert kind_of(await oauth.refresh(second, now=second.expires_at)) is TroubleKind.CONSENT

    run(work)


def test_two_refreshes_at_once_do_not_lose_the_consent(bank: Bank) -> None:
    async def work() -> None:
        oauth = await bank.oauth()
        first = await consented(oauth)

        some = await asyncio.gather(*(oauth.refresh(first, now=LATER) for _ in range(4)))
        late = await oauth.refresh(first, now=LATER)

        (second,) = {tokens_of(each).refresh_token for each in (*some, late)}
        assert second != first.refresh_token
        newest = tokens_of(some[0])
        assert await is_accepted(bank, newest)
        assert isinstance(await oauth.refresh(newest, now=newest.expires_at), Success)

    run(work)


def test_a_consent_that_was_revoked_is_of_no_use(bank: Bank) -> None:
    async def work() -> None:
        oauth = await bank.oauth()
        tokens = await consented(oauth)

        assert await oauth.revoke(tokens)

        assert not await is_accepted(bank, tokens)
        assert kind_of(await oauth.refresh(tokens, now=LATER)) is TroubleKind.CONSENT

    run(work)


def test_a_consent_ends_after_seven_days(node: str) -> None:
    async def work(bank: Bank) -> None:
        oauth = await bank.oauth()
        tokens = await consented(oauth)

        bank.advance(timedelta(days=6))
        tokens = tokens_of(await oauth.refresh(tokens, now=LATER))
        bank.advance(timedelta(days=1, seconds=1))
        ended = await oauth.refresh(tokens, now=tokens.expires_at)

        assert kind_of(ended) is TroubleKind.CONSENT
        # The person consents again, and all goes on.
        assert await is_accepted(bank, await consented(oauth))

    with running(node) as bank:
        run(lambda: work(bank))


def test_a_wrong_secret_is_the_operators_matter(bank: Bank) -> None:
    async def work() -> None:
        oauth = await bank.oauth()
        tokens = await consented(oauth)
        wrong = OAuth(
            local_client(),
            oauth._server,
            Application(client_id="dashtam", client_secret="wrong", scope=SCOPE),
        )

        refused = await wrong.refresh(tokens, now=LATER)

        assert kind_of(refused) is TroubleKind.TRANSIENT
        assert "operator" in repr(refused)
        # The consent is as it was.
        assert isinstance(await oauth.refresh(tokens, now=LATER), Success)

    run(work)


def test_a_server_of_another_name_is_refused(bank: Bank) -> None:
    async def work() -> None:
        found = await discover(local_client(), f"{bank.issuer}/")

        assert kind_of(found) is TroubleKind.PROTOCOL

    run(work)
