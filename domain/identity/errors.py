"""What can go wrong with people and their sessions."""

from domain.shared.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated


class InvalidEmail(Invalid):
    """Not an e-mail address."""

    code = "invalid-email"


class WeakPassword(Invalid):
    """Not a password that may be chosen."""

    code = "weak-password"


class EmailTaken(Conflict):
    """Someone already registered with this address."""

    code = "email-taken"


class UserNotFound(NotFound):
    """No such user."""

    code = "user-not-found"


class SessionNotFound(NotFound):
    """No such session."""

    code = "session-not-found"


class InvalidCredentials(Unauthenticated):
    """The email address or the password is wrong; the answer does not tell which."""

    code = "invalid-credentials"
    is_wrong_guess = True


class InvalidToken(Unauthenticated):
    """The token is malformed, unknown, expired or revoked; which of them is not told."""

    code = "invalid-token"


class SecondFactorRequired(Unauthenticated):
    """The password is right, and a one-time code or a recovery code is required with it."""

    code = "second-factor-required"
    is_wrong_guess = True


class RecentAuthenticationRequired(Unauthenticated):
    """This requires that the user logged in or confirmed the password recently (RFC 9470)."""

    code = "recent-authentication-required"


class WrongCode(Invalid):
    """The code is not that of now, was used already, or belongs to no factor."""

    code = "wrong-code"
    is_wrong_guess = True


class SecondFactorNotFound(NotFound):
    """No such second factor."""

    code = "second-factor-not-found"


class SecondFactorExists(Conflict):
    """There is one already, and it is in use."""

    code = "second-factor-exists"


class ApiTokenNotFound(NotFound):
    """No such API token."""

    code = "api-token-not-found"


class InvalidApiToken(Invalid):
    """What was asked for cannot be an API token."""

    code = "invalid-api-token"


class TooManyApiTokens(Conflict):
    """A user has as many API tokens as one may have."""

    code = "too-many-api-tokens"


class ScopeMissing(Forbidden):
    """The API token was not made for this."""

    code = "scope-missing"


class SessionRequired(Forbidden):
    """This is for people who logged in, and for no API token."""

    code = "session-required"


class InvalidMailedToken(Invalid):
    """An emailed token is malformed, unknown, used or expired; the answer does not tell which."""

    code = "invalid-mailed-token"
    is_wrong_guess = True
