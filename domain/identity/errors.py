"""What can go wrong with people and their sessions."""

from domain.shared.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated


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

    is_wrong_guess = True


class InvalidToken(Unauthenticated):
    """The token is malformed, unknown, expired or revoked; which of them is not told."""


class SecondFactorRequired(Unauthenticated):
    """The password is right, and a one-time code or a recovery code has to come with it."""

    is_wrong_guess = True


class RecentAuthenticationRequired(Unauthenticated):
    """This asks for a proof of who is there that is not older than some minutes (RFC 9470)."""


class WrongCode(Invalid):
    """The code is not that of now, was used already, or belongs to no factor."""

    is_wrong_guess = True


class SecondFactorNotFound(NotFound):
    """No such second factor."""


class SecondFactorExists(Conflict):
    """There is one already, and it is in use."""


class ApiTokenNotFound(NotFound):
    """No such API token."""


class InvalidApiToken(Invalid):
    """What was asked for cannot be an API token."""


class TooManyApiTokens(Conflict):
    """A user has as many API tokens as one may have."""


class ScopeMissing(Forbidden):
    """The API token was not made for this."""


class SessionRequired(Forbidden):
    """This is for people who logged in, and for no API token."""


class InvalidMailedToken(Invalid):
    """The token from a letter is malformed, unknown, used or expired; which of them is not told."""

    is_wrong_guess = True
