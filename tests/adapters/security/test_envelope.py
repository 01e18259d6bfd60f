"""A sealed secret opens in its place, with its key, and nowhere else."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.security.envelope import Keyring, SealContext, Unopenable, key_id_of

OLD, NEW = b"o" * 32, b"n" * 32
KEYRING = Keyring({"k1": OLD})
PLACE = SealContext("connections_credential", "sealed", UUID(int=1), UUID(int=2))
SECRET = b"user and password"


@given(st.binary(max_size=5000))
def test_a_sealed_secret_can_be_opened(secret: bytes) -> None:
    assert KEYRING.open(KEYRING.seal(secret, PLACE), PLACE) == secret


def test_ciphertext_reveals_nothing() -> None:
    sealed = KEYRING.seal(SECRET, PLACE)

    assert SECRET not in sealed
    assert OLD not in sealed
    assert sealed != KEYRING.seal(SECRET, PLACE)
    assert "oooo" not in repr(KEYRING)


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, table="connections_connection"),
        replace(PLACE, column="secret"),
        replace(PLACE, row=UUID(int=3)),
        replace(PLACE, owner=UUID(int=3)),
        replace(PLACE, table="connections_credentials", column="ealed"),
        replace(PLACE, row=PLACE.owner, owner=PLACE.row),
    ],
)
def test_it_cannot_be_opened_in_another_context(elsewhere: SealContext) -> None:
    sealed = KEYRING.seal(SECRET, PLACE)

    with pytest.raises(Unopenable):
        KEYRING.open(sealed, elsewhere)
    with pytest.raises(Unopenable):
        KEYRING.rewrap(sealed, elsewhere)


def test_no_byte_of_it_can_be_changed() -> None:
    sealed = KEYRING.seal(SECRET, PLACE)

    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(Unopenable):
            KEYRING.open(changed, PLACE)


@pytest.mark.parametrize("given_", [b"", b"\x01", b"\x01\x02k1", b"plain text", b"\x02" * 200])
def test_an_unsealed_value_is_reported(given_: bytes) -> None:
    with pytest.raises(Unopenable):
        KEYRING.open(given_, PLACE)


def test_it_cannot_be_truncated() -> None:
    sealed = KEYRING.seal(SECRET, PLACE)

    for length in range(len(sealed)):
        with pytest.raises(Unopenable):
            KEYRING.open(sealed[:length], PLACE)


def test_parts_of_two_secrets_cannot_be_combined() -> None:
    one, two = KEYRING.seal(b"a" * 17, PLACE), KEYRING.seal(b"b" * 17, PLACE)
    split = 4 + 60

    with pytest.raises(Unopenable):
        KEYRING.open(one[:split] + two[split:], PLACE)


class TestRotation:
    BOTH = Keyring({"k2": NEW, "k1": OLD})

    def test_moves_a_secret_to_the_current_key(self) -> None:
        sealed = KEYRING.seal(SECRET, PLACE)

        rewrapped = self.BOTH.rewrap(sealed, PLACE)

        assert (key_id_of(sealed), key_id_of(rewrapped)) == ("k1", "k2")
        assert Keyring({"k2": NEW}).open(rewrapped, PLACE) == SECRET
        with pytest.raises(Unopenable):
            KEYRING.open(rewrapped, PLACE)

    def test_leaves_the_ciphertext_unchanged(self) -> None:
        sealed = KEYRING.seal(SECRET, PLACE)

        assert self.BOTH.rewrap(sealed, PLACE)[-len(SECRET) - 28 :] == sealed[-len(SECRET) - 28 :]

    def test_old_secrets_open_while_their_key_is_available(self) -> None:
        assert self.BOTH.open(KEYRING.seal(SECRET, PLACE), PLACE) == SECRET

    def test_a_key_with_the_same_name_is_not_the_same_key(self) -> None:
        with pytest.raises(Unopenable):
            Keyring({"k1": NEW}).open(KEYRING.seal(SECRET, PLACE), PLACE)
