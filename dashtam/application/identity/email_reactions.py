"""Emails that are sent because something happened."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashtam.application.identity.email_tokens import find_user_by_email
from dashtam.application.identity.emails import (
    EmailDraft,
    EmailSender,
    new_address,
    proof,
    reset,
    warning,
    way_back,
)
from domain.connections.events import ProviderConnected
from domain.connections.values import STATEMENT_FILES
from domain.identity.emails import EmailMessage, EmailTemplate
from domain.identity.entities import User
from domain.identity.errors import EmailTaken, UserNotFound
from domain.identity.events import (
    ApiTokenIssued,
    EmailChangeRequested,
    EmailVerified,
    RecoveryCodeUsed,
    RegistrationRepeated,
    SecondFactorConfirmed,
    SecondFactorRemoved,
    UserPasswordChanged,
    UserRestored,
)
from domain.identity.ports import (
    MailedTokenRepository,
    Mailer,
    PasswordHasher,
    TokenIssuer,
    UserRepository,
)
from domain.identity.values import Email, MailPurpose, Password, PasswordHash
from domain.shared.errors import Unavailable
from domain.shared.events import ActorKind, DomainEvent
from domain.shared.ids import UserId
from domain.shared.ports import Clock, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class SendEmail:
    """Write to the user whom a fact is about, where there is an occasion; without one to nobody.

    The event carries neither address nor token: the one is looked up, the other made here.
    """

    writer: EmailSender

    def occasion(self, user: User) -> EmailDraft | None:
        """Return which letter the user gets, if any."""
        raise NotImplementedError

    async def __call__(self, event: DomainEvent) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        return await self.writer.write(UserId(event.subject_id), self.occasion)


class SendVerificationEmail(SendEmail):
    """Ask a new user to verify their email address."""

    def occasion(self, user: User) -> EmailDraft | None:
        return proof(user)


class SendPasswordResetEmail(SendEmail):
    """Let a user choose a new password."""

    def occasion(self, user: User) -> EmailDraft | None:
        return reset(user)


class SendRecoveryEmail(SendEmail):
    """Let a user restore the account that they closed."""

    def occasion(self, user: User) -> EmailDraft | None:
        return way_back(user)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendEmailConfirmation:
    """Write to the new address; where it is taken, to its owner, and no token is made."""

    users: UserRepository
    writer: EmailSender
    unit_of_work: UnitOfWorkFactory

    async def __call__(self, event: EmailChangeRequested) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        user_id = UserId(event.subject_id)
        holder = await self._holder(user_id)
        if isinstance(holder, Failure):
            return holder
        if holder.value is None:
            return await self.writer.write(user_id, new_address)
        return await self.writer.write(holder.value, warning)

    async def _holder(self, user_id: UserId) -> Result[UserId | None, Unavailable]:
        """Return whose address it is that this user wants, if anybody's."""
        async with self.unit_of_work(owner=user_id):
            wanted = await self._wanted(user_id)
            if isinstance(wanted, Failure) or wanted.value is None:
                return Success(None) if isinstance(wanted, Success) else wanted
            found = await find_user_by_email(self.users, wanted.value)
        if isinstance(found, Failure):
            return found
        return Success(found.value.id if found.value else None)

    async def _wanted(self, user_id: UserId) -> Result[Email | None, Unavailable]:
        found = await self.users.get(user_id)
        if isinstance(found, Success):
            return Success(found.value.wanted_email)
        return Success(None) if isinstance(found.error, UserNotFound) else Failure(found.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyDuplicateRegistration:
    """Write to the owner of the address that somebody tried to register with it.

    Who never proved it chooses a password, and the one that was given first counts no more: it may
    be a stranger's. An account that is closed hears nothing: there is nothing left to get into.
    """

    users: UserRepository
    mailed_tokens: MailedTokenRepository
    hasher: PasswordHasher
    tokens: TokenIssuer
    writer: EmailSender
    clock: Clock
    unit_of_work: UnitOfWorkFactory

    async def __call__(self, event: RegistrationRepeated) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        owner = UserId(event.subject_id)
        async with self.unit_of_work(owner=owner):
            found = await self.users.get(owner)
        if isinstance(found, Failure):
            return _unless_gone(found.error)
        if found.value.verified_at is None:
            # Slow: it is hashed while no transaction is open, and only where it counts.
            nobodys = await self.hasher.hash(Password(self.tokens.issue().text))
            withdrawn = await self._withdraw(owner, nobodys)
            if isinstance(withdrawn, Failure):
                return _unless_gone(withdrawn.error)
        return await self.writer.write(owner, warning)

    async def _withdraw(
        self, owner: UserId, nobodys: PasswordHash
    ) -> Result[None, UserNotFound | EmailTaken | Unavailable]:
        """Have no password count, and no letter of before, where the address is not proved."""
        async with self.unit_of_work(owner=owner) as uow:
            found = await self.users.lock(owner)
            if isinstance(found, Failure):
                return found
            if found.value.verified_at is not None:
                return Success(None)
            now = self.clock.now()
            user, withdrawn = found.value.withdraw_password(nobodys, now)
            kept = await self.users.update(user)
            if isinstance(kept, Failure):
                return kept
            used = await self.mailed_tokens.consume_all(owner, MailPurpose.VERIFY_EMAIL, now)
            if isinstance(used, Failure):
                return used
            await uow.commit(withdrawn)
        return Success(None)


def _unless_gone(error: UserNotFound | EmailTaken | Unavailable) -> Result[None, Unavailable]:
    """Take a user who was erased meanwhile for one to whom nothing is written."""
    return Failure(error) if isinstance(error, Unavailable) else Success(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyOldEmail:
    """Write to the address that a user had before, and forget it."""

    users: UserRepository
    mailer: Mailer
    clock: Clock
    unit_of_work: UnitOfWorkFactory

    async def __call__(self, event: EmailVerified) -> Result[None, Unavailable]:
        if event.subject_id is None or not event.changed:
            return Success(None)
        user_id = UserId(event.subject_id)
        former = await self._former(user_id)
        if isinstance(former, Failure):
            return former
        if former.value is None:
            return Success(None)
        sent = await self.mailer.send_email(former.value, EmailMessage(EmailTemplate.EMAIL_CHANGED))
        return sent if isinstance(sent, Failure) else await self._forget(user_id, former.value)

    async def _former(self, user_id: UserId) -> Result[Email | None, Unavailable]:
        async with self.unit_of_work(owner=user_id):
            found = await self.users.get(user_id)
        if isinstance(found, Success):
            return Success(found.value.former_email)
        return Success(None) if isinstance(found.error, UserNotFound) else Failure(found.error)

    async def _forget(self, user_id: UserId, told: Email) -> Result[None, Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.users.lock(user_id)
            if isinstance(found, Failure) or found.value.former_email != told:
                return Success(None)
            user, removed = found.value.forget_former_email(self.clock.now())
            kept = await self.users.update(user)
            if isinstance(kept, Success):
                await uow.commit(removed)
        return Success(None)


NOTICES: Mapping[type[DomainEvent], EmailTemplate] = {
    UserPasswordChanged: EmailTemplate.PASSWORD_CHANGED,
    EmailChangeRequested: EmailTemplate.EMAIL_CHANGE_REQUESTED,
    SecondFactorConfirmed: EmailTemplate.SECOND_FACTOR_CONFIRMED,
    SecondFactorRemoved: EmailTemplate.SECOND_FACTOR_REMOVED,
    RecoveryCodeUsed: EmailTemplate.RECOVERY_CODE_USED,
    ApiTokenIssued: EmailTemplate.API_TOKEN_ISSUED,
    ProviderConnected: EmailTemplate.PROVIDER_CONNECTED,
    UserRestored: EmailTemplate.ACCOUNT_KEPT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyUser:
    """Write to the user who acted, or in whose name somebody did.

    A statement file connects an institution too: its user has just sent it, and gets no letter.
    """

    users: UserRepository
    mailer: Mailer
    unit_of_work: UnitOfWorkFactory

    async def __call__(self, event: DomainEvent) -> Result[None, Unavailable]:
        if event.actor.kind is not ActorKind.USER or event.actor.id is None:
            return Success(None)
        if isinstance(event, ProviderConnected) and event.provider == STATEMENT_FILES:
            return Success(None)
        owner = UserId(event.actor.id)
        async with self.unit_of_work(owner=owner):
            found = await self.users.get(owner)
        if isinstance(found, Success):
            return await self.mailer.send_email(
                found.value.email, EmailMessage(NOTICES[type(event)])
            )
        return Success(None) if isinstance(found.error, UserNotFound) else Failure(found.error)
