"""Seals the secret of a second factor for the session, until a code confirms it."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256

from adapters.security.envelope import Keyring, SealContext, Unopenable
from domain.identity.values import TotpSecret
from domain.staff.entities import StaffMember


class SealedEnrolments:
    """`EnrolmentSeals` with the keys of the secrets at rest."""

    def __init__(self, keyring: Callable[[], Keyring]) -> None:
        self._keyring = keyring

    def seal(self, secret: TotpSecret, member: StaffMember) -> str:
        return b64encode(self._keyring().seal(secret.key, _context(member))).decode()

    def open(self, sealed: str, member: StaffMember) -> TotpSecret | None:
        try:
            return TotpSecret(self._keyring().open(b64decode(sealed), _context(member)))
        except Unopenable:
            return None


def _context(member: StaffMember) -> SealContext:
    # The secret is in no column; it is bound to the current password instead.
    password = sha256(member.password_hash.encode()).hexdigest()
    return SealContext("staff_enrolment", password, member.id, member.id)
