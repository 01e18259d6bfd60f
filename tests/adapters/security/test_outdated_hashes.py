"""Password hashes with outdated parameters."""

import pytest

from adapters.security.passwords import Argon2Hasher, LowMemoryArgon2
from domain.identity.values import Password, PasswordHash
from tests.adapters.persistence.logged_in import weak_hash

pytestmark = pytest.mark.usefixtures("real_argon2")

RIGHT, WRONG = Password("correct horse battery"), Password("incorrect horse battery")


class WatchedArgon2(LowMemoryArgon2):
    """Notes how much work each comparison took."""

    def __init__(self) -> None:
        self.passes: list[int] = []

    def verify(self, password: str, encoded: str) -> bool:
        self.passes.append(self.decode(encoded)["time_cost"])
        return super().verify(password, encoded)


@pytest.fixture
def algorithm() -> WatchedArgon2:
    return WatchedArgon2()


@pytest.fixture
def hasher(algorithm: WatchedArgon2) -> Argon2Hasher:
    return Argon2Hasher(algorithm=algorithm)


async def test_are_recognised(hasher: Argon2Hasher) -> None:
    assert hasher.is_outdated(weak_hash(RIGHT.text))
    assert not hasher.is_outdated(await hasher.hash(RIGHT))


async def test_still_verify(hasher: Argon2Hasher) -> None:
    assert await hasher.verify(RIGHT, weak_hash(RIGHT.text))
    assert not await hasher.verify(WRONG, weak_hash(RIGHT.text))


async def test_make_a_wrong_password_cost_a_current_hash(
    hasher: Argon2Hasher, algorithm: WatchedArgon2
) -> None:
    today = LowMemoryArgon2.time_cost
    current = await hasher.hash(RIGHT)
    costs: list[tuple[PasswordHash | None, list[int]]] = [
        (None, [today]),
        (current, [today]),
        (weak_hash(RIGHT.text), [1, today]),
    ]
    for costs_of_hash, passes in costs:
        algorithm.passes.clear()

        assert not await hasher.verify(WRONG, costs_of_hash)

        assert algorithm.passes == passes
