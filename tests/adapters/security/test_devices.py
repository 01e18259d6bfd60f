"""Tokens of devices, and sealed secrets in sessions for an enrolment."""

from datetime import timedelta

import pytest

from adapters.security.devices import SignedDeviceTokens
from adapters.security.enrolments import SealedEnrolments
from adapters.security.envelope import Keyring
from domain.identity.values import Device, PasswordHash, Token, TokenKind, TotpSecret
from domain.shared.ids import new_id
from domain.shared.result import Success
from tests.contracts.staff import make_member
from tests.factories import NOON

DEVICE = Device(new_id())
DEVICES = SignedDeviceTokens("a key")
SECRET = TotpSecret(b"12345678901234567890")


class TestDeviceTokens:
    def test_are_recognised_by_any_process_with_the_key(self) -> None:
        text = DEVICES.issue(DEVICE, "user 1", NOON).text

        assert SignedDeviceTokens("a key").recognise(text, "user 1", NOON) == DEVICE
        assert Token.parse(text, TokenKind.DEVICE) == Success(Token(text))

    def test_are_valid_for_one_account_and_one_key(self) -> None:
        text = DEVICES.issue(DEVICE, "user 1", NOON).text

        for account in ("user 2", "user", "user 11", "", "user 1 "):
            assert DEVICES.recognise(text, account, NOON) is None
        assert SignedDeviceTokens("another").recognise(text, "user 1", NOON) is None

    def test_expire(self) -> None:
        text = DEVICES.issue(DEVICE, "user 1", NOON).text

        last = NOON + Device.LIFETIME - timedelta(seconds=1)
        assert DEVICES.recognise(text, "user 1", last) == DEVICE
        assert DEVICES.recognise(text, "user 1", NOON + Device.LIFETIME) is None

    @pytest.mark.parametrize("offset", range(32))
    def test_are_invalid_with_any_byte_changed(self, offset: int) -> None:
        secret = bytearray(DEVICES.issue(DEVICE, "user 1", NOON).secret)
        secret[offset] ^= 1
        text = Token.of(bytes(secret), TokenKind.DEVICE).text

        assert DEVICES.recognise(text, "user 1", NOON) is None


class TestEnrolments:
    def sealed(self, key: bytes = b"k" * 32, name: str = "one") -> SealedEnrolments:
        return SealedEnrolments(lambda: Keyring({name: key}))

    def test_open_for_the_member_they_were_sealed_for(self) -> None:
        grace, seals = make_member(), self.sealed()

        text = seals.seal(SECRET, grace)

        assert seals.open(text, grace) == SECRET
        assert seals.seal(SECRET, grace) != text

    def test_do_not_open_for_another_member_or_after_a_password_change(self) -> None:
        grace, seals = make_member(), self.sealed()
        text = seals.seal(SECRET, grace)
        changed, _ = grace.change_password(PasswordHash("another"), at=NOON)

        for member in (changed, make_member("other")):
            assert seals.open(text, member) is None
        for others in (self.sealed(b"x" * 32), self.sealed(name="two")):
            assert others.open(text, grace) is None
