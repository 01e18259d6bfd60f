"""Rate limits of each endpoint, by user, or by network if the user is not known yet."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest

from domain.shared.errors import Unavailable
from domain.shared.limits import Buckets, Limit, RateLimiter, TooManyRequests
from domain.shared.result import Result

SAFE: Final = {"GET", "HEAD", "OPTIONS"}
ROOT: Final = "api/v1/"

READING: Final = Limit(burst=300, per_minute=600)
WRITING: Final = Limit(burst=120, per_minute=120)
#: For pages of the admin and their static files, by network.
PAGES: Final = Limit(burst=300, per_minute=600)
#: For all endpoints together.
TOGETHER: Final = Limit(burst=600, per_minute=1200)

#: For what costs more than other reading or writing, or attracts abuse.
LIMITS: Final[dict[tuple[str, str], Limit]] = {
    ("users", "POST"): Limit(burst=20, per_minute=10),
    ("email-verifications", "POST"): Limit(burst=20, per_minute=10),
    ("password-resets", "POST"): Limit(burst=20, per_minute=10),
    ("sessions", "POST"): Limit(burst=120, per_minute=120),
    ("admin/login/", "POST"): Limit(burst=20, per_minute=10),
    ("users/me/export", "GET"): Limit(burst=5, per_minute=1),
    ("imports", "POST"): Limit(burst=120, per_minute=60),
    ("imports/preview", "POST"): Limit(burst=60, per_minute=60),
    ("imports/<uuid:import_id>/reimport", "POST"): Limit(burst=60, per_minute=30),
    ("imports/<uuid:import_id>/answers", "POST"): Limit(burst=60, per_minute=60),
    ("imports/<uuid:import_id>/questions", "GET"): Limit(burst=60, per_minute=60),
    ("imports/<uuid:import_id>/file", "GET"): Limit(burst=60, per_minute=30),
    ("csv-profiles/detect", "POST"): Limit(burst=60, per_minute=60),
    ("exchange-rates/import", "POST"): Limit(burst=10, per_minute=5),
    ("export", "GET"): Limit(burst=20, per_minute=10),
    ("transactions", "PATCH"): Limit(burst=30, per_minute=30),
    # Each of these may go over tens of thousands of rows.
    ("account-merges", "POST"): Limit(burst=10, per_minute=5),
    ("account-merges/preview", "POST"): Limit(burst=10, per_minute=5),
    ("account-merges/<uuid:merge_id>", "DELETE"): Limit(burst=10, per_minute=5),
    ("rules/preview", "POST"): Limit(burst=30, per_minute=15),
    ("rules/applications", "POST"): Limit(burst=10, per_minute=5),
    ("rules/applications/<uuid:rule_application_id>/undo", "POST"): Limit(burst=10, per_minute=5),
    # A setup token is claimed once.
    ("simplefin/claim/<str:token>", "POST"): Limit(burst=20, per_minute=10),
    ("net-worth", "GET"): Limit(burst=60, per_minute=120),
}


async def consume_token(
    rate_limiter: RateLimiter, request: HttpRequest, who: str
) -> Result[None, TooManyRequests | Unavailable]:
    """Take a token for this request from the bucket of its endpoint and kind of method.

    Each request takes one from the bucket of all endpoints too, even if it is refused.
    """
    (name, limit), (together, widest) = buckets_of(request)
    return await rate_limiter.consume(f"{name} {who}", limit, within=(f"{together} {who}", widest))


def buckets_of(request: HttpRequest) -> Buckets:
    """Return the buckets of a request; their names lack only who sends it."""
    route, method = route_of(request), method_of(request)
    sort, limit = limit_of(route, method)
    scale = settings.RATE_LIMIT_SCALE
    return (f"{sort} {route}", limit.scaled(scale)), ("all", TOGETHER.scaled(scale))


def limit_of(route: str, method: str) -> tuple[str, Limit]:
    """Return a limit, and the methods it is for: one method, or all that read or write."""
    if (route, method) in LIMITS:
        return method, LIMITS[route, method]
    return ("reading", READING) if method in SAFE else ("writing", WRITING)


def route_of(request: HttpRequest) -> str:
    """Return the route as it is written in `dashtam.urls`, without ids."""
    match = request.resolver_match
    return match.route.removeprefix(ROOT) if match else ""


def method_of(request: HttpRequest) -> str:
    """Return the method that handles the request: HEAD is handled as GET."""
    return "GET" if request.method == "HEAD" else str(request.method)
