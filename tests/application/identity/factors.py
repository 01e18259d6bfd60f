"""A user with a second factor."""

from base64 import b32encode
from collections.abc import Sequence
from datetime import timedelta

import pyotp

from dashtam.application.identity.log_in import LogIn, ReauthenticateSession
from dashtam.application.identity.second_factors import (
    ConfirmError,
    ConfirmSecondFactor,
    Enrolment,
    EnrolSecondFactor,
    IssueRecoveryCodes,
    ListSecondFactors,
    RemoveSecondFactor,
)
from dashtam.application.identity.sessions import OpenedSession
from domain.identity.values import RecoveryCode
from domain.shared.ids import UserId
from domain.shared.result import Result, Success
from tests.application.conftest import Application

ADA = {"email": "ada@example.org", "password": "correct horse battery"}


class Ada:
    """A user of an application in memory, who has logged in."""

    def __init__(self, app: Application, opened: OpenedSession) -> None:
        self.app = app
        self.session = opened.session
        self.list = app.use(ListSecondFactors)
        self.enrol = app.use(EnrolSecondFactor)
        self.confirm = app.use(ConfirmSecondFactor)
        self.remove = app.use(RemoveSecondFactor)
        self.issue_codes = app.use(IssueRecoveryCodes)
        self.prove = app.use(ReauthenticateSession)

    @classmethod
    async def logged_in(cls, app: Application) -> "Ada":
        await app.enrol(**ADA)
        opened = await app.use(LogIn)(**ADA)
        assert isinstance(opened, Success)
        return cls(app, opened.value)

    @property
    def id(self) -> UserId:
        return self.session.user_id

    def code(self, steps: int = 0) -> str:
        """Return the code of now, or of some steps before or after."""
        key = self.app.store.second_factors[self.id].secret.key
        at = self.app.clock.at + timedelta(seconds=30 * steps)
        return pyotp.TOTP(b32encode(key).decode()).at(at)

    async def enrolled(self) -> Enrolment:
        done = await self.enrol(user_id=self.id)
        assert isinstance(done, Success)
        return done.value

    async def try_code(self, code: str) -> Result[Sequence[RecoveryCode], ConfirmError]:
        factor = self.app.store.second_factors[self.id]
        return await self.confirm(second_factor_id=factor.id, session=self.session, code=code)

    async def confirmed(self) -> Sequence[RecoveryCode]:
        """Have a factor that was confirmed long enough ago for any code of now."""
        await self.enrolled()
        done = await self.try_code(self.code())
        assert isinstance(done, Success)
        self.app.clock.at += timedelta(minutes=5)
        return done.value
