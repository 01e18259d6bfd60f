"""Tokens of letters: when they are made, and when they come back."""

from datetime import datetime

from domain.identity.entities import MailedToken, User
from domain.identity.errors import InvalidMailedToken, UserNotFound
from domain.identity.events import TokenMailed
from domain.identity.ports import MailedTokenRepository, TokenIssuer, UserRepository
from domain.identity.values import Email, MailPurpose, Token, TokenKind
from domain.shared.errors import Unavailable
from domain.shared.ids import MailedTokenId, UserId, new_id
from domain.shared.result import Failure, Result

INVALID = Failure(InvalidMailedToken("The token from the email is not valid or has expired."))


def issue_token(
    user_id: UserId, email: Email, purpose: MailPurpose, tokens: TokenIssuer, at: datetime
) -> tuple[Token, MailedToken, TokenMailed]:
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


async def good_token(
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


async def use_token(
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
