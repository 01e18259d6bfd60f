"""Connections of users of the API, to the simulated bank or to one that a test writes itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date
from typing import Any

from adapters.providers.sandbox import sandbox
from dashtam.container import container
from tests.api.client import Api
from tests.written_bank import SHORT


@contextmanager
def offering(**changes: Any) -> Iterator[None]:
    """Offer the sandbox with other parts: all use cases have the same list of providers."""
    offered = container.ports.providers
    assert isinstance(offered, list)
    before = [*offered]
    place = [each.slug for each in offered].index(sandbox().slug)
    offered[place] = replace(sandbox(), **{"capabilities": SHORT, **changes})
    try:
        yield
    finally:
        offered[:] = before


def today() -> date:
    return container.ports.clock.now().astimezone(UTC).date()


async def begin(api: Api, **given: str) -> Any:
    """Begin a connection to the sandbox; return it as the API shows it."""
    made = await api.post("connections", {"provider": "sandbox", "given": given})
    assert made.status_code == 201, made.text
    return made.json()


async def sync(api: Api, connection: Any = None) -> Any:
    """Sync what is due, and a connection whether it is due or not; return it as it is then."""
    if connection:
        # One that is due already, or may not be asked, says so itself.
        asked = await api.post(f"connections/{connection['id']}/sync", {})
        assert asked.status_code == 202, asked.text
    await container.sync_runner.sync_due()
    await container.drain()
    return await shown(api, connection) if connection else None


async def shown(api: Api, connection: Any) -> Any:
    found = await api.get(f"connections/{connection['id']}")
    assert found.status_code == 200, found.text
    (listed,) = [e for e in await items(api, "connections") if e["id"] == connection["id"]]
    assert listed == found.json()
    return listed


async def items(api: Api, path: str) -> list[Any]:
    found = await api.get(path)
    assert found.status_code == 200, found.text
    listed: list[Any] = found.json()["items"]
    return listed


async def links(api: Api, connection: Any) -> dict[str, Any]:
    """Return the accounts that a connection reports, by their names."""
    found = await items(api, f"connections/{connection['id']}/accounts")
    return {each["name"]: each for each in found}


async def accounts(api: Api) -> dict[str, Any]:
    """Return the accounts of the ledger, by their names."""
    return {each["name"]: each for each in await items(api, "accounts")}


async def count(api: Api, account: Any) -> int:
    """Return how many transactions an account has."""
    return len(await items(api, f"accounts/{account['id']}/transactions?limit=500"))
