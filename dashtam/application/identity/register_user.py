"""Register a user."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.use_case import UseCase
from domain.identity.entities import User
from domain.identity.errors import EmailTaken, InvalidEmail, WeakPassword
from domain.identity.ports import PasswordHasher, UserRepository
from domain.identity.values import Email, Password
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Result, Success

RegisterUserError = InvalidEmail | WeakPassword | EmailTaken | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterUser(UseCase):
    """Open an account for someone who gives an e-mail address and a password."""

    users: UserRepository
    hasher: PasswordHasher

    @audit_refusals("user.register", ResourceType.USER)
    @begun_anew
    async def __call__(self, *, email: str, password: str) -> Result[User, RegisterUserError]:
        address = Email.parse(email)
        if isinstance(address, Failure):
            return address
        secret = Password.choose(password)
        if isinstance(secret, Failure):
            return secret

        user, registered = User.register(
            id=UserId(new_id()),
            email=address.value,
            password_hash=await self.hasher.hash(secret.value),
            at=self.clock.now(),
        )
        async with self.unit_of_work(owner=user.id) as uow:
            added = await self.users.add(user)
            if isinstance(added, Failure):
                return added
            await uow.commit(registered)
        return Success(user)
