"""The kinds of errors. The kind decides how an error is reported."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class DomainError:
    """An expected error, with a sentence that may be shown to the user."""

    #: The stable name of this error, such as `email-taken`: public and stored, never renamed.
    code: ClassVar[str]
    #: Whether a secret was compared and was wrong: each of these attempts is audited.
    is_wrong_guess: ClassVar[bool] = False

    detail: str

    def members(self) -> Mapping[str, object]:
        """Return what a problem document says beside the sentence, as JSON."""
        return {}


class Invalid(DomainError):
    """The input is not valid."""

    code = "invalid"


class NotFound(DomainError):
    """It does not exist, or belongs to another user."""

    code = "not-found"


class Conflict(DomainError):
    """It conflicts with what exists already."""

    code = "conflict"


class Unauthenticated(DomainError):
    """The caller is not authenticated."""

    code = "unauthenticated"


class Forbidden(DomainError):
    """The caller may not do this."""

    code = "forbidden"


class TooLarge(DomainError):
    """The input is too large."""

    code = "too-large"


class TooMany(DomainError):
    """There were too many requests."""

    code = "too-many"


class Unavailable(DomainError):
    """A service that this depends on does not respond; trying again later may help."""

    code = "unavailable"


class TooMuchAsked(Unavailable):
    """Reading takes longer than allowed; asking for less may help."""

    code = "too-much-asked"


class Busy(Unavailable):
    """Others used what this needs for too long. Nothing was done."""

    code = "busy"


class OutcomeUnknown(Exception):
    """The database did not respond to BEGIN or COMMIT, so the outcome is unknown."""


class Crowded(OutcomeUnknown):
    """The transaction did not begin, because the user has too many requests in progress.

    It may be tried again in `retry_after` seconds.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many requests in progress; try again in {retry_after} seconds.")
        self.retry_after = retry_after


class ConcurrencyConflict(Exception):
    """The transaction was rolled back because of another one, and may be tried again."""
