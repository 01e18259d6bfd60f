"""Tokens of letters: when they are made, and when they come back."""

from datetime import datetime

from domain.identity.entities import MailedToken
from domain.identity.errors import InvalidMailedToken
from domain.identity.events import TokenMailed
from domain.identity.ports import MailedTokenRepository, TokenIssuer
from domain.identity.values import Email, MailPurpose, Token, TokenKind
from domain.shared.errors import Unavailable
from domain.shared.ids import MailedTokenId, UserId, new_id
from domain.shared.result import Failure, Result


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
    invalid = Failure(InvalidMailedToken("The token from the letter is not valid."))
    parsed = Token.parse(text.strip(), TokenKind.MAIL)
    if isinstance(parsed, Failure):
        return invalid
    found = await tokens.get_by_token(parsed.value.digest)
    if isinstance(found, Failure):
        return found
    is_good = found.value.purpose == purpose and found.value.is_good(at)
    return found if is_good else invalid
