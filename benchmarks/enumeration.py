"""Whether responses reveal which email addresses are registered: CPU time relative to unknown ones.

Requests go through the whole stack in process, on PostgreSQL; what is measured is the time of all
threads of the process. Letters are sent afterwards, outside of what is measured.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

from benchmarks.people import PASSWORD, add_users
from benchmarks.server import migrated_database
from domain.identity.values import Token, TokenKind

KINDS = ("known", "unverified", "closed")
REFERENCES = ("unknown", "free")
#: A device's, of the right form and of nobody.
MADE_UP = Token.of(bytes(32), TokenKind.DEVICE).text


@dataclass(frozen=True)
class Asked:
    """A request that could reveal whether an email address is registered."""

    group: str
    who: str
    path: str
    body: dict[str, str]
    status: int


def _asked(turn: int) -> Iterator[Asked]:
    """Yield the requests of a round; each group begins with its reference."""
    emails = {who: f"{who}-{turn}@dashtam.example" for who in ("unknown", "free", *KINDS)}
    wrong, right = "a wrong password", PASSWORD
    for who, email, password in (
        ("unknown", emails["unknown"], wrong),
        ("wrong password", emails["known"], wrong),
        ("unverified", emails["unverified"], right),
        ("closed", emails["closed"], right),
    ):
        body = {"email": email, "password": password}
        yield Asked("log-in", who, "sessions", body, 401)
        yield Asked("log-in by a device", who, "sessions", {**body, "device_token": MADE_UP}, 401)
    for who, email in (("free", emails["free"]), ("taken", emails["known"])):
        yield Asked("registration", who, "users", {"email": email, "password": right}, 202)
    for group, path in (("resend", "email-verifications"), ("reset", "password-resets")):
        for who in ("unknown", *KINDS):
            yield Asked(group, who, path, {"email": emails[who]}, 202)


async def _ask(asked: Asked, address: str) -> float:
    """Return the time of a request, after checking that its response reveals nothing."""
    from django.test import AsyncClient

    from dashtam.container import container

    client = AsyncClient()
    began = time.process_time()
    response = await client.post(
        f"/api/v1/{asked.path}",
        data=json.dumps(asked.body),
        content_type="application/json",
        headers={"X-Forwarded-For": address},
    )
    taken = time.process_time() - began
    assert response.status_code == asked.status, (asked, response.status_code)
    await container.drain()
    return taken


async def _measure(rounds: int) -> dict[str, float]:
    from django.conf import settings

    from dashtam.container import container

    # Each request comes from another IP address, so that no limit is reached.
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    for kind in KINDS:
        await add_users(
            *(f"{kind}-{turn}@dashtam.example" for turn in range(-1, rounds)),
            verified=kind != "unverified",
            closed=kind == "closed",
        )
    await container.drain()
    taken: dict[tuple[str, str], list[float]] = {}
    # The first round is a warm-up.
    for turn in range(-1, rounds):
        for number, asked in enumerate(_in_turn(turn)):
            seconds = await _ask(asked, f"10.{number}.{turn // 250}.{turn % 250 + 2}")
            if turn >= 0:
                taken.setdefault((asked.group, asked.who), []).append(seconds)
    container.database.close()
    return _figures({key: statistics.median(each) for key, each in taken.items()})


def _in_turn(turn: int) -> list[Asked]:
    """Return the requests of a round, rotated so that each round begins with another one."""
    there = [asked for asked in _asked(turn) if _is_there(asked)]
    return there[turn % len(there) :] + there[: turn % len(there)]


def _is_there(asked: Asked) -> bool:
    """Return whether the endpoint accepts this request."""
    from django.urls import Resolver404, resolve

    try:
        view = resolve(f"/api/v1/{asked.path}").func.view_class  # type: ignore[attr-defined]
    except Resolver404:
        return False
    return hasattr(view, "post")


def _figures(medians: dict[tuple[str, str], float]) -> dict[str, float]:
    references = {group: median for (group, who), median in medians.items() if who in REFERENCES}
    ratios = {
        f"{group}: {who}": median / references[group] for (group, who), median in medians.items()
    }
    told = {f"{group}, ms": median * 1000 for group, median in references.items()}
    return {"least": min(ratios.values()), "most": max(ratios.values()), **ratios, **told}


def main(rounds: int) -> dict[str, float]:
    with migrated_database():
        return asyncio.run(_measure(rounds))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
