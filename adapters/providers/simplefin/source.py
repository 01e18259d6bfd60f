"""Asks a server for the statements of all accounts at once."""

import asyncio
from datetime import UTC, date, datetime, time
from urllib.parse import urlencode

from adapters.providers.http import Client, Reply, trouble_of
from adapters.providers.simplefin.access import Access
from adapters.providers.simplefin.answer import Answer, Asked, NotAnAnswer, id_in
from adapters.providers.troubles import trouble
from domain.connections.providers import (
    Fetched,
    ProviderTrouble,
    RequestMeter,
    StatementRequest,
    TroubleKind,
)
from domain.connections.values import ONE_DAY, Credentials, Window
from domain.shared.result import Failure, Result, Success


class SimpleFinSource:
    """`StatementSource` of SimpleFIN, version 2 and 1."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def refresh(
        self, credentials: Credentials, *, now: datetime, meter: RequestMeter
    ) -> Result[Credentials | None, ProviderTrouble]:
        return Success(None)

    async def fetch(
        self,
        credentials: Credentials,
        request: StatementRequest,
        *,
        now: datetime,
        meter: RequestMeter,
    ) -> Result[Fetched, ProviderTrouble]:
        access = Access.parse(credentials.secret.decode("ascii", errors="replace"))
        if access is None:
            return Failure(trouble(TroubleKind.AUTHENTICATION))
        counted = await meter()
        if isinstance(counted, Failure):
            return counted
        sent = await self._client.send("GET", _url(access, request), auth=access.auth)
        if isinstance(sent, Failure):
            return sent
        asked = Asked(request.window, request.account_keys, now)
        # An answer may be of megabytes.
        return await asyncio.to_thread(_fetched, sent.value, asked)

    async def revoke(self, credentials: Credentials, *, meter: RequestMeter) -> None:
        """Do nothing: access is ended with the service itself."""


def _fetched(reply: Reply, asked: Asked) -> Result[Fetched, ProviderTrouble]:
    failed = trouble_of(reply, now=asked.now)
    if failed is not None:
        return Failure(failed)
    try:
        answer = Answer.parse(reply.content)
    except NotAnAnswer:
        return Failure(trouble(TroubleKind.PROTOCOL))
    if answer.is_refused:
        return Failure(trouble(TroubleKind.AUTHENTICATION))
    if answer.errors and not answer.accounts:
        # Not that there are no accounts: then they would be thought to be closed.
        needs_log_in = any(each.subcode == "auth" for each in answer.errors)
        kind = TroubleKind.CONSENT if needs_log_in else TroubleKind.TRANSIENT
        return Failure(trouble(kind, answer.errors[0].problem.detail))
    return Success(answer.fetched(asked))


def _url(access: Access, request: StatementRequest) -> str:
    query = [("version", "2"), ("pending", "1"), *_days(request.window)]
    query += [("account", each) for each in dict.fromkeys(map(id_in, request.account_keys))]
    return f"{access.root}/accounts?{urlencode(query)}"


def _days(window: Window) -> list[tuple[str, str]]:
    """Return the bounds of a window, of which the second is the first moment after it."""
    return [
        ("start-date", str(_midnight(window.first))),
        ("end-date", str(_midnight(window.last + ONE_DAY))),
    ]


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
