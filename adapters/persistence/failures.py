"""Which of the database's errors mean that it could not answer."""

from django.db import Error, InterfaceError, OperationalError

# SQLSTATE classes of a server that is gone, is full, shuts down or was told to stop, or is broken.
_OUTAGES = {"08", "53", "57", "58"}

# A transaction that idled or lasted too long; a lock that did not come free in time.
_TOO_LONG = {"25P03", "25P04", "55P03"}

# The server takes no writes: it is a standby, or was made read-only.
READ_ONLY = "25006"

# Transactions that could not go on together: of a deadlock, or of a serialisable history.
_CONTENTION = {"40001", "40P01"}


class PoolExhausted(OperationalError):
    """No database connection became free in time."""


def is_outage(error: Error) -> bool:
    """Tell whether the database could not answer, rather than that it was asked wrongly."""
    state = sqlstate(error)
    if state is None:
        return isinstance(error, InterfaceError | OperationalError)
    return state[:2] in _OUTAGES or state in _TOO_LONG or state == READ_ONLY


def is_contention(error: Error) -> bool:
    """Tell whether another transaction stood in the way, so that trying again may succeed."""
    return sqlstate(error) in _CONTENTION


def sqlstate(error: BaseException) -> str | None:
    """Return the server's code for what went wrong, if it was the server that said so."""
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state


def violated(error: BaseException) -> str | None:
    """Return the name of the constraint that refused a row, if one did."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name: str | None = getattr(diagnosis, "constraint_name", None)
    return name
