"""Connections to providers: begun, authorised step by step, synced, paused and ended."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Self, TypeAlias
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field, SecretStr

from dashtam.api.connections.providers import FieldResponse
from dashtam.api.http import Body, Changes, read, refuse_query
from dashtam.api.ledger.parameters import READ_CONNECTIONS, WRITE_CONNECTIONS
from dashtam.api.problems import unwrap
from dashtam.api.responses import ListResponse, Response, no_content, respond
from dashtam.api.session import CallerView
from dashtam.application.connections.authorise import (
    AnswerStep,
    BeginConnection,
    RenewConnection,
)
from dashtam.application.connections.entered import MAX_ANSWER
from dashtam.application.connections.manage import (
    ConnectionOverview,
    EditConnection,
    EndConnection,
    ListConnections,
    RequestSync,
    ShowConnection,
)
from domain.connections.entities import MAX_NAME, Consent
from domain.connections.ports import PendingStep
from domain.connections.providers import Ask, Redirect, Wait
from domain.connections.values import ConnectionStatus, DueReason, LinkStatus, Need, ProviderSlug
from domain.shared.ids import ConnectionId

Name = Annotated[str, Field(max_length=MAX_NAME)]
Word = Annotated[str, Field(max_length=64)]
Answer = Annotated[SecretStr, Field(max_length=MAX_ANSWER)]
Given: TypeAlias = Annotated[dict[Word, Answer], Field(max_length=20)]


class BeginRequest(Body):
    """Which provider, and what it asks first."""

    provider: Word
    name: Name = ""
    given: Given = {}


class AnswerRequest(Body):
    """What a person has entered, or the parameters with which the bank has sent them back."""

    given: Given = {}


class ConnectionChanges(Changes):
    """A new name, or whether the connection pauses."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)] | None = None
    paused: bool | None = None


class StepResponse(Response):
    """What a person has to do next: go to `url`, enter `fields`, or wait and ask again."""

    kind: str
    text: str
    url: str | None = None
    fields: Sequence[FieldResponse] = ()
    picture: str | None = None
    poll_after: int | None = None
    expires_at: datetime

    @classmethod
    def of(cls, pending: PendingStep) -> Self:
        step, until = pending.step, pending.expires_at
        if isinstance(step, Redirect):
            text = "Go to this address, and send the parameters with which you return."
            return cls(kind="redirect", text=text, url=step.url, expires_at=until)
        if isinstance(step, Wait):
            poll = step.poll_after
            return cls(kind="wait", text=step.text, poll_after=poll, expires_at=until)
        fields = [FieldResponse.of(each) for each in step.fields]
        picture = _data_url(step)
        return cls(kind="ask", text=step.text, fields=fields, picture=picture, expires_at=until)


def _data_url(step: Ask) -> str | None:
    if step.picture is None:
        return None
    media_type, picture = step.picture
    return f"data:{media_type};base64,{b64encode(picture).decode()}"


class ConsentResponse(Response):
    """What was consented to, from when until when, and when that ended."""

    institution: str
    given_at: datetime
    until: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, consent: Consent) -> Self:
        return cls.copy_from(consent)


class ConnectionResponse(Response):
    """A connection, its state, and what follows."""

    id: UUID
    provider: str
    institution: str
    name: str
    status: ConnectionStatus
    need: Need | None
    detail: str
    changed_at: datetime
    created_at: datetime
    attempted_at: datetime | None
    complete_at: datetime | None
    consent_until: datetime | None
    next_attempt_at: datetime | None
    next_attempt_reason: DueReason | None
    requests_left: int | None
    accounts: int
    failing_accounts: int
    undecided_accounts: int
    step: StepResponse | None
    consents: Sequence[ConsentResponse]

    @classmethod
    def of(cls, overview: ConnectionOverview) -> Self:
        connection, timing, pending = overview.connection, overview.timing, overview.pending
        due = timing.due
        return cls.copy_from(
            connection,
            created_at=connection.established_at,
            next_attempt_at=due and due.at,
            next_attempt_reason=due and due.reason,
            requests_left=timing.requests_left,
            accounts=len(overview.links),
            failing_accounts=sum(each.problem is not None for each in overview.links),
            undecided_accounts=sum(each.status is LinkStatus.ASKED for each in overview.links),
            step=StepResponse.of(pending) if pending else None,
            consents=[ConsentResponse.of(each) for each in overview.consents],
        )


def _entered(given: Mapping[str, SecretStr]) -> dict[str, str]:
    return {name: value.get_secret_value() for name, value in given.items()}


class _ConnectionView(CallerView):
    """A view that shows a connection after it has changed it."""

    show_connection: ShowConnection

    async def _respond(
        self, connection_id: UUID, status: HTTPStatus = HTTPStatus.OK, **more: Any
    ) -> HttpResponse:
        overview = unwrap(
            await self.show_connection(
                connection_id=ConnectionId(connection_id), user_id=self.caller.user_id
            )
        )
        return respond(ConnectionResponse.of(overview), status, **more)


class ConnectionsView(_ConnectionView):
    """The connections of a user."""

    scopes = {"get": READ_CONNECTIONS, "post": WRITE_CONNECTIONS}
    list_connections: ListConnections
    begin_connection: BeginConnection

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List connections."""
        refuse_query(request)
        found = unwrap(await self.list_connections(user_id=self.caller.user_id))
        return respond(ListResponse[ConnectionResponse].of(found, ConnectionResponse.of))

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Begin a connection."""
        body = await read(request, BeginRequest)
        begun = unwrap(
            await self.begin_connection(
                user_id=self.caller.user_id,
                provider=ProviderSlug(body.provider),
                name=body.name,
                given=_entered(body.given),
            )
        )
        made = begun.connection.id
        return await self._respond(made, HTTPStatus.CREATED, location=f"connections/{made}")


class ConnectionView(_ConnectionView):
    """One connection."""

    scopes = {
        "get": READ_CONNECTIONS,
        "patch": WRITE_CONNECTIONS,
        "delete": WRITE_CONNECTIONS,
    }
    edit_connection: EditConnection
    end_connection: EndConnection

    async def get(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        """Show the connection."""
        refuse_query(request)
        return await self._respond(connection_id)

    async def patch(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        """Name the connection, pause or resume it."""
        body = await read(request, ConnectionChanges)
        unwrap(
            await self.edit_connection(
                connection_id=ConnectionId(connection_id),
                user_id=self.caller.user_id,
                name=body.name,
                paused=body.paused,
            )
        )
        return await self._respond(connection_id)

    async def delete(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        """End the connection; what it has brought stays in the ledger."""
        unwrap(
            await self.end_connection(
                connection_id=ConnectionId(connection_id), user_id=self.caller.user_id
            )
        )
        return no_content()


class StepView(_ConnectionView):
    """The step that a connection waits for."""

    scopes = {"post": WRITE_CONNECTIONS}
    answer_step: AnswerStep

    async def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        """Answer it."""
        body = await read(request, AnswerRequest)
        unwrap(
            await self.answer_step(
                connection_id=ConnectionId(connection_id),
                user_id=self.caller.user_id,
                given=_entered(body.given),
            )
        )
        return await self._respond(connection_id)


class RenewalView(_ConnectionView):
    """The renewal of a connection."""

    scopes = {"post": WRITE_CONNECTIONS}
    renew_connection: RenewConnection

    async def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        """Authorise the connection again, in place."""
        body = await read(request, AnswerRequest)
        unwrap(
            await self.renew_connection(
                connection_id=ConnectionId(connection_id),
                user_id=self.caller.user_id,
                given=_entered(body.given),
            )
        )
        return await self._respond(connection_id)


class SyncView(_ConnectionView):
    """A sync out of turn."""

    scopes = {"post": WRITE_CONNECTIONS}
    request_sync: RequestSync

    async def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        """Have the connection synced now."""
        unwrap(
            await self.request_sync(
                connection_id=ConnectionId(connection_id), user_id=self.caller.user_id
            )
        )
        return await self._respond(connection_id, HTTPStatus.ACCEPTED)
