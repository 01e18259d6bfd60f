"""API tokens. An API token cannot create or revoke another one."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field

from dashtam.api.http import Body, read, refuse_query
from dashtam.api.moments import Moment
from dashtam.api.problems import unwrap
from dashtam.api.responses import ListResponse, Response, no_content, respond
from dashtam.api.session import SessionView
from dashtam.application.identity.api_tokens import (
    IssueApiToken,
    IssuedApiToken,
    ListApiTokens,
    RevokeApiToken,
)
from domain.identity.entities import ApiToken
from domain.identity.values import Scope, Usage
from domain.shared.ids import ApiTokenId


class IssueApiTokenRequest(Body):
    """The name of a token, what it may do, and until when."""

    name: Annotated[str, Field(min_length=1, max_length=ApiToken.LONGEST_NAME)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20)]
    expires_at: Moment | None = None


class ApiTokenResponse(Response):
    """An API token, and when and from where it was last used."""

    id: UUID
    name: str
    scopes: list[Scope]
    issued_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_used_ip_address: str | None

    @classmethod
    def of(cls, listed: tuple[ApiToken, Usage], **more: Any) -> Self:
        token, usage = listed
        return cls.copy_from(
            token,
            scopes=sorted(token.scopes),
            last_used_at=usage.at,
            last_used_ip_address=usage.ip_address,
            **more,
        )


class IssuedApiTokenResponse(ApiTokenResponse):
    """A new API token; `token` is shown only once."""

    token: str = Field(repr=False)

    @classmethod
    def issued(cls, issued: IssuedApiToken) -> Self:
        return cls.of((issued.stored, Usage()), token=issued.token.text)


class ApiTokensView(SessionView):
    """The API tokens of a user."""

    needs_recent_authentication = frozenset({"post"})
    issue_api_token: IssueApiToken
    list_api_tokens: ListApiTokens

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List the tokens that are valid, latest first."""
        refuse_query(request)
        tokens = unwrap(await self.list_api_tokens(user_id=self.session.user_id))
        return respond(ListResponse[ApiTokenResponse].of(tokens, ApiTokenResponse.of))

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Issue a token, which is shown only once."""
        body = await read(request, IssueApiTokenRequest)
        issued = unwrap(
            await self.issue_api_token(
                user_id=self.session.user_id,
                security_stamp=self.session.security_stamp,
                name=body.name,
                scopes=frozenset(body.scopes),
                expires_at=body.expires_at,
            )
        )
        return respond(IssuedApiTokenResponse.issued(issued), HTTPStatus.CREATED)


class ApiTokenView(SessionView):
    """One API token."""

    revoke_api_token: RevokeApiToken

    async def delete(self, request: HttpRequest, api_token_id: UUID) -> HttpResponse:
        """Revoke it."""
        unwrap(
            await self.revoke_api_token(
                api_token_id=ApiTokenId(api_token_id), user_id=self.session.user_id
            )
        )
        return no_content()
