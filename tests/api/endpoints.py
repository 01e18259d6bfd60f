"""Every endpoint of the API, and a user who has a resource for each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver

from dashtam.api.http import ApiView
from dashtam.container import container
from domain.identity.values import Scope
from domain.shared.ids import ConnectionId, UserId, new_id
from domain.shared.result import Success
from tests.api.client import Api, Reply
from tests.api.test_holdings import MARCH, import_file
from tests.csv_profiles import BODY
from tests.factories import make_link
from tests.statements import ofx, statement, transaction
from tests.suggested import COFFEE, PAYMENT, file_of

#: What needs no token.
OPEN = {("post", route) for route in ("users", "sessions", "tokens", "account-recoveries")}
EMAIL_ENDPOINTS = ("email-verifications", "password-resets")
OPEN |= {(method, route) for method in ("post", "put") for route in EMAIL_ENDPOINTS}
# It changes every minute, whatever the request.
LAST_USED = re.compile(r'"last_used_at":[^,]*,"last_used_ip_address":[^,}]*')
#: The body to send to each endpoint that needs one.
BODIES: dict[tuple[str, str], Any] = {
    ("patch", "accounts/<uuid:account_id>"): {"name": "Not mine"},
    ("patch", "transactions/<uuid:transaction_id>"): {"note": "not mine"},
    ("post", "accounts/<uuid:account_id>/transactions"): {
        "booking_date": "2026-03-03",
        "amount": "-4.50",
    },
    ("put", "accounts/<uuid:account_id>/opening-balance"): {"day": "2026-03-01", "amount": "7"},
    ("post", "account-merges"): {"account_id": str(new_id()), "merged_id": str(new_id())},
    ("post", "account-merges/preview"): {"account_id": str(new_id()), "merged_id": str(new_id())},
    ("post", "imports/<uuid:import_id>/answers"): {"currency": "EUR"},
    ("patch", "connected-apps/<uuid:connected_app_id>"): {"name": "Not mine"},
    ("post", "connections"): {"provider": "sandbox", "given": {"step": "ask"}},
    ("patch", "connections/<uuid:connection_id>"): {"name": "Not mine"},
    ("post", "connections/<uuid:connection_id>/answer"): {"given": {"tan": "123456"}},
    ("post", "connections/<uuid:connection_id>/renew"): {"given": {"step": "ask"}},
    ("patch", "connections/<uuid:connection_id>/accounts/<uuid:link_id>"): {"status": "ignored"},
    ("post", "connections/<uuid:connection_id>/accounts/<uuid:link_id>/preview"): {
        "account_id": str(new_id())
    },
    ("patch", "categories/<uuid:category_id>"): {"name": "Not mine"},
    ("post", "categories/<uuid:category_id>/merge"): {"into_id": str(new_id())},
    ("put", "conflicts/<uuid:conflict_id>"): {"decision": "both"},
    ("put", "exchange-rates/<str:day>/<str:base>/<str:quote>"): {"rate": "0.92"},
    ("put", "csv-profiles/<uuid:csv_profile_id>"): {"name": "Not mine", "profile": BODY},
    ("put", "matches/<uuid:match_id>"): {"decision": "refused"},
    ("patch", "rules/<uuid:rule_id>"): {"name": "Not mine"},
    ("put", "second-factors/<uuid:second_factor_id>"): {"code": "123456"},
    ("patch", "transactions"): {"ids": [str(new_id())], "note": "not mine"},
}
#: A rule about all transactions that went out, without what it sets.
RULE = {"name": "Spending", "conditions": [{"field": "amount", "direction": "outgoing"}]}
#: Parts of URLs that are no ids.
PARTS = {"day": "2026-03-02", "base": "USD", "quote": "EUR"}
#: Required query parameters.
QUERIES = {"export": "format=csv"}


def views() -> Iterator[tuple[str, type[ApiView]]]:
    """Yield each address of the API, and the view that is there."""
    (api,) = (
        each
        for each in get_resolver().url_patterns
        if isinstance(each, URLResolver) and str(each.pattern) == "api/v1/"
    )
    for each in api.url_patterns:
        assert isinstance(each, URLPattern)
        view: Any = each.callback
        yield str(each.pattern), view.view_class


def routes() -> Iterator[tuple[str, set[str]]]:
    """Yield each address of the API, and the methods that it knows."""
    for route, view in views():
        verbs = {verb for verb in view.http_method_names if hasattr(view, verb)}
        yield route, verbs - {"options"}


@dataclass(frozen=True)
class Somebody:
    """A user, and the id of one of their resources for each URL parameter."""

    api: Api
    ids: dict[str, str]

    def at(self, route: str) -> str:
        """Return the URL of one of the user's resources."""
        for name, value in self.ids.items():
            route = route.replace(f"<uuid:{name}>", value)
        for name, value in PARTS.items():
            route = route.replace(f"<str:{name}>", value)
        assert "<" not in route, f"There is nothing at {route} yet: Somebody needs one."
        return route


async def somebody(email: str = "ada@example.org") -> Somebody:
    """Enter with one of everything."""
    api = await Api(delivers=True).enter(email)
    await import_file(api, MARCH)
    out, back = both_legs()
    done = (await api.upload(out)).json()
    assert (await api.upload(back)).status_code == 201
    asked = await api.upload(b"Date,Amount\n2026-03-01,-4.50\n2026-03-02,-9.00\n")
    profile = await api.post("csv-profiles", {"name": "My card", "profile": BODY})
    app = await api.post("connected-apps", {"name": "Budget"})
    preview = await api.upload(out, path="imports/preview", fields={"background": "true"})
    legs = await legs_of_transfer(api)
    transfer = await api.post("transfers", {**legs, "decision": "confirmed"})
    await api.program(Scope.READ_ACCOUNTS)
    (token,) = (await api.get("api-tokens")).json()["items"]
    factor = await api.call("post", "second-factors")
    return Somebody(
        api,
        {
            "import_id": done["id"],
            "asked_import_id": asked.json()["import_id"],
            "preview_id": preview.json()["id"],
            "connected_app_id": app.json()["id"],
            "account_id": done["statements"][0]["account_id"],
            **await rules_of(api),
            **await connection_of(api),
            "csv_profile_id": profile.json()["id"],
            "second_factor_id": factor.json()["id"],
            "transaction_id": legs["outgoing_id"],
            "transfer_id": transfer.json()["id"],
            "match_id": await match_of(api),
            "merge_id": await merge_of(api),
            "conflict_id": await conflict_with(api, "A1"),
            # Not that of the requests: to end it ends nothing for those who ask.
            "session_id": str((await api.reconnected()).session.id),
            "api_token_id": token["id"],
        },
    )


def both_legs() -> tuple[bytes, bytes]:
    """Return a file for each of two accounts that a transfer connects."""
    out = transaction("-50.00", "20260302", "C1", "To savings")
    back = transaction("50.00", "20260304", "S1", "From checking")
    return ofx(statement(out, number="100200300")), ofx(statement(back, number="400500600"))


async def match_of(api: Api) -> str:
    """Import what may be one transaction from two banks, and return the id of the suggestion."""
    for content in (file_of("A", COFFEE, number="7"), file_of("B", PAYMENT, number="7")):
        assert (await api.upload(content)).status_code == 201
    (match,) = (await api.get("matches")).json()["items"]
    match_id: str = match["id"]
    return match_id


async def merge_of(api: Api) -> str:
    """Merge two accounts without transactions, and return the id of the merge."""
    said = {"kind": "other", "currency": "EUR"}
    both = [(await api.post("accounts", {"name": each, **said})) for each in ("Purse", "Wallet")]
    ids = [each.json()["id"] for each in both]
    body = {"account_id": ids[0], "merged_id": ids[1]}
    merge_id: str = (await api.post("account-merges", body)).json()["id"]
    return merge_id


async def connection_of(api: Api) -> dict[str, str]:
    """Begin a connection that waits for a TAN, and has reported an account."""
    body = {"provider": "sandbox", "given": {"step": "ask"}}
    made = (await api.post("connections", body)).json()
    user = (await api.get("users/me")).json()
    connections, owner = container.ports.connections, UserId(UUID(user["id"]))
    async with container.ports.unit_of_work(owner=owner) as uow:
        found = await connections.get(ConnectionId(UUID(made["id"])), owner=owner)
        assert isinstance(found, Success)
        link, reported = make_link(found.value).ignore(at=found.value.established_at)
        assert await connections.save_links([link]) == Success(None)
        await uow.commit(reported)
    return {"connection_id": made["id"], "link_id": str(link.id)}


async def rules_of(api: Api) -> dict[str, str]:
    """Add a category and a rule that sets it, and apply that."""
    food = (await api.post("categories", {"name": "Food"})).json()["id"]
    rule = (await api.post("rules", {**RULE, "category_id": food})).json()["id"]
    applied = (await api.post("rules/applications", {})).json()["id"]
    return {"category_id": food, "rule_id": rule, "rule_application_id": applied}


async def legs_of_transfer(api: Api) -> dict[str, str]:
    (pair,) = (await api.get("transfers")).json()["items"]
    return {f"{end}_id": pair[end]["transaction_id"] for end in ("outgoing", "incoming")}


async def conflict_with(api: Api, provider_id: str) -> str:
    """Import another amount under an id that is known."""
    other = transaction("-900.00", "20260303", provider_id, "Rent")
    assert (await api.upload(ofx(statement(other, number="7")))).status_code == 201
    (conflict,) = (await api.get("conflicts")).json()["items"]
    return str(conflict["id"])


def nobody(api: Api, like: Somebody) -> Somebody:
    """Return ids of nothing, for the same addresses."""
    return Somebody(api, {name: str(new_id()) for name in like.ids})


async def ask(api: Api, method: str, route: str, of: Somebody, query: str | None = None) -> Reply:
    """Send what an endpoint accepts, about one of the user's resources."""
    query_string = QUERIES.get(route, "") if query is None else query
    more = {}
    if (method, route) in BODIES:
        more = {"data": BODIES[method, route], "content_type": "application/json"}
    reply = await api.call(
        method, f"{of.at(route)}?{query_string}" if query_string else of.at(route), **more
    )
    assert reply.status_code < 500, (method, route)
    return reply


async def answers_for(owner: Somebody) -> dict[str, tuple[int, str]]:
    """Return what the owner of something sees at every address."""
    seen = {}
    for route, methods in routes():
        if "get" in methods:
            reply = await ask(owner.api, "get", route, owner)
            text = reply.text
            if route == "changes":
                # The cursor of the feed moves with every transaction of the server.
                text = str(reply.json()["items"])
            elif route == "users/me/export":
                # It contains every read: see test_account_closure.py.
                text = ""
            seen[route] = (reply.status_code, LAST_USED.sub("", text))
    return seen
