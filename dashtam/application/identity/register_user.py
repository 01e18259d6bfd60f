"""Register a user."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.identity.passwords import hash_chosen
from dashtam.application.turns import Turns
from dashtam.application.use_case import UseCase
from domain.identity.entities import User
from domain.identity.errors import EmailTaken, InvalidEmail, UserNotFound, WeakPassword
from domain.identity.events import RegistrationRepeated
from domain.identity.ports import PasswordHasher, PasswordJudge, UserRepository
from domain.identity.values import Email
from domain.shared.errors import Unavailable
from domain.shared.events import ANONYMOUS, ResourceType
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Result, Success

RegisterUserError = InvalidEmail | WeakPassword | EmailTaken | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterUser(UseCase):
    """Open an account for someone who gives an e-mail address and a password.

    The owner of an address that is taken hears of it, and whoever asks does the same work.
    """

    users: UserRepository
    hasher: PasswordHasher
    password_policy: PasswordJudge
    password_turns: Turns

    @audit_refusals("user.register", ResourceType.USER, told=(EmailTaken,))
    @begun_anew
    async def __call__(self, *, email: str, password: str) -> Result[User, RegisterUserError]:
        address = Email.parse(email)
        if isinstance(address, Failure):
            return address
        holder = address.value.address
        hashed = await hash_chosen(
            password, holder, self.password_policy, self.hasher, self.password_turns
        )
        if isinstance(hashed, Failure):
            return hashed
        user, registered = User.register(
            id=UserId(new_id()),
            email=address.value,
            password_hash=hashed.value,
            at=self.clock.now(),
        )
        async with self.unit_of_work(owner=user.id) as uow:
            added = await self.users.add(user)
            if isinstance(added, Failure) and not isinstance(added.error, EmailTaken):
                return added
            # It is asked for either way: both take the same statements, and one transaction.
            found = await self.users.get_by_email(address.value)
            if isinstance(added, Success):
                await uow.commit(registered)
                return Success(user)
            await uow.commit(self._repeated(found))
        return added

    def _repeated(self, found: Result[User, UserNotFound | Unavailable]) -> RegistrationRepeated:
        return RegistrationRepeated(
            subject_id=found.value.id if isinstance(found, Success) else None,
            actor=ANONYMOUS,
            occurred_at=self.clock.now(),
        )
