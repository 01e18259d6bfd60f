"""Requests to Enable Banking, and what its errors mean."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from adapters.providers.enable_banking.key import ApplicationKey
from adapters.providers.http import HttpClient, Reply, trouble_of
from adapters.providers.troubles import trouble
from adapters.statements.placed_json import PlacedJson, TooManyItems, placed_json
from domain.connections.providers import ProviderTrouble, TroubleKind
from domain.connections.schedule import next_day
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success

#: Of one answer, which is a page or the banks of a country.
MAX_BYTES, MAX_ITEMS = 4 * 1024 * 1024, 20_000

#: The consent has ended, was ended, or does not cover what was asked.
CONSENT_ENDED = frozenset(
    "EXPIRED_SESSION CLOSED_SESSION REVOKED_SESSION SESSION_DOES_NOT_EXIST WRONG_SESSION_STATUS"
    " UNAUTHORIZED_ACCESS ASPSP_PSU_ACTION_REQUIRED".split()
)
#: The code of a redirect was used before, or is too old.
CODE_REFUSED = frozenset(
    "EXPIRED_AUTHORIZATION_CODE WRONG_AUTHORIZATION_CODE ALREADY_AUTHORIZED"
    " AUTHORIZATION_NOT_PROVIDED".split()
)
#: The bank does not give the transactions of these days.
NOT_THESE_DAYS = frozenset({"WRONG_TRANSACTIONS_PERIOD", "WRONG_DATE_INTERVAL"})
_RATE_LIMIT = "ASPSP_RATE_LIMIT_EXCEEDED"
_OF_BANK = frozenset({"ASPSP_ERROR", "ASPSP_TIMEOUT"})
_NO_ACCOUNT = frozenset(
    "INVALID_ACCOUNT_ID ACCOUNT_DOES_NOT_EXIST ASPSP_ACCOUNT_NOT_ACCESSIBLE".split()
)
_NOT_OURS = "Enable Banking refuses the application of this server. Its operator can change that."
_NOT_READABLE = "The bank does not let this account be read."
_BANK_FAILS = "The bank does not answer Enable Banking at present."
_ENOUGH = "The bank allows no more requests for this account today."


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong with an answer, and the name that Enable Banking has for it, if any.

    It is of the account if another one may well be read.
    """

    trouble: ProviderTrouble
    code: str = ""

    @property
    def is_of_account(self) -> bool:
        is_known = self.code in _OF_BANK | NOT_THESE_DAYS | {_RATE_LIMIT}
        return is_known or self.trouble.kind in (TroubleKind.PROTOCOL, TroubleKind.GONE)


@dataclass(slots=True)
class EnableBankingApi:
    """The API at an address, used with the key of an application."""

    http: HttpClient
    address: str
    key: ApplicationKey = field(repr=False)
    clock: Clock

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        list_name: str = "",
    ) -> Result[PlacedJson, Refusal]:
        """Send a request, and return the object that is answered, with its list of this name."""
        now = self.clock.now()
        url = f"{self.address.rstrip('/')}{path}{'?' + urlencode(query) if query else ''}"
        reply = await self._send(method, url, body, now)
        if isinstance(reply, Failure):
            return Failure(Refusal(reply.error))
        # Item by item, so that the event loop goes on meanwhile.
        answer = await asyncio.to_thread(_answer, reply.value.content, list_name)
        refusal = _refusal(reply.value, answer, now)
        if refusal or answer is None:
            return Failure(refusal or Refusal(trouble(TroubleKind.PROTOCOL)))
        return Success(answer)

    async def _send(
        self, method: str, url: str, body: Mapping[str, Any] | None, now: datetime
    ) -> Result[Reply, ProviderTrouble]:
        token = await asyncio.to_thread(self.key.token, now)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        return await self.http.send(
            method, url, headers=headers, content=content, max_bytes=MAX_BYTES
        )


def _answer(content: bytes, list_name: str) -> PlacedJson | None:
    try:
        return placed_json(content.decode(), list_name, MAX_ITEMS)
    except (ValueError, RecursionError, TooManyItems):
        return None


def _refusal(reply: Reply, answer: PlacedJson | None, now: datetime) -> Refusal | None:
    """Return what an error means, if it is one: its name says more than the status."""
    wrong = trouble_of(reply, now=now)
    if wrong is None:
        return None
    members = answer.members if answer else {}
    # The one is a name, and the other may be the status once more.
    names = (members.get("error"), members.get("code"))
    code = next((each for each in names if isinstance(each, str) and not each.isdigit()), "")
    return Refusal(_meaning(code, reply.status, wrong, now), code)


def _meaning(code: str, status: int, wrong: ProviderTrouble, now: datetime) -> ProviderTrouble:
    if code in CONSENT_ENDED:
        return trouble(TroubleKind.CONSENT)
    if code == _RATE_LIMIT:
        # A bank counts days, whatever else is said.
        until = max(next_day(now), wrong.until or datetime.min.replace(tzinfo=UTC))
        return trouble(TroubleKind.QUOTA, _ENOUGH, until=until)
    if code in _OF_BANK:
        return trouble(TroubleKind.TRANSIENT, _BANK_FAILS, until=wrong.until)
    if code in _NO_ACCOUNT:
        return trouble(TroubleKind.GONE, _NOT_READABLE)
    if status in (401, 402, 403):
        # Not the person's credentials: there are none but those of the application.
        return trouble(TroubleKind.TRANSIENT, _NOT_OURS)
    return wrong
