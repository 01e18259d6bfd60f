"""The adapters of security keep their contracts, on real randomness and real Argon2."""

import asyncio

import pytest

from adapters.security.passwords import Argon2Hasher
from adapters.security.tokens import RandomTokens
from domain.identity.ports import PasswordHasher, TokenIssuer
from domain.identity.values import Password
from tests.contracts.identity import PasswordHasherContract, TokenIssuerContract


class TestArgon2Hasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        return Argon2Hasher()

    async def test_follows_rfc_9106(self, hasher: PasswordHasher) -> None:
        password_hash = await hasher.hash(Password("correct horse battery"))

        assert password_hash.startswith("argon2$argon2id$v=19$m=65536,t=3,p=4$")

    async def test_leaves_the_event_loop_free(self, hasher: PasswordHasher) -> None:
        hashing = asyncio.create_task(hasher.hash(Password("correct horse battery")))
        turns = 0
        while not hashing.done():
            await asyncio.sleep(0)
            turns += 1

        assert turns > 10

    async def test_takes_long_passwords(self, hasher: PasswordHasher) -> None:
        password = Password("p" * 1024)
        almost = Password("p" * 1023 + "q")
        password_hash = await hasher.hash(password)

        assert await hasher.verify(password, password_hash)
        assert not await hasher.verify(almost, password_hash)


class TestRandomTokens(TokenIssuerContract):
    @pytest.fixture
    def tokens(self) -> TokenIssuer:
        return RandomTokens()
