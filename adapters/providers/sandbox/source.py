"""Statements of the simulated bank, which are read as those of any server of SimpleFIN."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Self

from adapters.providers.http import NO_HEADERS, Reply
from adapters.providers.sandbox.bank import Bank, Trouble
from adapters.providers.sandbox.server import ROOT, Sandbox
from adapters.providers.simplefin.source import SimpleFinSource
from adapters.providers.troubles import trouble
from domain.connections.providers import (
    Fetched,
    ProviderTrouble,
    RequestMeter,
    StatementRequest,
    TroubleKind,
)
from domain.connections.values import Credentials
from domain.shared.result import Failure, Result, Success

#: No host has this name (RFC 2606): what is sent there stays in this process.
ORIGIN = "https://sandbox.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer of the simulated bank, who has been promised some trouble."""

    seed: str
    opened: str
    trouble: str = Trouble.NONE
    until: str | None = None

    @classmethod
    def of(cls, credentials: Credentials) -> Self | None:
        try:
            return cls(**json.loads(credentials.secret))
        except (ValueError, TypeError):
            return None

    @property
    def credentials(self) -> Credentials:
        return Credentials(json.dumps(asdict(self)).encode())

    @property
    def bank(self) -> Bank:
        return Bank(
            seed=self.seed,
            opened=date.fromisoformat(self.opened),
            troubles={Trouble(self.trouble)},
            consent_until=datetime.fromisoformat(self.until) if self.until else None,
        )


class SandboxSource:
    """`StatementSource` of the simulated bank."""

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
        customer = Customer.of(credentials)
        if customer is None:
            return Failure(trouble(TroubleKind.AUTHENTICATION))
        server = Sandbox(clock=lambda: now, banks={customer.seed: customer.bank})
        access = f"https://{customer.seed}:password@sandbox.invalid{ROOT}"
        source = SimpleFinSource(InProcess(server))
        return await source.fetch(Credentials(access.encode()), request, now=now, meter=meter)

    async def revoke(self, credentials: Credentials, *, meter: RequestMeter) -> None:
        """Do nothing: the simulated bank remembers no consent."""


class InProcess:
    """`Client` of a sandbox in this process, whatever the host of the URL is."""

    def __init__(self, server: Sandbox) -> None:
        self._server = server

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        content: bytes | None = None,
        auth: tuple[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Result[Reply, ProviderTrouble]:
        target = url.removeprefix(ORIGIN)
        customer = auth[0] if auth else None
        response = await asyncio.to_thread(self._server.respond, method, target, customer, ORIGIN)
        if response.is_cut or response.is_silent:
            return Failure(trouble(TroubleKind.TRANSIENT))
        return Success(response.reply)
