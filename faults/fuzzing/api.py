"""Requests to every endpoint of the API, with a valid token and strange contents."""

import random
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlencode

from faults.fuzzing import values

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW")
#: Requests that would end the session of all others: they are sent without a valid token.
ENDINGS: Final = re.compile(r"DELETE /api/v1/(users/me|sessions.*)$")
TYPES: Final = ("application/json", "application/json; charset=utf-16", "text/plain", "", "\xff")


@dataclass(frozen=True, slots=True)
class Request:
    """A request without its connection."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None


def request(
    chance: random.Random, routes: dict[str, set[str]], ids: list[str], token: str
) -> Request:
    """Return a request to one of the routes, with ids that may belong to another user."""
    route = chance.choice(sorted(routes))
    known = sorted(each.upper() for each in routes[route])
    method = chance.choice(METHODS if chance.random() < 0.2 else known)
    path = "/api/v1/" + re.sub(r"<uuid:\w+>", lambda _: _id(chance, ids), route)
    headers = {"Authorization": f"Bearer {_token(chance, f'{method} {path}', token)}"}
    if chance.random() < 0.6:
        path += f"?{_query(chance)}"
    if chance.random() < 0.5:
        headers["Content-Type"] = chance.choices(TYPES, [20, 1, 1, 1, 1])[0]
        return Request(method, path, headers, values.body(chance))
    return Request(method, path, headers)


def _token(chance: random.Random, asked: str, token: str) -> str:
    good = chance.random() < 0.97 and not ENDINGS.match(asked)
    return token if good else quote(values.text(chance), errors="replace")


def _id(chance: random.Random, ids: list[str]) -> str:
    if chance.random() < 0.9:
        return chance.choice(ids)
    return quote(values.text(chance)[:100], safe="/", errors="replace")


def _query(chance: random.Random) -> str:
    names = [chance.choice(values.NAMES) for _ in range(chance.randrange(4))]
    given = [(name, values.text(chance)[:1000]) for name in names]
    written = urlencode(given, errors="replace")
    if chance.random() < 0.02:
        return "&".join(f"a{n}=1" for n in range(chance.choice([800, 1100])))
    return written
