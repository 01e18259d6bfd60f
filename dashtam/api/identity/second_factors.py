"""Second factors and recovery codes."""

from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field

from dashtam.api.http import Body, read, refuse_query
from dashtam.api.problems import unwrap
from dashtam.api.responses import ListResponse, Response, no_content, respond
from dashtam.api.session import SessionView
from dashtam.api.texts import CodeText
from dashtam.application.identity.second_factors import (
    ConfirmSecondFactor,
    Enrolment,
    EnrolSecondFactor,
    IssueRecoveryCodes,
    ListSecondFactors,
    RemoveSecondFactor,
    WithCodesLeft,
)
from domain.identity.values import RecoveryCode
from domain.shared.ids import SecondFactorId


class CodeRequest(Body):
    """A one-time code."""

    code: CodeText


class SecondFactorResponse(Response):
    """A second factor, without its secret."""

    id: UUID
    enrolled_at: datetime
    confirmed_at: datetime | None
    recovery_codes_left: int

    @classmethod
    def of(cls, listed: WithCodesLeft) -> Self:
        factor, left = listed
        return cls.copy_from(factor, recovery_codes_left=left)


class EnrolmentResponse(Response):
    """A second factor with its secret in three forms, which are shown only once."""

    id: UUID
    secret: str = Field(repr=False)
    uri: str = Field(repr=False)
    qr_code: str = Field(repr=False)

    @classmethod
    def of(cls, enrolment: Enrolment) -> Self:
        return cls(
            id=enrolment.factor.id,
            secret=b32encode(enrolment.factor.secret.key).decode(),
            uri=enrolment.uri,
            qr_code=enrolment.picture,
        )


class RecoveryCodesResponse(Response):
    """Recovery codes, which are shown only once."""

    recovery_codes: list[str] = Field(repr=False)

    @classmethod
    def of(cls, codes: Sequence[RecoveryCode]) -> Self:
        return cls(recovery_codes=[code.text for code in codes])


class SecondFactorsView(SessionView):
    """The second factors of a user: one at most."""

    list_second_factors: ListSecondFactors
    enrol_second_factor: EnrolSecondFactor
    needs_recent_authentication = frozenset({"post"})

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List second factors, without their secrets."""
        refuse_query(request)
        listed = unwrap(await self.list_second_factors(user_id=self.session.user_id))
        return respond(ListResponse[SecondFactorResponse].of(listed, SecondFactorResponse.of))

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Enrol a second factor: its secret is shown only once, and a first code confirms it."""
        enrolment = unwrap(await self.enrol_second_factor(user_id=self.session.user_id))
        return respond(
            EnrolmentResponse.of(enrolment),
            HTTPStatus.CREATED,
            location=f"second-factors/{enrolment.factor.id}",
        )


class SecondFactorView(SessionView):
    """One second factor."""

    confirm_second_factor: ConfirmSecondFactor
    remove_second_factor: RemoveSecondFactor
    needs_recent_authentication = frozenset({"put", "delete"})

    async def put(self, request: HttpRequest, second_factor_id: UUID) -> HttpResponse:
        """Confirm it with a first code: every log-in requires a code from now on."""
        body = await read(request, CodeRequest)
        codes = unwrap(
            await self.confirm_second_factor(
                second_factor_id=SecondFactorId(second_factor_id),
                session=self.session,
                code=body.code.get_secret_value(),
            )
        )
        return respond(RecoveryCodesResponse.of(codes))

    async def delete(self, request: HttpRequest, second_factor_id: UUID) -> HttpResponse:
        """Remove it, and all recovery codes with it."""
        unwrap(
            await self.remove_second_factor(
                second_factor_id=SecondFactorId(second_factor_id), user_id=self.session.user_id
            )
        )
        return no_content()


class RecoveryCodesView(SessionView):
    """The recovery codes of a user."""

    issue_recovery_codes: IssueRecoveryCodes
    needs_recent_authentication = frozenset({"post"})

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Replace the recovery codes; the new ones are shown only once."""
        codes = unwrap(await self.issue_recovery_codes(user_id=self.session.user_id))
        return respond(RecoveryCodesResponse.of(codes), HTTPStatus.CREATED)
