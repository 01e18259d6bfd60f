"""What can go wrong with connected apps."""

from dataclasses import dataclass

from domain.shared.errors import Conflict, Forbidden, Invalid, NotFound


@dataclass(frozen=True)
class ConnectedAppNotFound(NotFound):
    """The user has no such connected app, or its access was revoked."""

    code = "connected-app-not-found"
    detail: str = "No such connected app."


class InvalidConnectedApp(Invalid):
    """The name or the accounts of a connected app are not allowed."""

    code = "invalid-connected-app"


class TooManyConnectedApps(Conflict):
    """The user has as many connected apps as allowed."""

    code = "too-many-connected-apps"


@dataclass(frozen=True)
class SetupTokenRefused(Forbidden):
    """The setup token is malformed, unknown, used, expired or revoked; nothing reveals which."""

    code = "setup-token-refused"
    detail: str = "The setup token is not valid, has expired, or was used before."


@dataclass(frozen=True)
class AccessRefused(Forbidden):
    """The credentials of an app are missing, wrong or revoked; nothing reveals which."""

    code = "access-refused"
    detail: str = "The credentials are missing or not valid, or access was revoked."
