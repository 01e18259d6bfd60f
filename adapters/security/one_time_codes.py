"""One-time codes, by the clock (RFC 6238)."""

import hmac
import secrets
from base64 import b32encode
from datetime import datetime
from io import BytesIO

import pyotp
import segno

from domain.identity.values import TotpSecret

ISSUER = "Dashtam"
STEP_SECONDS = 30
# Clocks differ, and people take their time: RFC 6238 advises one step.
TOLERATED_STEPS = (0, -1, 1)


class TimeBasedCodes:
    """`OneTimeCodes` as the usual programs take them: SHA-1, six digits, 30 seconds."""

    def new_secret(self) -> TotpSecret:
        return TotpSecret(secrets.token_bytes(TotpSecret.LENGTH))

    def step_of(self, code: str, secret: TotpSecret, at: datetime) -> int | None:
        now = int(at.timestamp()) // STEP_SECONDS
        codes = _codes(secret)
        given = code.encode(errors="replace")
        # All are compared: time does not tell which of them it was.
        fits = [
            step
            for step in (now + each for each in TOLERATED_STEPS)
            if hmac.compare_digest(codes.generate_otp(step).encode(), given)
        ]
        return fits[0] if fits else None

    def uri(self, secret: TotpSecret, *, username: str) -> str:
        return _codes(secret).provisioning_uri(name=username, issuer_name=ISSUER)

    def picture(self, uri: str) -> str:
        picture = BytesIO()
        # With its name space it is a picture in a file of its own too, and white on dark pages.
        segno.make(uri, error="m", micro=False).save(
            picture, kind="svg", xmldecl=False, nl=False, scale=4, light="white"
        )
        return picture.getvalue().decode()


def _codes(secret: TotpSecret) -> pyotp.TOTP:
    return pyotp.TOTP(b32encode(secret.key).decode(), interval=STEP_SECONDS)
