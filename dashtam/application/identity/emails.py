"""Emails to users: which ones there are, and how they are sent."""

from collections.abc import Callable
from dataclasses import dataclass

from dashtam.application.identity.email_tokens import issue_token
from dashtam.application.use_case import or_none
from domain.identity.emails import EmailMessage, EmailTemplate
from domain.identity.entities import MailedToken, User
from domain.identity.ports import MailedTokenRepository, Mailer, TokenIssuer, UserRepository
from domain.identity.values import Email, MailPurpose
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.ports import Clock, UnitOfWork, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True)
class EmailDraft:
    """Which email a user gets, what its token is for, and where it is sent."""

    template: EmailTemplate
    purpose: MailPurpose
    recipient: Email


Prepared = tuple[MailedToken, EmailMessage]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSender:
    """Sends emails that strangers can request too, and no more than three an hour to a user.

    The token is issued here, when the email is sent. If sending fails, the email does not count
    and its token is withdrawn.
    """

    users: UserRepository
    mailed_tokens: MailedTokenRepository
    tokens: TokenIssuer
    mailer: Mailer
    clock: Clock
    unit_of_work: UnitOfWorkFactory

    async def send_to(
        self, owner: UserId, draft_for: Callable[[User], EmailDraft | None]
    ) -> Result[None, Unavailable]:
        """Send a user what is drafted for them, if anything; a user who was erased gets nothing."""
        prepared = await self._prepare(owner, draft_for)
        if isinstance(prepared, Failure):
            return prepared
        if prepared.value is None:
            return Success(None)
        # The mail server may be slow, so no transaction is open meanwhile.
        mailed, message = prepared.value
        sent = await self.mailer.send_email(mailed.email, message)
        if isinstance(sent, Failure):
            await self._withdraw(mailed)
        return sent

    async def _prepare(
        self, owner: UserId, draft_for: Callable[[User], EmailDraft | None]
    ) -> Result[Prepared | None, Unavailable]:
        async with self.unit_of_work(owner=owner) as uow:
            found = or_none(await self.users.lock(owner))
            if isinstance(found, Failure):
                return found
            draft = draft_for(found.value) if found.value else None
            if draft is None:
                return Success(None)
            return await self._issue(owner, draft, uow)

    async def _issue(
        self, owner: UserId, draft: EmailDraft, uow: UnitOfWork
    ) -> Result[Prepared | None, Unavailable]:
        now = self.clock.now()
        since = now - MailedToken.WITHIN
        issued = await self.mailed_tokens.issued_since(owner, draft.purpose, since)
        if isinstance(issued, Failure):
            return issued
        if issued.value >= MailedToken.MOST:
            await uow.commit(MailedToken.refuse(owner, draft.purpose, now))
            return Success(None)
        token, mailed, event = issue_token(owner, draft.recipient, draft.purpose, self.tokens, now)
        added = await self.mailed_tokens.add(mailed)
        if isinstance(added, Failure):
            return added
        await uow.commit(event)
        has_token = draft.purpose is not MailPurpose.NOTICE
        return Success((mailed, EmailMessage(draft.template, token if has_token else None)))

    async def _withdraw(self, mailed: MailedToken) -> None:
        async with self.unit_of_work(owner=mailed.user_id) as uow:
            consumed = await self.mailed_tokens.consume(mailed, mailed.issued_at)
            if isinstance(consumed, Success):
                await uow.commit(mailed.withdraw(self.clock.now()))


def verification(user: User) -> EmailDraft | None:
    """Ask a user whose email address is not verified to verify it."""
    if user.verified_at is not None or user.erase_after is not None:
        return None
    return EmailDraft(EmailTemplate.VERIFY_EMAIL, MailPurpose.VERIFY_EMAIL, user.email)


def duplicate_registration(user: User) -> EmailDraft | None:
    """Tell a user that somebody else, or they themselves, registered with their email address."""
    if user.erase_after is not None:
        return None
    if user.verified_at is None:
        # A stranger may have registered first, so whoever reads the email chooses the password.
        return EmailDraft(
            EmailTemplate.UNVERIFIED_REGISTRATION, MailPurpose.RESET_PASSWORD, user.email
        )
    return EmailDraft(EmailTemplate.DUPLICATE_REGISTRATION, MailPurpose.NOTICE, user.email)


def password_reset(user: User) -> EmailDraft | None:
    """Let a user choose a new password, which verifies the email address as well."""
    if user.erase_after is not None:
        return None
    return EmailDraft(EmailTemplate.RESET_PASSWORD, MailPurpose.RESET_PASSWORD, user.email)


def email_confirmation(user: User) -> EmailDraft | None:
    """Ask a user to verify the email address that they want to change to."""
    if user.wanted_email is None or user.erase_after is not None:
        return None
    return EmailDraft(EmailTemplate.CONFIRM_EMAIL, MailPurpose.VERIFY_EMAIL, user.wanted_email)


def recovery_link(user: User) -> EmailDraft | None:
    """Let a user restore a closed account until it is erased."""
    if user.erase_after is None:
        return None
    return EmailDraft(EmailTemplate.ACCOUNT_CLOSED, MailPurpose.RESTORE_USER, user.email)
