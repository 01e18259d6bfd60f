"""Emails to users: which ones there are, and how they are sent."""

from collections.abc import Callable
from dataclasses import dataclass

from dashtam.application.identity.email_tokens import issue_token
from domain.identity.emails import EmailMessage, EmailTemplate
from domain.identity.entities import MailedToken, User
from domain.identity.errors import UserNotFound
from domain.identity.ports import MailedTokenRepository, Mailer, TokenIssuer, UserRepository
from domain.identity.values import Email, MailPurpose
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.ports import Clock, UnitOfWork, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True)
class EmailDraft:
    """What a letter is about, what its token is for, and where it goes."""

    kind: EmailTemplate
    purpose: MailPurpose
    email: Email


Written = tuple[MailedToken, EmailMessage]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSender:
    """Writes what strangers can ask for too: beyond three letters an hour there are no more.

    A letter that could not be sent does not count, and its token is worth nothing.
    """

    users: UserRepository
    mailed_tokens: MailedTokenRepository
    tokens: TokenIssuer
    mailer: Mailer
    clock: Clock
    unit_of_work: UnitOfWorkFactory

    async def write(
        self, owner: UserId, occasion: Callable[[User], EmailDraft | None]
    ) -> Result[None, Unavailable]:
        """Write to a user where there is an occasion. Who is gone gets no letter."""
        written = await self._write(owner, occasion)
        if isinstance(written, Failure):
            return written
        if written.value is None:
            return Success(None)
        # The mail server may take its time: no transaction is open meanwhile.
        mailed, letter = written.value
        sent = await self.mailer.send_email(mailed.email, letter)
        if isinstance(sent, Failure):
            await self._withdraw(mailed)
        return sent

    async def _write(
        self, owner: UserId, occasion: Callable[[User], EmailDraft | None]
    ) -> Result[Written | None, Unavailable]:
        async with self.unit_of_work(owner=owner) as uow:
            found = await self.users.lock(owner)
            if isinstance(found, Failure):
                if isinstance(found.error, UserNotFound):
                    return Success(None)
                return Failure(found.error)
            meant = occasion(found.value)
            if meant is None:
                return Success(None)
            return await self._keep(owner, meant, uow)

    async def _keep(
        self, owner: UserId, meant: EmailDraft, uow: UnitOfWork
    ) -> Result[Written | None, Unavailable]:
        now = self.clock.now()
        since = now - MailedToken.WITHIN
        issued = await self.mailed_tokens.issued_since(owner, meant.purpose, since)
        if isinstance(issued, Failure):
            return issued
        if issued.value >= MailedToken.MOST:
            await uow.commit(MailedToken.refuse(owner, meant.purpose, now))
            return Success(None)
        token, mailed, event = issue_token(owner, meant.email, meant.purpose, self.tokens, now)
        kept = await self.mailed_tokens.add(mailed)
        if isinstance(kept, Failure):
            return kept
        await uow.commit(event)
        is_told = meant.purpose is not MailPurpose.NOTICE
        return Success((mailed, EmailMessage(meant.kind, token if is_told else None)))

    async def _withdraw(self, mailed: MailedToken) -> None:
        async with self.unit_of_work(owner=mailed.user_id) as uow:
            used = await self.mailed_tokens.use(mailed, mailed.issued_at)
            if isinstance(used, Success):
                await uow.commit(mailed.withdraw(self.clock.now()))


def proof(user: User) -> EmailDraft | None:
    """An address that is not proved yet."""
    if user.verified_at is not None or user.erase_after is not None:
        return None
    return EmailDraft(EmailTemplate.ASK_FOR_PROOF, MailPurpose.VERIFY_EMAIL, user.email)


def warning(user: User) -> EmailDraft | None:
    """Somebody else, or the same person once more, claims the address of an account."""
    if user.erase_after is not None:
        return None
    if user.verified_at is None:
        # Who was first may have been somebody else: the password is chosen by who reads the mail.
        return EmailDraft(
            EmailTemplate.REGISTRATION_UNPROVED, MailPurpose.RESET_PASSWORD, user.email
        )
    return EmailDraft(EmailTemplate.REGISTRATION_REPEATED, MailPurpose.NOTICE, user.email)


def reset(user: User) -> EmailDraft | None:
    """A password is to be chosen anew, which proves the address as well."""
    if user.erase_after is not None:
        return None
    return EmailDraft(EmailTemplate.RESET_PASSWORD, MailPurpose.RESET_PASSWORD, user.email)


def new_address(user: User) -> EmailDraft | None:
    """An address is wanted that is to be proved before it is taken."""
    if user.wanted_email is None or user.erase_after is not None:
        return None
    return EmailDraft(EmailTemplate.CONFIRM_EMAIL, MailPurpose.VERIFY_EMAIL, user.wanted_email)


def way_back(user: User) -> EmailDraft | None:
    """An account is closed, and may be taken back until it is erased."""
    if user.erase_after is None:
        return None
    return EmailDraft(EmailTemplate.ACCOUNT_CLOSED, MailPurpose.KEEP_ACCOUNT, user.email)
