"""Log in."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.use_case import UseCase
from domain.identity.entities import Session, User
from domain.identity.errors import InvalidCredentials, UserNotFound
from domain.identity.events import LoginFailed
from domain.identity.ports import PasswordHasher, SessionRepository, TokenIssuer, UserRepository
from domain.identity.values import Email, Password, Token
from domain.shared.errors import Unavailable
from domain.shared.events import ANONYMOUS, ResourceType
from domain.shared.ids import SessionId, new_id
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSession:
    """A session, and the only sight of its token."""

    session: Session
    token: Token


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn(UseCase):
    """Open a session for someone who knows the address and the password.

    An unknown address and a wrong password get the same answer after the same work.
    """

    users: UserRepository
    sessions: SessionRepository
    hasher: PasswordHasher
    tokens: TokenIssuer

    @audit_refusals("session.open", ResourceType.SESSION, told=(InvalidCredentials,))
    @begun_anew
    async def __call__(
        self, *, email: str, password: str
    ) -> Result[OpenedSession, InvalidCredentials | Unavailable]:
        found = await self._find(email)
        if isinstance(found, Failure):
            return found
        user = found.value
        password_hash = user.password_hash if user else None
        matches = await self.hasher.verify(Password.given(password), password_hash)
        if user is None or not matches:
            return await self._refuse(user)
        return await self._open(user)

    async def _find(self, email: str) -> Result[User | None, Unavailable]:
        address = Email.parse(email)
        if isinstance(address, Failure):
            return Success(None)
        found = await self.users.get_by_email(address.value)
        if isinstance(found, Success):
            return found
        return Success(None) if isinstance(found.error, UserNotFound) else Failure(found.error)

    async def _refuse(self, user: User | None) -> Failure[InvalidCredentials]:
        failed = LoginFailed(
            subject_id=user.id if user else None,
            actor=ANONYMOUS,
            occurred_at=self.clock.now(),
            reason="wrong-password" if user else "unknown-address",
        )
        async with self.unit_of_work() as uow:
            await uow.commit(failed)
        return Failure(InvalidCredentials("The address or the password is wrong."))

    async def _open(self, user: User) -> Result[OpenedSession, Unavailable]:
        token = self.tokens.issue()
        session, opened = Session.open(
            id=SessionId(new_id()),
            user_id=user.id,
            token_digest=token.digest,
            at=self.clock.now(),
        )
        async with self.unit_of_work(owner=user.id) as uow:
            added = await self.sessions.add(session)
            if isinstance(added, Failure):
                return added
            await uow.commit(opened)
        return Success(OpenedSession(session=session, token=token))
