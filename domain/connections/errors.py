"""What can go wrong with connections."""

from domain.shared.errors import Conflict, NotFound


class ConnectionNotFound(NotFound):
    """No such connection, or not this person's."""

    code = "connection-not-found"


class AlreadyConnected(Conflict):
    """This person already has a connection to this institution."""

    code = "already-connected"


class CredentialsNotFound(NotFound):
    """Nothing is kept for this connection, or it is not this person's."""

    code = "credentials-not-found"
