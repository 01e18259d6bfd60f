"""What can go wrong, by kind. A kind decides how the outside is told."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class DomainError:
    """Expected trouble, told in a sentence that may be shown to the person who asked."""

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


class Interrupted(Exception):
    """A transaction could not begin, or its COMMIT got no answer: nobody knows the outcome."""


class Contended(Exception):
    """The transaction lost against another one, and left nothing: it may be tried again."""
