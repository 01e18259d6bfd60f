"""API tokens over HTTP. No API token makes or revokes another."""

from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer, no_content
from dashtam.api.http import read, refuse_query
from dashtam.api.identity.token_schemas import (
    ApiTokenResponse,
    ApiTokensResponse,
    IssueApiTokenRequest,
    IssuedApiTokenResponse,
)
from dashtam.api.problems import problem
from dashtam.api.session import SessionView
from dashtam.application.identity.api_tokens import IssueApiToken, ListApiTokens, RevokeApiToken
from domain.shared.ids import ApiTokenId
from domain.shared.result import Failure, Success


class ApiTokensView(SessionView):
    """The collection of a user's API tokens."""

    sensitive = frozenset({"post"})
    issue_api_token: IssueApiToken
    list_api_tokens: ListApiTokens

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List those that are good, the latest first."""
        refuse_query(request)
        match await self.list_api_tokens(user_id=self.session.user_id):
            case Success(found):
                items = [ApiTokenResponse.of(*each) for each in found]
                return answer(ApiTokensResponse(items=items))
            case Failure(error):
                return problem(error, request)

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Make one, and show it this once."""
        body = await read(request, IssueApiTokenRequest)
        match await self.issue_api_token(
            user_id=self.session.user_id,
            security_stamp=self.session.security_stamp,
            name=body.name,
            scopes=frozenset(body.scopes),
            expires_at=body.expires_at,
        ):
            case Success(issued):
                return answer(IssuedApiTokenResponse.made(issued), HTTPStatus.CREATED)
            case Failure(error):
                return problem(error, request)


class ApiTokenView(SessionView):
    """One API token."""

    revoke_api_token: RevokeApiToken

    async def delete(self, request: HttpRequest, api_token_id: UUID) -> HttpResponse:
        """Revoke it."""
        match await self.revoke_api_token(
            api_token_id=ApiTokenId(api_token_id), user_id=self.session.user_id
        ):
            case Success():
                return no_content()
            case Failure(error):
                return problem(error, request)
