"""Which of the database's errors mean what."""

from django.db import Error, IntegrityError, InterfaceError, OperationalError

# SQLSTATE classes of a server that is gone, shuts down, is full, or took too long.
_OUTAGES = ("08", "53", "57", "58")


class PoolExhausted(OperationalError):
    """No database connection became free in time."""


def violates(error: IntegrityError, constraint: str) -> bool:
    """Tell whether it was this named constraint that refused the row."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) == constraint


def is_outage(error: Error) -> bool:
    """Tell whether the database could not answer, rather than that it was asked wrongly."""
    if isinstance(error, InterfaceError | PoolExhausted):
        return True
    state = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, OperationalError) and (state is None or state[:2] in _OUTAGES)
