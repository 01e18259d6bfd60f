"""Time-based one-time codes (RFC 6238)."""

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
# Clocks differ and typing takes time: RFC 6238 recommends one step.
TOLERATED_STEPS = (0, -1, 1)


class TimeBasedCodes:
    """`OneTimeCodes` as authenticator apps expect them: SHA-1, six digits, 30 seconds."""

    def new_secret(self) -> TotpSecret:
        return TotpSecret(secrets.token_bytes(TotpSecret.LENGTH))

    def step_of(self, code: str, secret: TotpSecret, at: datetime) -> int | None:
        now = int(at.timestamp()) // STEP_SECONDS
        codes = _codes(secret)
        encoded = code.encode(errors="replace")
        # Compare with every step, so that the time does not reveal which one matched.
        fits = [
            step
            for step in (now + each for each in TOLERATED_STEPS)
            if hmac.compare_digest(codes.generate_otp(step).encode(), encoded)
        ]
        return fits[0] if fits else None

    def uri(self, secret: TotpSecret, *, username: str) -> str:
        return _codes(secret).provisioning_uri(name=username, issuer_name=ISSUER)

    def picture(self, uri: str) -> str:
        picture = BytesIO()
        # The namespace makes the SVG valid on its own; the background is white on dark pages too.
        segno.make(uri, error="m", micro=False).save(
            picture, kind="svg", xmldecl=False, nl=False, scale=4, light="white"
        )
        return picture.getvalue().decode()


def _codes(secret: TotpSecret) -> pyotp.TOTP:
    return pyotp.TOTP(b32encode(secret.key).decode(), interval=STEP_SECONDS)
