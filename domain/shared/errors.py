"""What can go wrong, by kind. A kind decides how the outside is told."""

import re
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class DomainError:
    """Expected trouble, told in a sentence that may be shown to the person who asked."""

    #: Whether a secret was judged, and found wrong: each of these is told in the audit trail.
    is_wrong_guess: ClassVar[bool] = False

    detail: str

    @classmethod
    def words(cls) -> list[str]:
        """Return the words of the error's name: `EmailTaken` is `Email`, `Taken`."""
        return re.findall(r"[A-Z][a-z0-9]*", cls.__name__)

    @classmethod
    def code(cls) -> str:
        """Return the stable name of this error, such as `email-taken`."""
        return "-".join(cls.words()).lower()


class Invalid(DomainError):
    """What was given breaks a rule."""


class NotFound(DomainError):
    """It does not exist, or it belongs to someone else."""


class Conflict(DomainError):
    """It contradicts what is already there."""


class Unauthenticated(DomainError):
    """Nobody proved who is asking."""


class Forbidden(DomainError):
    """Who is asking may not do this."""


class TooLarge(DomainError):
    """More was given than is taken at once."""


class TooMany(DomainError):
    """It was asked too often."""


class Unavailable(DomainError):
    """Something this depends on does not answer; asking again later may help."""


class TooMuchAsked(Unavailable):
    """What was to be read takes longer than reading may; less of it can be had."""


class Busy(Unavailable):
    """Others held what this needs for longer than one waits. Nothing was done."""


class Interrupted(Exception):
    """A transaction could not begin, or its COMMIT got no answer: nobody knows the outcome."""


class Crowded(Interrupted):
    """The transaction did not begin: whoever asks has as many under way as one may have.

    In `retry_after` seconds it may be tried again.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too much is asked at once; try again in {retry_after} seconds.")
        self.retry_after = retry_after


class Contended(Exception):
    """The transaction lost against another one, and left nothing: it may be tried again."""
