"""A user who authenticates against the real database."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pyotp
from django.contrib.auth.hashers import Argon2PasswordHasher

from adapters.persistence.identity.models import UserModel
from dashtam.application.identity.email_tokens import issue_token
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.second_factors import ConfirmSecondFactor, EnrolSecondFactor
from dashtam.application.identity.sessions import OpenedSession
from dashtam.application.identity.users import RegisterUser
from dashtam.container import container
from domain.identity.entities import SecondFactor, User
from domain.identity.events import EmailVerified
from domain.identity.values import Email, MailPurpose, PasswordHash, Token
from domain.shared.events import Actor
from domain.shared.ids import UserId
from domain.shared.result import Success

WHO = {"email": "ada@example.org", "password": "correct horse battery"}


class WeakArgon2(Argon2PasswordHasher):
    """As little work as was thought enough some day."""

    time_cost = 1
    memory_cost = 8 * 1024
    parallelism = 1


def weak_hash(password: str = WHO["password"]) -> PasswordHash:
    hasher = WeakArgon2()
    return PasswordHash(hasher.encode(password, hasher.salt()))


@dataclass(frozen=True)
class LoggedIn:
    """A user with a session, and with a second factor if requested."""

    opened: OpenedSession
    factor: SecondFactor | None = None
    secret: str = field(default="", repr=False)
    recovery_codes: tuple[str, ...] = ()

    @property
    def id(self) -> UserId:
        return self.opened.session.user_id

    def code(self, ahead: int = 1) -> str:
        """Return the next code: that of now confirmed the factor."""
        at = container.ports.clock.now() + timedelta(seconds=30 * ahead)
        return pyotp.TOTP(self.secret).at(at)


async def registered(password_hash: PasswordHash | None = None) -> User:
    """Register, and prove the address; with a hash that was made otherwise, if one is given."""
    done = await container.use(RegisterUser)(**WHO)
    assert isinstance(done, Success)
    user = replace(done.value, verified_at=container.ports.clock.now())
    user = replace(user, password_hash=password_hash or user.password_hash)
    actor = Actor.user(user.id)
    proved = EmailVerified(
        subject_id=user.id, actor=actor, occurred_at=container.ports.clock.now(), changed=False
    )
    async with container.ports.unit_of_work(owner=user.id) as uow:
        assert await container.ports.users.update(user) == Success(None)
        await uow.commit(proved)
    return user


async def logged_in() -> LoggedIn:
    await registered()
    opened = await container.use(LogIn)(**WHO)
    assert isinstance(opened, Success)
    return LoggedIn(opened.value)


async def enrolled() -> LoggedIn:
    """Log in, and be given a secret."""
    ada = await logged_in()
    done = await container.use(EnrolSecondFactor)(user_id=ada.id)
    assert isinstance(done, Success)
    return replace(ada, factor=done.value.factor, secret=pyotp.parse_uri(done.value.uri).secret)


async def confirmed() -> LoggedIn:
    """Log in, and have a second factor."""
    ada = await enrolled()
    assert ada.factor
    done = await container.use(ConfirmSecondFactor)(
        second_factor_id=ada.factor.id, session=ada.opened.session, code=ada.code(0)
    )
    assert isinstance(done, Success)
    return replace(ada, recovery_codes=tuple(code.text for code in done.value))


async def stored_hash() -> str:
    """Return the stored password hash, without policies."""
    user = await UserModel.objects.aget(email=Email(WHO["email"]).address)
    return user.password_hash


async def issue_reset_token(owner: UserId, email: Email) -> Token:
    """Issue a token as an email would contain it."""
    purpose, now = MailPurpose.RESET_PASSWORD, container.ports.clock.now()
    token, mailed, event = issue_token(owner, email, purpose, container.ports.tokens, now)
    async with container.ports.unit_of_work(owner=owner) as uow:
        assert await container.ports.mailed_tokens.add(mailed) == Success(None)
        await uow.commit(event)
    return token
