"""What can go wrong with people and their sessions."""

from domain.shared.errors import Conflict, Invalid, NotFound, Unauthenticated


class InvalidEmail(Invalid):
    """Not an e-mail address."""


class WeakPassword(Invalid):
    """Not a password that may be chosen."""


class EmailTaken(Conflict):
    """Someone already registered with this address."""


class UserNotFound(NotFound):
    """No such user."""


class SessionNotFound(NotFound):
    """No such session."""


class InvalidCredentials(Unauthenticated):
    """The address or the password is wrong; which of them is not told."""


class InvalidToken(Unauthenticated):
    """The token is malformed, unknown, expired or revoked; which of them is not told."""
