"""What is given as a proof, what it comes to, and why it is not taken."""

from dataclasses import dataclass, field

from domain.identity.entities import SecondFactor, User
from domain.identity.errors import InvalidCredentials, SecondFactorRequired
from domain.identity.values import RecoveryCode

ProofError = InvalidCredentials | SecondFactorRequired


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody says to prove who they are."""

    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Proof:
    """Who it is, and what is used up when the proof is taken."""

    user: User
    factor: SecondFactor | None = None
    step: int | None = None
    recovery_code: RecoveryCode | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is answered, and what the trail is told."""

    error: ProofError
    reason: str
