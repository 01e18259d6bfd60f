"""A sealed secret opens only in its context and with its key."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.security.envelope import Keyring, SealContext, Unopenable

OLD, NEW = b"o" * 32, b"n" * 32
KEYRING = Keyring({"k1": OLD})
CONTEXT = SealContext("connections_credential", "sealed", UUID(int=1), UUID(int=2))
SECRET = b"user and password"


@given(st.binary(max_size=5000))
def test_a_sealed_secret_can_be_opened(secret: bytes) -> None:
    assert KEYRING.open(KEYRING.seal(secret, CONTEXT), CONTEXT) == secret


def test_ciphertext_reveals_nothing() -> None:
    sealed = KEYRING.seal(SECRET, CONTEXT)

    assert SECRET not in sealed
    assert OLD not in sealed
    assert sealed != KEYRING.seal(SECRET, CONTEXT)
    assert "oooo" not in repr(KEYRING)


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(CONTEXT, table="connections_connection"),
        replace(CONTEXT, column="secret"),
        replace(CONTEXT, row=UUID(int=3)),
        replace(CONTEXT, owner=UUID(int=3)),
        replace(CONTEXT, table="connections_credentials", column="ealed"),
        replace(CONTEXT, row=CONTEXT.owner, owner=CONTEXT.row),
    ],
)
def test_it_cannot_be_opened_in_another_context(elsewhere: SealContext) -> None:
    sealed = KEYRING.seal(SECRET, CONTEXT)

    with pytest.raises(Unopenable):
        KEYRING.open(sealed, elsewhere)
    with pytest.raises(Unopenable):
        KEYRING.rewrap(sealed, elsewhere)


def test_no_byte_of_it_can_be_changed() -> None:
    sealed = KEYRING.seal(SECRET, CONTEXT)

    for offset in range(len(sealed)):
        changed = sealed[:offset] + bytes([sealed[offset] ^ 1]) + sealed[offset + 1 :]
        with pytest.raises(Unopenable):
            KEYRING.open(changed, CONTEXT)


@pytest.mark.parametrize("sealed_with", [b"", b"\x01", b"\x01\x02k1", b"plain text", b"\x02" * 200])
def test_an_unsealed_value_is_reported(sealed_with: bytes) -> None:
    with pytest.raises(Unopenable):
        KEYRING.open(sealed_with, CONTEXT)


def test_it_cannot_be_truncated() -> None:
    sealed = KEYRING.seal(SECRET, CONTEXT)

    for length in range(len(sealed)):
        with pytest.raises(Unopenable):
            KEYRING.open(sealed[:length], CONTEXT)


def test_parts_of_two_secrets_cannot_be_combined() -> None:
    one, two = KEYRING.seal(b"a" * 17, CONTEXT), KEYRING.seal(b"b" * 17, CONTEXT)
    split = 4 + 60

    with pytest.raises(Unopenable):
        KEYRING.open(one[:split] + two[split:], CONTEXT)


class TestRotation:
    BOTH = Keyring({"k2": NEW, "k1": OLD})

    def test_moves_a_secret_to_the_current_key(self) -> None:
        sealed = KEYRING.seal(SECRET, CONTEXT)

        rewrapped = self.BOTH.rewrap(sealed, CONTEXT)

        assert (sealed[2:4], rewrapped[2:4]) == (b"k1", b"k2")
        assert Keyring({"k2": NEW}).open(rewrapped, CONTEXT) == SECRET
        with pytest.raises(Unopenable):
            KEYRING.open(rewrapped, CONTEXT)

    def test_leaves_the_ciphertext_unchanged(self) -> None:
        sealed = KEYRING.seal(SECRET, CONTEXT)

        assert self.BOTH.rewrap(sealed, CONTEXT)[-len(SECRET) - 28 :] == sealed[-len(SECRET) - 28 :]

    def test_old_secrets_open_while_their_key_is_available(self) -> None:
        assert self.BOTH.open(KEYRING.seal(SECRET, CONTEXT), CONTEXT) == SECRET

    def test_a_key_with_the_same_name_is_not_the_same_key(self) -> None:
        with pytest.raises(Unopenable):
            Keyring({"k1": NEW}).open(KEYRING.seal(SECRET, CONTEXT), CONTEXT)
