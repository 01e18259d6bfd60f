"""Tokens that are sent by email: issue, validate and redeem them."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.use_case import UseCase
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
    """Return the user of an address, if there is one."""
    found = await users.get_by_email(email)
    if isinstance(found, Success):
        return found
    return Success(None) if isinstance(found.error, UserNotFound) else Failure(found.error)


INVALID = Failure(InvalidMailedToken("The token from the email is not valid or has expired."))


def issue_token(
    user_id: UserId, email: Email, purpose: MailPurpose, tokens: TokenIssuer, at: datetime
) -> tuple[Token, MailedToken, AuditRecord]:
    """Make a token for a letter, what is kept of it, and the fact."""
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
    """Return the token of a letter that is good for this purpose, and not used yet."""
    parsed = Token.parse(text.strip(), TokenKind.MAIL)
    if isinstance(parsed, Failure):
        return INVALID
    found = await tokens.get_by_token(parsed.value.digest)
    if isinstance(found, Failure):
        return found
    is_good = found.value.purpose == purpose and found.value.is_good(at)
    return found if is_good else INVALID


async def redeem_token(
    tokens: MailedTokenRepository, users: UserRepository, mailed: MailedToken, at: datetime
) -> Result[User, InvalidMailedToken | Unavailable]:
    """Use a token up, once, and return its user, with nobody else at them.

    What was mailed to an address that is neither theirs nor wanted any more proves nothing.
    """
    # The user first, as whoever writes letters does: nobody waits for each other.
    found = await users.lock(mailed.user_id)
    if isinstance(found, Failure):
        return INVALID if isinstance(found.error, UserNotFound) else Failure(found.error)
    used = await tokens.use(mailed, at)
    if isinstance(used, Failure):
        return used
    return found if used.value and found.value.takes_proof_of(mailed.email) else INVALID


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEmail(UseCase):
    """Note that somebody asks for the letter of an address, whether or not it is known.

    Nothing is told and nothing depends on whose it is: who reacts sees to that, afterwards.
    """

    event: ClassVar[type[VerificationRequested] | type[PasswordResetRequested]]

    users: UserRepository

    @audit_refusals("letter.request", ResourceType.USER)
    @begun_anew
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
            asked = self.event(
                subject_id=found.value.id if found.value else None,
                actor=ANONYMOUS,
                occurred_at=self.clock.now(),
            )
            await uow.commit(asked)
        return Success(None)


class RequestVerification(RequestEmail):
    """Ask for another email that verifies an address."""

    event = VerificationRequested


class RequestPasswordReset(RequestEmail):
    """Ask for an email that lets its reader choose a new password."""

    event = PasswordResetRequested
