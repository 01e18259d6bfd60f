"""Emails that are sent because something happened."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashtam.application.identity.email_tokens import find_user_by_email
from dashtam.application.identity.emails import (
    EmailDraft,
    EmailSender,
    duplicate_registration,
    email_confirmation,
    password_reset,
    recovery_link,
    verification,
)
from dashtam.application.use_case import or_none
from domain.connections.events import ConnectionStopped, ConsentExpiryAnnounced, ProviderConnected
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
from domain.sharing.events import ConnectedAppClaimed


@dataclass(frozen=True, slots=True, kw_only=True)
class SendEmail:
    """Send an email to the user that an event is about, if there is one to send.

    The event contains neither email address nor token: one is looked up, the other issued here.
    """

    emails: EmailSender

    def draft_for(self, user: User) -> EmailDraft | None:
        """Return which email the user gets, if any."""
        raise NotImplementedError

    async def __call__(self, event: DomainEvent) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        return await self.emails.send_to(UserId(event.subject_id), self.draft_for)


class SendVerificationEmail(SendEmail):
    """Ask a new user to verify their email address."""

    def draft_for(self, user: User) -> EmailDraft | None:
        return verification(user)


class SendPasswordResetEmail(SendEmail):
    """Let a user choose a new password."""

    def draft_for(self, user: User) -> EmailDraft | None:
        return password_reset(user)


class SendRecoveryEmail(SendEmail):
    """Let a user restore the account that they closed."""

    def draft_for(self, user: User) -> EmailDraft | None:
        return recovery_link(user)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendEmailConfirmation:
    """Request confirmation at the new email address; if it is taken, notify its owner instead."""

    users: UserRepository
    emails: EmailSender
    unit_of_work: UnitOfWorkFactory

    async def __call__(self, event: EmailChangeRequested) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        user_id = UserId(event.subject_id)
        taken_by = await self._owner_of_wanted_email(user_id)
        if isinstance(taken_by, Failure):
            return taken_by
        if taken_by.value is None:
            return await self.emails.send_to(user_id, email_confirmation)
        return await self.emails.send_to(taken_by.value, duplicate_registration)

    async def _owner_of_wanted_email(self, user_id: UserId) -> Result[UserId | None, Unavailable]:
        """Return the user who has the email address that this user wants, if any."""
        async with self.unit_of_work(owner=user_id):
            wanted = await self._wanted(user_id)
            if isinstance(wanted, Failure) or wanted.value is None:
                return Success(None) if isinstance(wanted, Success) else wanted
            found = await find_user_by_email(self.users, wanted.value)
        if isinstance(found, Failure):
            return found
        return Success(found.value.id if found.value else None)

    async def _wanted(self, user_id: UserId) -> Result[Email | None, Unavailable]:
        found = or_none(await self.users.get(user_id))
        if isinstance(found, Failure):
            return found
        return Success(found.value.wanted_email if found.value else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyDuplicateRegistration:
    """Notify the owner of an email address that somebody tried to register with it.

    An owner who never verified it has to choose a new password, because a stranger may have chosen
    the present one. The owner of a closed account is not notified.
    """

    users: UserRepository
    mailed_tokens: MailedTokenRepository
    hasher: PasswordHasher
    tokens: TokenIssuer
    emails: EmailSender
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
            # Hashing is slow, so it is done while no transaction is open.
            unusable_hash = await self.hasher.hash(Password(self.tokens.issue().text))
            withdrawn = await self._withdraw(owner, unusable_hash)
            if isinstance(withdrawn, Failure):
                return _unless_gone(withdrawn.error)
        return await self.emails.send_to(owner, duplicate_registration)

    async def _withdraw(
        self, owner: UserId, unusable_hash: PasswordHash
    ) -> Result[None, UserNotFound | EmailTaken | Unavailable]:
        """Invalidate the password and earlier emails of a user who is not verified."""
        async with self.unit_of_work(owner=owner) as uow:
            found = await self.users.lock(owner)
            if isinstance(found, Failure):
                return found
            if found.value.verified_at is not None:
                return Success(None)
            now = self.clock.now()
            user, withdrawn = found.value.withdraw_password(unusable_hash, now)
            updated = await self.users.update(user)
            if isinstance(updated, Failure):
                return updated
            consumed = await self.mailed_tokens.consume_all(owner, MailPurpose.VERIFY_EMAIL, now)
            if isinstance(consumed, Failure):
                return consumed
            await uow.commit(withdrawn)
        return Success(None)


def _unless_gone(error: UserNotFound | EmailTaken | Unavailable) -> Result[None, Unavailable]:
    """A user who was erased meanwhile gets no email."""
    return Failure(error) if isinstance(error, Unavailable) else Success(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyOldEmail:
    """Notify the old email address of a user that it was changed, and delete it."""

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
        return sent if isinstance(sent, Failure) else await self._delete(user_id, former.value)

    async def _former(self, user_id: UserId) -> Result[Email | None, Unavailable]:
        async with self.unit_of_work(owner=user_id):
            found = or_none(await self.users.get(user_id))
        if isinstance(found, Failure):
            return found
        return Success(found.value.former_email if found.value else None)

    async def _delete(self, user_id: UserId, notified: Email) -> Result[None, Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.users.lock(user_id)
            if isinstance(found, Failure) and isinstance(found.error, Unavailable):
                return Failure(found.error)
            if isinstance(found, Failure) or found.value.former_email != notified:
                return Success(None)
            user, removed = found.value.remove_former_email(self.clock.now())
            updated = await self.users.update(user)
            if isinstance(updated, Failure) and isinstance(updated.error, Unavailable):
                return Failure(updated.error)
            if isinstance(updated, Success):
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
    ConnectionStopped: EmailTemplate.CONNECTION_NEEDS_PERSON,
    ConsentExpiryAnnounced: EmailTemplate.CONSENT_ENDING,
    UserRestored: EmailTemplate.ACCOUNT_RESTORED,
    ConnectedAppClaimed: EmailTemplate.APP_CONNECTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyUser:
    """Notify a user of an action that was taken in their name.

    Uploading a statement file connects an institution too, but needs no notice.
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
            found = or_none(await self.users.get(owner))
        if isinstance(found, Failure):
            return found
        if found.value is None:
            return Success(None)
        message = EmailMessage(NOTICES[type(event)])
        return await self.mailer.send_email(found.value.email, message)
