"""Tokens that are sent by email: issue, validate and redeem them."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.use_case import UseCase, or_none
from domain.identity.entities import MailedToken, User
from domain.identity.errors import InvalidMailedToken, UserNotFound
from domain.identity.events import PasswordResetRequested, VerificationRequested
from domain.identity.ports import MailedTokenRepository, TokenIssuer, UserRepository
from domain.identity.values import Email, MailPurpose, Token, TokenKind
from domain.shared.errors import Unavailable
from domain.shared.events import ANONYMOUS, AuditRecord, ResourceType
from domain.shared.ids import MailedTokenId, UserId, new_id
from domain.shared.result import Failure, Result, Success


async def find_user_by_email(
    users: UserRepository, email: Email
) -> Result[User | None, Unavailable]:
    """Return the user with this email address, if there is one."""
    return or_none(await users.get_by_email(email))


INVALID = Failure(InvalidMailedToken())


def issue_token(
    user_id: UserId, email: Email, purpose: MailPurpose, tokens: TokenIssuer, at: datetime
) -> tuple[Token, MailedToken, AuditRecord]:
    """Issue a token to email; return it, what is stored of it, and its audit record."""
    token = tokens.issue(TokenKind.MAIL)
    mailed, issued = MailedToken.issue(
        id=MailedTokenId(new_id()),
        user_id=user_id,
        purpose=purpose,
        email=email,
        digest=token.digest,
        at=at,
    )
    return token, mailed, issued


async def find_valid_token(
    tokens: MailedTokenRepository, text: str, purpose: MailPurpose, at: datetime
) -> Result[MailedToken, InvalidMailedToken | Unavailable]:
    """Return the stored token if it is valid for this purpose and not used yet."""
    parsed = Token.parse(text.strip(), TokenKind.MAIL)
    if isinstance(parsed, Failure):
        return INVALID
    found = await tokens.get_by_token(parsed.value.digest)
    if isinstance(found, Failure):
        return found
    is_valid = found.value.purpose == purpose and found.value.is_valid(at)
    return found if is_valid else INVALID


async def redeem_token(
    tokens: MailedTokenRepository, users: UserRepository, mailed: MailedToken, at: datetime
) -> Result[User, InvalidMailedToken | Unavailable]:
    """Use up a token and return its user, locked.

    A token is invalid if its email address is neither the user's nor the one they want.
    """
    # Lock the user before the token, as when an email is sent, or two requests deadlock.
    found = await users.lock(mailed.user_id)
    if isinstance(found, Failure):
        return INVALID if isinstance(found.error, UserNotFound) else Failure(found.error)
    consumed = await tokens.consume(mailed, at)
    if isinstance(consumed, Failure):
        return consumed
    return found if consumed.value and found.value.can_verify(mailed.email) else INVALID


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEmail(UseCase):
    """Record that somebody requests an email, whether or not the email address is registered.

    The answer and the work are the same for every email address: a reaction sends the email later.
    """

    event: ClassVar[type[VerificationRequested] | type[PasswordResetRequested]]

    users: UserRepository

    @audit_failures("letter.request", ResourceType.USER)
    @retry_on_conflict
    async def __call__(self, *, email: str) -> Result[None, Unavailable]:
        address = Email.parse(email)
        async with self.unit_of_work() as uow:
            found = (
                await find_user_by_email(self.users, address.value)
                if isinstance(address, Success)
                else Success(None)
            )
            if isinstance(found, Failure):
                return found
            requested = self.event(
                subject_id=found.value.id if found.value else None,
                actor=ANONYMOUS,
                occurred_at=self.clock.now(),
            )
            await uow.commit(requested)
        return Success(None)


class RequestVerification(RequestEmail):
    """Request another email that verifies an email address."""

    event = VerificationRequested


class RequestPasswordReset(RequestEmail):
    """Request an email that lets its reader choose a new password."""

    event = PasswordResetRequested
