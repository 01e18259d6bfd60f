"""No secret of a connection is seen anywhere, whatever a person enters and a bank answers.

What is planted here is looked for after each test: see `tests.canaries`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from adapters.providers.http import HttpClient
from adapters.providers.sandbox import Bank, Sandbox, Trouble
from adapters.providers.sandbox.bank import HISTORY
from adapters.providers.simplefin import simplefin
from dashtam.container import container
from domain.connections.providers import (
    AnswerRefused,
    Ask,
    AuthorisationContext,
    Fetched,
    Field,
    Granted,
    Progress,
    ProviderTrouble,
    RequestMeter,
    StatementRequest,
    Wait,
)
from domain.connections.values import Credentials
from domain.shared.result import Failure, Result, Success
from tests.adapters.providers.test_contract import running
from tests.api.client import Api, problem_of
from tests.canaries import watch
from tests.connected import accounts, begin, items, links, offering, shown, sync
from tests.written_bank import SHORT, WrittenBank

CUSTOMER = "customer-canary-20771"
PIN, WRONG_PIN = "pin-canary-48151", "pin-canary-62342"
TAN, WRONG_TAN = "tan-canary-90125", "tan-canary-50731"
TOKEN = "access-canary-88310"


@pytest.fixture
def api(database: None) -> Api:
    return Api(delivers=True)


class PinAndTan:
    """An `Authorisation` with a PIN and a TAN, which it remembers from step to step."""

    fields: Sequence[Field] = (
        Field(name="pin", label="PIN", is_secret=True),
        Field(name="way", label="Way", is_optional=True),
    )

    async def begin(self, given: Mapping[str, str], context: AuthorisationContext) -> Progress:
        if given["pin"] != PIN:
            return Failure(AnswerRefused("The PIN is wrong."))
        if given.get("way") == "app":
            return Success(Wait(text="Confirm.", poll_after=2, memory=PIN.encode()))
        field = Field(name="tan", label="TAN", is_secret=True)
        return Success(Ask(text="Enter a TAN.", fields=[field], memory=PIN.encode()))

    async def answer(
        self, memory: bytes, given: Mapping[str, str], context: AuthorisationContext
    ) -> Progress:
        if given.get("tan", TAN) != TAN:
            return Failure(AnswerRefused("The TAN is wrong."))
        return Success(Granted(credentials=Credentials(memory + TOKEN.encode())))


class Refreshing(WrittenBank):
    """A bank that issues other credentials each time, and at the end fails as a bug does."""

    is_broken = False

    async def refresh(
        self, credentials: Credentials, *, now: Any, meter: RequestMeter
    ) -> Result[Credentials | None, ProviderTrouble]:
        return Success(Credentials(credentials.secret + b"x"))

    async def fetch(
        self,
        credentials: Credentials,
        request: StatementRequest,
        *,
        now: Any,
        meter: RequestMeter,
    ) -> Result[Fetched, ProviderTrouble]:
        if self.is_broken:
            raise RuntimeError(f"the bank says: {credentials.secret.decode()}")
        return await super().fetch(credentials, request, now=now, meter=meter)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A server of SimpleFIN, which Dashtam may ask."""
    offered = container.ports.providers
    assert isinstance(offered, list)
    before = [*offered]
    provider = simplefin(HttpClient(may_be_private=True), may_be_private=True)
    # Otherwise the quota of the day would be used up before all has gone wrong.
    provider = replace(provider, capabilities=replace(SHORT, requests_per_day=200))
    offered[[each.slug for each in offered].index(provider.slug)] = provider
    opened = (container.ports.clock.now() - HISTORY).date()
    yield Sandbox(
        clock=container.ports.clock.now, banks={CUSTOMER: Bank(seed="canary", opened=opened)}
    )
    offered[:] = before


async def look(api: Api, connection: Any) -> None:
    """Read whatever says something of a connection."""
    await shown(api, connection)
    await links(api, connection)
    await accounts(api)
    await items(api, "imports")


async def test_of_simplefin_with_every_trouble(api: Api, sandbox: Sandbox) -> None:
    await api.enter()
    with running(sandbox) as origin:
        first, second = (sandbox.setup_token(CUSTOMER, origin) for _ in range(2))
        watch.plant(CUSTOMER, first, second)
        wrong = await api.post(
            "connections", {"provider": "simplefin", "given": {"setup_token": first[:-9]}}
        )
        assert problem_of(wrong)[0] in (422, 503)
        body = {"provider": "simplefin", "given": {"setup_token": first}}
        made = (await api.post("connections", body)).json()
        assert problem_of(await api.post("connections", body)) == (422, "answer-refused")
        # A silent server is waited for.
        for trouble in (each for each in Trouble if each is not Trouble.TIMEOUT):
            sandbox.banks[CUSTOMER].troubles = {trouble}
            requests = sandbox.requests
            await sync(api, made)
            assert sandbox.requests > requests
            await look(api, made)
        renewed = await api.post(
            f"connections/{made['id']}/renew", {"given": {"setup_token": second}}
        )
        assert renewed.json()["status"] == "active"
        again = await api.post(
            f"connections/{made['id']}/renew", {"given": {"setup_token": second}}
        )
        assert problem_of(again) == (422, "answer-refused")
    # The server is gone.
    await sync(api, made)
    assert (await api.delete(f"connections/{made['id']}")).status_code == 204
    await look(api, made)


async def test_of_pins_tans_and_refreshed_tokens(api: Api) -> None:
    watch.plant(PIN, WRONG_PIN, TAN, WRONG_TAN, TOKEN)
    await api.enter()
    bank = Refreshing()
    with offering(authorisation=PinAndTan(), source=bank):
        wrong = {"provider": "sandbox", "given": {"pin": WRONG_PIN}}
        assert problem_of(await api.post("connections", wrong)) == (422, "answer-refused")
        unasked = {"provider": "sandbox", "given": {"pin": PIN, "more": WRONG_PIN}}
        assert problem_of(await api.post("connections", unasked)) == (422, "answer-refused")
        long = {"provider": "sandbox", "given": {"pin": PIN * 600}}
        assert problem_of(await api.post("connections", long))[0] == 422
        made = await begin(api, pin=PIN)
        path = f"connections/{made['id']}"
        for tan in (WRONG_TAN, TAN):
            refused = await api.post(f"{path}/answer", {"given": {"tan": tan}})
            assert problem_of(refused)[0] in (409, 422)
        await api.post(f"{path}/renew", {"given": {"pin": PIN}})
        granted = await api.post(f"{path}/answer", {"given": {"tan": TAN}})
        assert granted.json()["status"] == "active"
        await sync(api)
        renewed = await api.post(f"{path}/renew", {"given": {"pin": PIN, "way": "app"}})
        assert renewed.json()["step"]["kind"] == "wait"
        await api.post(f"{path}/answer", {"given": {}})
        bank.is_broken = True
        assert (await sync(api, made))["next_attempt_reason"] == "outage"
        await look(api, made)
        assert (await api.delete(path)).status_code == 204
