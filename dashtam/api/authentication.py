"""Authentication of requests by bearer token (RFC 6750)."""

from dataclasses import replace

from django.http import HttpRequest

from dashtam.api.limits import buckets_of
from dashtam.application.identity.authenticate_request import AuthenticateRequest
from domain.audit.origin import origin
from domain.identity.entities import ApiToken, Caller
from domain.identity.errors import InvalidToken
from domain.shared.errors import Unauthenticated, Unavailable
from domain.shared.events import Actor
from domain.shared.limits import TooManyRequests
from domain.shared.result import Failure, Result


class TokenMissing(Unauthenticated):
    """The request has no bearer token."""

    code = "token-missing"


async def authenticate_request(
    request: HttpRequest, authenticate: AuthenticateRequest
) -> Result[Caller, TokenMissing | InvalidToken | TooManyRequests | Unavailable]:
    """Return the caller that the token belongs to, and make that user the actor of the request.

    This also takes what the rate limits of the user allow.
    """
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        refused = await authenticate.refuse()
        if isinstance(refused, Failure):
            return refused
        return Failure(TokenMissing("Send a token in the header Authorization: Bearer <token>."))
    result = await authenticate(token=token.strip(), buckets=buckets_of(request))
    if isinstance(result, Failure):
        return result
    caller = result.value
    origin.set(
        replace(
            origin.get(),
            actor=Actor.user(caller.user_id),
            api_token_id=caller.credential.id if isinstance(caller.credential, ApiToken) else None,
        )
    )
    return result
