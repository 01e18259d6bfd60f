"""What can go wrong with connections."""

from domain.shared.errors import Conflict, NotFound


class ConnectionNotFound(NotFound):
    """The user has no such connection."""

    code = "connection-not-found"


class ProviderNotFound(NotFound):
    """There is no such provider, or the settings do not allow it."""

    code = "provider-not-found"


class LinkNotFound(NotFound):
    """The connection has no such account."""

    code = "link-not-found"


class AlreadyConnected(Conflict):
    """The user already has a connection to this institution."""

    code = "already-connected"


class CredentialsNotFound(NotFound):
    """No credentials are stored for this connection, or it is not this user's."""

    code = "credentials-not-found"


class NoStepPending(Conflict):
    """The connection asks nothing of a person at present, or the step has expired."""

    code = "no-step-pending"


class ConnectionNotReady(Conflict):
    """The connection is in a state in which this cannot be done."""

    code = "connection-not-ready"


class TooManyConnections(Conflict):
    """The user has as many connections as one may have."""

    code = "too-many-connections"


class LinkIsSettled(Conflict):
    """The account of the provider fills another account already."""

    code = "link-is-settled"


class CurrenciesDiffer(Conflict):
    """The two accounts have different currencies, so one cannot fill the other."""

    code = "currencies-differ"


class LeaseLost(Conflict):
    """Somebody else syncs the connection by now."""

    code = "lease-lost"
