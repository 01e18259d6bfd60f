"""Errors of users and their sessions."""

from dataclasses import dataclass

from domain.shared.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated


class InvalidEmail(Invalid):
    """The text is not an email address."""

    code = "invalid-email"


class WeakPassword(Invalid):
    """The password is too short, too long or too easy to guess."""

    code = "weak-password"


class EmailTaken(Conflict):
    """Another user has this email address."""

    code = "email-taken"


class UserNotFound(NotFound):
    """There is no such user."""

    code = "user-not-found"


@dataclass(frozen=True)
class SessionNotFound(NotFound):
    """There is no such session."""

    code = "session-not-found"
    detail: str = "No such session."


class InvalidCredentials(Unauthenticated):
    """The email address or the password is wrong; the response does not reveal which."""

    code = "invalid-credentials"
    is_wrong_guess = True


@dataclass(frozen=True)
class InvalidToken(Unauthenticated):
    """The token is malformed, unknown, expired or revoked; the response does not reveal which."""

    code = "invalid-token"
    detail: str = "The token is not valid."


class SecondFactorRequired(Unauthenticated):
    """The password is right, and a one-time code or a recovery code is required with it."""

    code = "second-factor-required"
    is_wrong_guess = True


class RecentAuthenticationRequired(Unauthenticated):
    """This requires that the user logged in or confirmed the password recently (RFC 9470)."""

    code = "recent-authentication-required"


class WrongCode(Invalid):
    """The code is wrong, has expired, or was used already."""

    code = "wrong-code"
    is_wrong_guess = True


@dataclass(frozen=True)
class SecondFactorNotFound(NotFound):
    """There is no such second factor."""

    code = "second-factor-not-found"
    detail: str = "No such second factor."


class SecondFactorExists(Conflict):
    """The user has a confirmed second factor already."""

    code = "second-factor-exists"


class ApiTokenNotFound(NotFound):
    """There is no such API token."""

    code = "api-token-not-found"


class InvalidApiToken(Invalid):
    """The name, scopes or expiry of an API token are not allowed."""

    code = "invalid-api-token"


class TooManyApiTokens(Conflict):
    """The user has as many API tokens as allowed."""

    code = "too-many-api-tokens"


class ScopeMissing(Forbidden):
    """The API token does not have the scope that this requires."""

    code = "scope-missing"


class SessionRequired(Forbidden):
    """This requires a session; API tokens are not accepted."""

    code = "session-required"


@dataclass(frozen=True)
class InvalidMailedToken(Invalid):
    """An emailed token is malformed, unknown, used or expired; no response says which."""

    code = "invalid-mailed-token"
    detail: str = "The token from the email is not valid or has expired."
    is_wrong_guess = True
