"""What is given as a proof, what it comes to, and why it is not taken."""

import re
from dataclasses import dataclass, field

from dashtam.application.guesses import Counters
from domain.identity.entities import SecondFactor, User
from domain.identity.errors import InvalidCredentials, SecondFactorRequired
from domain.identity.values import PasswordHash, RecoveryCode
from domain.shared.limits import TooManyRequests

ProofError = InvalidCredentials | SecondFactorRequired | TooManyRequests
#: The trail hears of these with their reason.
TOLD = (InvalidCredentials, SecondFactorRequired, TooManyRequests)

NO_CODE = "no-code"


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody says to prove who they are."""

    counters: Counters
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)
    #: Whether anybody could have this account: what is no address is not worth a hash.
    can_be_right: bool = True


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A code that is right for a time step; whether it was used before, only taking it tells."""

    factor: SecondFactor
    step: int


@dataclass(frozen=True, slots=True)
class Proof:
    """Who it is, what is used up when the proof is taken, and a better hash of the password."""

    user: User
    code: OneTimeCode | RecoveryCode | None = None
    stronger_hash: PasswordHash | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is answered, and what the trail is told."""

    error: ProofError
    reason: str

    @property
    def is_guess(self) -> bool:
        """Whether something wrong was said, not only too little."""
        return self.reason != NO_CODE


def plain(code: str | None) -> str:
    """Take a code as programs show it and people type it: in groups, or with spaces around it."""
    return re.sub(r"[\s-]", "", code or "")
