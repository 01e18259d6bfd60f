"""Random tokens and recovery codes."""

import secrets

from domain.identity.values import RecoveryCode, Token, TokenKind


class RandomTokens:
    """`TokenIssuer`: 256 random bits, or 120 in a recovery code, which people type."""

    def issue(self, kind: TokenKind = TokenKind.ACCESS) -> Token:
        return Token.of(secrets.token_bytes(32), kind)

    def recovery_code(self) -> RecoveryCode:
        return RecoveryCode.of(secrets.token_bytes(RecoveryCode.LENGTH))
