"""Tokens and codes from the operating system's randomness."""

import secrets

from domain.identity.values import RecoveryCode, Token, TokenKind


class RandomTokens:
    """`TokenIssuer`: 256 bits that nobody can guess, 120 in a code that people type."""

    def issue(self, kind: TokenKind = TokenKind.ACCESS) -> Token:
        return Token.of(secrets.token_bytes(32), kind)

    def recovery_code(self) -> RecoveryCode:
        return RecoveryCode.of(secrets.token_bytes(RecoveryCode.LENGTH))
