"""What can go wrong, by kind. A kind decides how the outside is told."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class DomainError:
    """Expected trouble, told in a sentence that may be shown to the person who asked."""

    #: The stable name of this error, such as `email-taken`: public and stored, never renamed.
    code: ClassVar[str]
    #: Whether a secret was judged, and found wrong: each of these is told in the audit trail.
    is_wrong_guess: ClassVar[bool] = False

    detail: str


class Invalid(DomainError):
    """What was given breaks a rule."""

    code = "invalid"


class NotFound(DomainError):
    """It does not exist, or it belongs to someone else."""

    code = "not-found"


class Conflict(DomainError):
    """It contradicts what is already there."""

    code = "conflict"


class Unauthenticated(DomainError):
    """Nobody proved who is asking."""

    code = "unauthenticated"


class Forbidden(DomainError):
    """Who is asking may not do this."""

    code = "forbidden"


class TooLarge(DomainError):
    """More was given than is taken at once."""

    code = "too-large"


class TooMany(DomainError):
    """It was asked too often."""

    code = "too-many"


class Unavailable(DomainError):
    """Something this depends on does not answer; asking again later may help."""

    code = "unavailable"


class TooMuchAsked(Unavailable):
    """What was to be read takes longer than reading may; less of it can be had."""

    code = "too-much-asked"


class Busy(Unavailable):
    """Others held what this needs for longer than one waits. Nothing was done."""

    code = "busy"


class OutcomeUnknown(Exception):
    """A transaction could not begin, or its COMMIT got no answer: nobody knows the outcome."""


class Crowded(OutcomeUnknown):
    """The transaction did not begin: whoever asks has as many under way as one may have.

    In `retry_after` seconds it may be tried again.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too much is asked at once; try again in {retry_after} seconds.")
        self.retry_after = retry_after


class ConcurrencyConflict(Exception):
    """The transaction lost against another one, and left nothing: it may be tried again."""
