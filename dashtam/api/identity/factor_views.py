"""Second factors over HTTP."""

from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer, created, no_content
from dashtam.api.http import read, refuse_query
from dashtam.api.identity.factor_schemas import (
    CodeRequest,
    EnrolmentResponse,
    RecoveryCodesResponse,
    SecondFactorsResponse,
)
from dashtam.api.problems import problem
from dashtam.api.session import SessionView
from dashtam.application.identity.second_factors import (
    ConfirmSecondFactor,
    EnrolSecondFactor,
    IssueRecoveryCodes,
    ListSecondFactors,
    RemoveSecondFactor,
)
from domain.shared.ids import SecondFactorId
from domain.shared.result import Failure, Success


class SecondFactorsView(SessionView):
    """The collection of a user's second factors: one at most."""

    list_second_factors: ListSecondFactors
    enrol_second_factor: EnrolSecondFactor
    sensitive = frozenset({"post"})

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List them, without their secrets."""
        refuse_query(request)
        match await self.list_second_factors(user_id=self.session.user_id):
            case Success(listed):
                return answer(SecondFactorsResponse.of(listed))
            case Failure(error):
                return problem(error, request)

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Enrol one: its secret is shown this once, and a first code confirms it."""
        match await self.enrol_second_factor(user_id=self.session.user_id):
            case Success(enrolment):
                path = f"second-factors/{enrolment.factor.id}"
                return created(EnrolmentResponse.of(enrolment), path)
            case Failure(error):
                return problem(error, request)


class SecondFactorView(SessionView):
    """One second factor."""

    confirm_second_factor: ConfirmSecondFactor
    remove_second_factor: RemoveSecondFactor
    sensitive = frozenset({"put", "delete"})

    async def put(self, request: HttpRequest, second_factor_id: UUID) -> HttpResponse:
        """Confirm it with a first code: log-ins ask for it from now on."""
        body = await read(request, CodeRequest)
        match await self.confirm_second_factor(
            second_factor_id=SecondFactorId(second_factor_id),
            session=self.session,
            code=body.code.get_secret_value(),
        ):
            case Success(codes):
                return answer(RecoveryCodesResponse.of(codes))
            case Failure(error):
                return problem(error, request)

    async def delete(self, request: HttpRequest, second_factor_id: UUID) -> HttpResponse:
        """Remove it, and all recovery codes with it."""
        match await self.remove_second_factor(
            second_factor_id=SecondFactorId(second_factor_id), user_id=self.session.user_id
        ):
            case Success():
                return no_content()
            case Failure(error):
                return problem(error, request)


class RecoveryCodesView(SessionView):
    """The recovery codes of a user."""

    issue_recovery_codes: IssueRecoveryCodes
    sensitive = frozenset({"post"})

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Issue other ones, which are shown this once."""
        match await self.issue_recovery_codes(user_id=self.session.user_id):
            case Success(codes):
                return answer(RecoveryCodesResponse.of(codes), HTTPStatus.CREATED)
            case Failure(error):
                return problem(error, request)
