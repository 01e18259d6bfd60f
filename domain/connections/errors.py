"""What can go wrong with connections."""

from domain.shared.errors import Conflict, NotFound


class ConnectionNotFound(NotFound):
    """The user has no such connection."""

    code = "connection-not-found"


class AlreadyConnected(Conflict):
    """The user already has a connection to this institution."""

    code = "already-connected"


class CredentialsNotFound(NotFound):
    """No credentials are stored for this connection, or it is not this user's."""

    code = "credentials-not-found"
