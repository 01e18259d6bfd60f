"""Change one's password or address."""

from dataclasses import dataclass, field

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.identity.passwords import hash_chosen
from dashtam.application.turns import Turns
from dashtam.application.use_case import UseCase
from domain.identity.entities import Session, User
from domain.identity.errors import (
    EmailTaken,
    InvalidEmail,
    InvalidToken,
    SessionNotFound,
    UserNotFound,
    WeakPassword,
)
from domain.identity.ports import (
    MailedTokenRepository,
    PasswordHasher,
    PasswordJudge,
    SessionRepository,
    UserRepository,
)
from domain.identity.values import Email, MailPurpose, PasswordHash
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success

ChangeError = InvalidToken | SessionNotFound | UserNotFound | EmailTaken | Unavailable
ChangeUserError = InvalidEmail | WeakPassword | ChangeError


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be changed: what was checked, and hashed."""

    password_hash: PasswordHash | None = field(repr=False)
    email: Email | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUser(UseCase):
    """Take a new password at once, and a new address once it is proved.

    A new password ends all sessions but the one that asks, which goes on under the new stamp.
    Whether the address is somebody's is not told here: whoever reads its letters hears of it.
    """

    users: UserRepository
    sessions: SessionRepository
    mailed_tokens: MailedTokenRepository
    hasher: PasswordHasher
    password_policy: PasswordJudge
    password_turns: Turns

    @audit_refusals("user.change", ResourceType.USER)
    @begun_anew
    async def __call__(
        self, *, user_id: UserId, session: Session, password: str | None, email: str | None
    ) -> Result[User, ChangeUserError]:
        address = Email.parse(email) if email is not None else Success(None)
        if isinstance(address, Failure):
            return address
        chosen = await self._choose(user_id, password)
        if isinstance(chosen, Failure):
            return chosen
        return await self._change(session, Wish(chosen.value, address.value))

    async def _choose(
        self, user_id: UserId, password: str | None
    ) -> Result[PasswordHash | None, WeakPassword | UserNotFound | Unavailable]:
        """Weigh and hash, which is slow: no transaction is open meanwhile."""
        if password is None:
            return Success(None)
        async with self.unit_of_work(owner=user_id):
            found = await self.users.get(user_id)
        if isinstance(found, Failure):
            return found
        holder = found.value.email.address
        return await hash_chosen(
            password, holder, self.password_policy, self.hasher, self.password_turns
        )

    async def _change(self, session: Session, wish: Wish) -> Result[User, ChangeError]:
        async with self.unit_of_work(owner=session.user_id) as uow:
            found = await self.users.lock(session.user_id)
            if isinstance(found, Failure):
                return found
            # The password may have been reset since the request came in: its session is over then.
            if found.value.security_stamp != session.security_stamp or not found.value.may_enter:
                return Failure(InvalidToken("The token is not valid."))
            user, events = self._wished(found.value, session, wish)
            kept = await self._keep(user, session)
            if isinstance(kept, Failure):
                return kept
            if events:
                await uow.commit(*events)
        return Success(user)

    def _wished(self, user: User, session: Session, wish: Wish) -> tuple[User, list[DomainEvent]]:
        now = self.clock.now()
        events: list[DomainEvent] = []
        if wish.password_hash is not None:
            user, changed = user.change_password(wish.password_hash, now, keep=session.id)
            events.append(changed)
        if wish.email is not None:
            user, wanted = user.want_email(wish.email, now)
            events.append(wanted)
        return user, events

    async def _keep(self, user: User, session: Session) -> Result[None, ChangeError]:
        kept = await self.users.update(user)
        if isinstance(kept, Failure) or user.security_stamp == session.security_stamp:
            return kept
        # A letter that was asked for before would undo what was just done.
        purpose, now = MailPurpose.RESET_PASSWORD, self.clock.now()
        used = await self.mailed_tokens.use_all(user.id, purpose, now)
        if isinstance(used, Failure):
            return used
        return await self.sessions.restamp(session.id, user.security_stamp, owner=user.id)
