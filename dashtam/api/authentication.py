"""From a bearer token (RFC 6750) to who is asking."""

from dataclasses import replace

from django.http import HttpRequest

from dashtam.application.identity.authenticate_request import AuthenticateRequest
from domain.audit.origin import origin
from domain.identity.entities import ApiToken, Caller
from domain.identity.errors import InvalidToken
from domain.shared.errors import Unauthenticated, Unavailable
from domain.shared.events import Actor
from domain.shared.limits import TooManyRequests
from domain.shared.result import Failure, Result


class TokenMissing(Unauthenticated):
    """The request says nothing of who is asking."""

    code = "token-missing"


async def who_asks(
    request: HttpRequest, authenticate: AuthenticateRequest
) -> Result[Caller, TokenMissing | InvalidToken | TooManyRequests | Unavailable]:
    """Return whom the request's token stands for; that user is the actor, if by a program."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        refused = await authenticate.refuse()
        if isinstance(refused, Failure):
            return refused
        return Failure(TokenMissing("This needs a token: Authorization: Bearer <token>."))
    result = await authenticate(token=token.strip())
    if isinstance(result, Failure):
        return result
    caller = result.value
    origin.set(
        replace(
            origin.get(),
            actor=Actor.user(caller.user_id),
            api_token_id=caller.by.id if isinstance(caller.by, ApiToken) else None,
        )
    )
    return result
