"""Answers a step of an authorisation in a process of its own, as after a restart."""

import asyncio
import json
import sys
from base64 import b64decode, b64encode
from datetime import UTC, datetime

from adapters.providers.fints.provider import fints_provider
from adapters.providers.http import HttpClient
from domain.connections.providers import (
    AuthorisationContext,
    Granted,
    Progress,
    Provider,
    ProviderTrouble,
)
from domain.shared.result import Result, Success

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
PRODUCT = "0123456789ABCDEF012345678"


def offline() -> Provider:
    """Return the provider for banks on this machine."""
    return fints_provider(PRODUCT, HttpClient(may_be_private=True), may_be_private=True)


async def unmetered(account_key: str = "") -> Result[None, ProviderTrouble]:
    return Success(None)


CONTEXT = AuthorisationContext(
    state="1", redirect_uri="https://dashtam.example/", now=NOW, meter=unmetered
)


async def answered(memory: bytes, given: dict[str, str]) -> Progress:
    return await offline().authorisation.answer(memory, given, CONTEXT)


def main() -> None:
    asked = json.load(sys.stdin)
    progress = asyncio.run(answered(b64decode(asked["memory"]), asked["given"]))
    assert isinstance(progress, Success), progress
    step = progress.value
    secret = step.credentials.secret if isinstance(step, Granted) else b""
    json.dump({"step": type(step).__name__, "secret": b64encode(secret).decode()}, sys.stdout)


if __name__ == "__main__":
    main()
