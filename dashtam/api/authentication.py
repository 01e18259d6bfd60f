"""From a bearer token (RFC 6750) to who is asking."""

from dataclasses import replace

from django.http import HttpRequest

from dashtam.application.identity.authenticate import Authenticate
from domain.audit.origin import origin
from domain.identity.entities import Caller
from domain.identity.errors import InvalidToken
from domain.shared.errors import Unauthenticated, Unavailable
from domain.shared.events import Actor
from domain.shared.limits import TooManyRequests
from domain.shared.result import Failure, Result


class TokenMissing(Unauthenticated):
    """The request says nothing of who is asking."""


async def who_asks(
    request: HttpRequest, authenticate: Authenticate
) -> Result[Caller, TokenMissing | InvalidToken | TooManyRequests | Unavailable]:
    """Return whom the request's token stands for; from then on that user is the actor."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        refused = await authenticate.refuse()
        if isinstance(refused, Failure):
            return refused
        return Failure(TokenMissing("This needs a token: Authorization: Bearer <token>."))
    result = await authenticate(token=token.strip())
    if isinstance(result, Failure):
        return result
    origin.set(replace(origin.get(), actor=Actor.user(result.value.user_id)))
    return result
