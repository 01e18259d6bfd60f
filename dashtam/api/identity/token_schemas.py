"""Bodies of requests and responses about API tokens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from dashtam.api.http import Body
from dashtam.api.moments import Moment
from dashtam.application.identity.api_tokens import IssuedApiToken
from domain.identity.entities import ApiToken
from domain.identity.values import Scope, Usage


class IssueApiTokenRequest(Body):
    """A name, what the token is for, and until when."""

    name: Annotated[str, Field(min_length=1, max_length=ApiToken.LONGEST_NAME)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20)]
    expires_at: Moment | None = None


class ApiTokenResponse(BaseModel):
    """An API token, and when and from where it was last used."""

    id: UUID
    name: str
    scopes: Sequence[Scope]
    issued_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    last_used_ip_address: str | None = None

    @classmethod
    def of(cls, kept: ApiToken, usage: Usage) -> "ApiTokenResponse":
        return cls(**_told(kept), last_used_at=usage.at, last_used_ip_address=usage.ip_address)


class IssuedApiTokenResponse(ApiTokenResponse):
    """An API token that was just made: `token` is shown this once."""

    token: str = Field(repr=False)

    @classmethod
    def made(cls, issued: IssuedApiToken) -> "IssuedApiTokenResponse":
        return cls(**_told(issued.kept), token=issued.token.text)


class ApiTokensResponse(BaseModel):
    """All API tokens of a user that are good."""

    items: Sequence[ApiTokenResponse]


def _told(kept: ApiToken) -> dict[str, Any]:
    names = ("id", "name", "issued_at", "expires_at")
    return {name: getattr(kept, name) for name in names} | {"scopes": sorted(kept.scopes)}
