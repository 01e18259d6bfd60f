"""Bearer tokens from the operating system's randomness."""

import secrets

from domain.identity.values import Token


class RandomTokens:
    """`TokenIssuer`: 256 bits that nobody can guess."""

    def issue(self) -> Token:
        return Token.of(secrets.token_bytes(32))
