"""SimpleFIN: the protocol by which apps of others read accounts and transactions.

Its errors are not problem documents: an app reads a list of sentences, and what claims a setup
token takes any text that does not begin with “Forbidden” for its access URL.
"""

import math
import re
from base64 import b64decode
from dataclasses import replace
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from dashtam.api.downloads import stream
from dashtam.api.http import ApiView, InvalidQuery
from dashtam.api.limits import buckets_of
from dashtam.api.problems import Document, Rejected, unwrap
from dashtam.api.sharing.roots import ROOT, public_root
from dashtam.application.sharing.app_access import AuthenticateApp, ClaimSetupToken
from dashtam.application.sharing.share_accounts import ShareAccounts, SharingRequest
from dashtam.proxies import HttpsRequired, is_plain
from domain.audit.origin import origin
from domain.shared.errors import DomainError
from domain.shared.events import Actor
from domain.sharing.entities import ConnectedApp

VERSIONS: Final = ("1.0", "2.0")
#: What the words of the protocol call an error, by the status of the response.
CODES: Final = {HTTPStatus.FORBIDDEN: "gen.auth", HTTPStatus.SERVICE_UNAVAILABLE: "gen."}
_SECONDS = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)
_NOON, _DAY = 12 * 60 * 60, 24 * 60 * 60
_EPOCH = date(1970, 1, 1).toordinal()
_HOW = """This server shares accounts with apps that read SimpleFIN.

Log in to Dashtam and connect an app: POST /api/v1/connected-apps, or on the server
manage.py connected_apps add. Then give the setup token that you are shown to the app.
"""


class SimpleFinView(ApiView):
    """A resource of SimpleFIN."""

    async def admit(self, request: HttpRequest) -> None:
        """Refuse plain HTTP in production, as the API does, but in the words of SimpleFIN."""
        if is_plain(request):
            raise Rejected(HttpsRequired("Use HTTPS for this request."))
        await super().admit(request)

    def refuse(self, error: DomainError, request: HttpRequest, **extra: Any) -> HttpResponse:
        """Respond with an error as apps read it. There are no accounts in it: none is missing."""
        document = Document.of(error, ROOT, origin.get().trace_id)
        status = HTTPStatus(document.status)
        code = CODES.get(status, "gen.api" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "gen.")
        body = {"errors": [error.detail], "errlist": [{"code": code, "msg": error.detail}]}
        return JsonResponse(body, status=status, headers=document.headers)


class InfoView(SimpleFinView):
    """Which versions of the protocol this server speaks."""

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List the versions."""
        return JsonResponse({"versions": VERSIONS})


class CreateView(SimpleFinView):
    """Where apps send people who need a setup token."""

    async def get(self, request: HttpRequest) -> HttpResponse:
        """Say how to make one."""
        return HttpResponse(_HOW, content_type="text/plain; charset=utf-8")


class ClaimView(SimpleFinView):
    """A setup token."""

    claim_setup_token: ClaimSetupToken

    async def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Exchange the token for an access URL, once."""
        scheme, host, path, *_ = urlsplit(public_root(request))
        key = unwrap(await self.claim_setup_token(token=token))
        access_url = f"{scheme}://{key.username}:{key.password}@{host}{path}"
        # Bare, because some apps do not remove what follows.
        return HttpResponse(access_url, content_type="text/plain")

    def refuse(self, error: DomainError, request: HttpRequest, **extra: Any) -> HttpResponse:
        """Respond with a text that no app takes for an access URL."""
        document = Document.of(error, ROOT, origin.get().trace_id)
        return HttpResponse(
            f"Forbidden: {error.detail}",
            status=document.status,
            content_type="text/plain; charset=utf-8",
            headers=document.headers,
        )


class SharedAccountsView(SimpleFinView):
    """The accounts of a connected app, which authenticates by user name and password."""

    per_request = frozenset({"app"})
    authenticate_app: AuthenticateApp
    share_accounts: ShareAccounts
    app: ConnectedApp

    async def admit(self, request: HttpRequest) -> None:
        """Find out which app it is; it has a quota, and shares the limits of its user."""
        if is_plain(request):
            raise Rejected(HttpsRequired("Use HTTPS for this request."))
        self.app = unwrap(
            await self.authenticate_app(
                credentials=credentials_of(request),
                buckets=buckets_of(request),
                scale=settings.RATE_LIMIT_SCALE,
            )
        )
        origin.set(replace(origin.get(), actor=Actor.user(self.app.user_id)))

    async def get(self, request: HttpRequest) -> HttpResponseBase:
        """Read accounts with their balances and transactions."""
        asked = sharing_request(request)
        answer = unwrap(
            await self.share_accounts(connected_app_id=self.app.id, app=self.app, request=asked)
        )
        return stream(answer)


def credentials_of(request: HttpRequest) -> str:
    """Return what the header Authorization says by Basic (RFC 7617), or an empty text."""
    scheme, _, encoded = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(encoded.strip(), validate=True).decode()
    except ValueError:
        return ""


def sharing_request(request: HttpRequest) -> SharingRequest:
    """Read the parameters of the protocol, and ignore all others, as servers of it do."""
    given = request.GET
    start, end = _first_day(given.get("start-date")), _first_day(given.get("end-date"))
    return SharingRequest(
        root=public_root(request),
        ids=frozenset(given.getlist("account")) if "account" in given else None,
        first_day=date.min if start is None else _date(start),
        # What is booked at noon of a day is before the end, or it is not.
        last_day=date.max if end is None else _date(end - 1),
        # Some send 0 for no.
        pending=given.get("pending") == "1",
        balances_only=given.get("balances-only") == "1",
    )


def _first_day(seconds: str | None) -> int | None:
    """Return the first day whose noon is at or after this moment, as a number of the calendar."""
    if not seconds:
        return None
    if not _SECONDS.fullmatch(seconds):
        raise Rejected(
            InvalidQuery("The dates are numbers of seconds since 1970, such as 1767225600.")
        )
    return _EPOCH + math.ceil((Decimal(seconds) - _NOON) / _DAY)


def _date(number: int) -> date:
    """Return the day with this number, or the nearest that there is."""
    return date.fromordinal(min(max(number, date.min.toordinal()), date.max.toordinal()))
