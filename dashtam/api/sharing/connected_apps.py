"""Connected apps: which programs read which accounts. No API token can manage them."""

from base64 import b64encode
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Self, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from dashtam.api.http import MAX_ITEMS, Body, Changes, read, refuse_query
from dashtam.api.problems import unwrap
from dashtam.api.responses import ListResponse, Response, no_content, respond
from dashtam.api.session import SessionView
from dashtam.api.sharing.roots import public_root
from dashtam.application.sharing.connected_apps import (
    AddConnectedApp,
    EditConnectedApp,
    IssuedSetupToken,
    IssueSetupToken,
    ListConnectedApps,
    ListedApp,
    RevokeConnectedApp,
    ShowConnectedApp,
)
from domain.shared.ids import AccountId, ConnectedAppId
from domain.sharing.entities import AppChanges, ConnectedApp

Name = Annotated[str, Field(min_length=1, max_length=ConnectedApp.LONGEST_NAME)]
# In JSON an id is a text too.
AccountIds = Annotated[
    list[Annotated[UUID, Field(strict=False)]], Field(min_length=1, max_length=MAX_ITEMS)
]


class AddConnectedAppRequest(Body):
    """The name of an app, and the accounts that it reads; null means all that are not hidden."""

    name: Name
    account_ids: AccountIds | None = None


class EditConnectedAppRequest(Changes):
    """What changes of an app; a field that is left out stays as it is."""

    name: Name | None = None
    account_ids: AccountIds | None = None

    @field_validator("name", mode="before")
    @classmethod
    def _is_not_null(cls, value: Any) -> Any:
        if value is None:
            raise PydanticCustomError("null", "This cannot be cleared")
        return value

    def changes(self) -> AppChanges:
        said = {name: getattr(self, name) for name in self.model_fields_set}
        if "account_ids" in said:
            said["account_ids"] = _chosen(self.account_ids)
        return cast(AppChanges, said)


def _chosen(ids: list[UUID] | None) -> frozenset[AccountId] | None:
    return None if ids is None else frozenset(map(AccountId, ids))


class ConnectedAppResponse(Response):
    """An app that reads accounts, and when and from where it did so last."""

    id: UUID
    name: str
    account_ids: list[UUID] | None
    created_at: datetime
    setup_token_expires_at: datetime | None
    claimed_at: datetime | None
    last_used_at: datetime | None
    last_used_ip_address: str | None

    @classmethod
    def of(cls, listed: ListedApp, **more: Any) -> Self:
        app, usage = listed
        return cls.copy_from(
            app,
            account_ids=None if app.account_ids is None else sorted(app.account_ids),
            created_at=app.added_at,
            setup_token_expires_at=app.setup_expires_at,
            last_used_at=usage.at,
            last_used_ip_address=usage.ip_address,
            **more,
        )


class IssuedSetupTokenResponse(ConnectedAppResponse):
    """An app with a new setup token, which is shown only once."""

    setup_token: str = Field(repr=False)

    @classmethod
    def issued(cls, issued: IssuedSetupToken, root: str) -> Self:
        claim_url = f"{root}/claim/{issued.setup_token.text}"
        return cls.of(
            (issued.app, issued.usage), setup_token=b64encode(claim_url.encode()).decode()
        )


class ConnectedAppsView(SessionView):
    """The connected apps of a user."""

    needs_recent_authentication = frozenset({"post"})
    add_connected_app: AddConnectedApp
    list_connected_apps: ListConnectedApps

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List the apps that were not revoked, latest first."""
        refuse_query(request)
        apps = unwrap(await self.list_connected_apps(user_id=self.session.user_id))
        return respond(ListResponse[ConnectedAppResponse].of(apps, ConnectedAppResponse.of))

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Connect an app; its setup token is shown only once."""
        root = public_root(request)
        body = await read(request, AddConnectedAppRequest)
        issued = unwrap(
            await self.add_connected_app(
                user_id=self.session.user_id,
                security_stamp=self.session.security_stamp,
                name=body.name,
                account_ids=_chosen(body.account_ids),
            )
        )
        return respond(
            IssuedSetupTokenResponse.issued(issued, root),
            HTTPStatus.CREATED,
            location=f"connected-apps/{issued.app.id}",
        )


class ConnectedAppView(SessionView):
    """One connected app."""

    needs_recent_authentication = frozenset({"patch"})
    show_connected_app: ShowConnectedApp
    edit_connected_app: EditConnectedApp
    revoke_connected_app: RevokeConnectedApp

    async def get(self, request: HttpRequest, connected_app_id: UUID) -> HttpResponse:
        """Show an app, and when it last read anything."""
        refuse_query(request)
        app = unwrap(
            await self.show_connected_app(
                connected_app_id=ConnectedAppId(connected_app_id), user_id=self.session.user_id
            )
        )
        return respond(ConnectedAppResponse.of(app))

    async def patch(self, request: HttpRequest, connected_app_id: UUID) -> HttpResponse:
        """Rename it, or choose other accounts."""
        body = await read(request, EditConnectedAppRequest)
        app = unwrap(
            await self.edit_connected_app(
                connected_app_id=ConnectedAppId(connected_app_id),
                user_id=self.session.user_id,
                changes=body.changes(),
            )
        )
        return respond(ConnectedAppResponse.of(app))

    async def delete(self, request: HttpRequest, connected_app_id: UUID) -> HttpResponse:
        """Revoke its access."""
        unwrap(
            await self.revoke_connected_app(
                connected_app_id=ConnectedAppId(connected_app_id), user_id=self.session.user_id
            )
        )
        return no_content()


class SetupTokenView(SessionView):
    """The setup token of a connected app."""

    needs_recent_authentication = frozenset({"post"})
    issue_setup_token: IssueSetupToken

    async def post(self, request: HttpRequest, connected_app_id: UUID) -> HttpResponse:
        """Issue another one; the access that the app has ends when it is claimed."""
        root = public_root(request)
        issued = unwrap(
            await self.issue_setup_token(
                connected_app_id=ConnectedAppId(connected_app_id), user_id=self.session.user_id
            )
        )
        return respond(IssuedSetupTokenResponse.issued(issued, root), HTTPStatus.CREATED)
