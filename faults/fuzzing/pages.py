"""Requests to the admin, from a member of staff with a session."""

import random
from typing import Final
from urllib.parse import urlencode

from faults.fuzzing import values
from faults.fuzzing.api import Request

NAMES: Final = (
    *("q", "o", "p", "e", "all", "_to_field", "_popup", "_changelist_filters", "id", "id__exact"),
    *("status", "status__exact", "user_id", "password__startswith", "next", "action", "index"),
    *("_selected_action", "select_across", "username", "code", "old_password", "new_password"),
)
SECRET: Final = "c" * 32


def pages(labels: list[str]) -> list[str]:
    """Return the URLs of the admin; those of rows have a placeholder for an id."""
    shown = [f"/admin/{label}/{page}" for label in labels for page in ("", "{}/change/", "{}/")]
    shown += [f"/admin/{label}/{page}" for label in labels for page in ("{}/history/", "add/")]
    own = ("", "login/", "logout/", "password_change/", "second_factor/", "jsi18n/", "r/1/{}/")
    files = ("/static/admin/css/base.css", "/static/{}", "/static/../{}")
    return [*shown, *(f"/admin/{page}" for page in own), *files]


def index(cookie: str) -> Request:
    """Return the first request of a browser."""
    return Request("GET", "/admin/", _headers(cookie))


def _headers(cookie: str) -> dict[str, str]:
    return {"Cookie": f"sessionid={cookie}; csrftoken={SECRET}"}


def request(chance: random.Random, addresses: list[str], ids: list[str], cookie: str) -> Request:
    """Return a request to one page, with a form if it is a POST."""
    known = chance.choice([*ids, "1", "0", "x", "%00", "_5F", "%ff"])
    # Never log out, because that ends the session of all other requests.
    path = chance.choice(addresses).replace("{}", known).replace("/logout/", "/logout")
    given = [(chance.choice(NAMES), values.text(chance)[:500]) for _ in range(chance.randrange(4))]
    headers = _headers(cookie)
    if chance.random() < 0.7:
        asked = urlencode(given, errors="replace")
        return Request(chance.choice(["GET", "GET", "HEAD", "PUT"]), f"{path}?{asked}", headers)
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    form = urlencode([("csrfmiddlewaretoken", SECRET), *given], errors="replace").encode()
    return Request("POST", path, headers, form)
