from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from adapters.security.one_time_codes import TimeBasedCodes
from domain.identity.values import TotpSecret

CODES = TimeBasedCodes()
# RFC 6238, appendix B: the secret of the SHA-1 vectors, and the last six of their eight digits.
SECRET = TotpSecret(b"12345678901234567890")
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}


@pytest.mark.parametrize("seconds", VECTORS)
def test_codes_follow_rfc_6238(seconds: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)

    assert CODES.step_of(VECTORS[seconds], SECRET, at) == seconds // 30


@pytest.mark.parametrize("late", [-30, 30])
def test_one_step_early_or_late_is_accepted(late: int) -> None:
    at = datetime.fromtimestamp(1234567890 + late, UTC)

    assert CODES.step_of("005924", SECRET, at) == 1234567890 // 30


@pytest.mark.parametrize("late", [-90, 60])
def test_two_steps_early_or_late_are_refused(late: int) -> None:
    at = datetime.fromtimestamp(1234567890, UTC) + timedelta(seconds=late)

    assert CODES.step_of("005924", SECRET, at) is None


@pytest.mark.parametrize("code", ["", "5924", "005925", "00592４", "005924 ", "\ud800"])
def test_an_invalid_code_is_refused(code: str) -> None:
    assert CODES.step_of(code, SECRET, datetime.fromtimestamp(1234567890, UTC)) is None


def test_secrets_are_long_and_never_shown() -> None:
    secret = CODES.new_secret()

    assert len(secret.key) == TotpSecret.LENGTH
    assert CODES.new_secret() != secret
    assert repr(secret) == "TotpSecret()"


def test_the_uri_of_a_secret_is_what_authenticators_read() -> None:
    uri = CODES.uri(SECRET, username="ada@example.org")

    assert uri.startswith("otpauth://totp/Dashtam:ada%40example.org?")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in uri
    assert "issuer=Dashtam" in uri


def test_the_picture_is_svg_without_scripts() -> None:
    picture = ElementTree.fromstring(CODES.picture(CODES.uri(SECRET, username="ada@example.org")))

    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert {each.tag.rpartition("}")[2] for each in picture.iter()} <= {"svg", "path", "g"}
