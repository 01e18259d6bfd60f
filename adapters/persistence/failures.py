"""Classifies database errors: outages, conflicts between transactions, and violated constraints."""

from django.db import Error, InterfaceError, OperationalError

from domain.shared.errors import Busy, TooMuchAsked, Unavailable

# SQLSTATE classes: connection lost, insufficient resources, operator intervention, system error.
_OUTAGES = {"08", "53", "57", "58"}

# A lock could not be acquired in time.
_LOCKED = "55P03"

# A transaction was idle for too long, or lasted too long.
_IDLED = "25P03"
_LASTED = "25P04"

# A statement timed out or was cancelled: the server has one code for both. Dashtam cancels only
# those whose result nobody waits for; an operator cancels those that take too long, too.
_STOPPED = "57014"

_TOO_LONG = {_LOCKED, _IDLED, _LASTED}
# The server refuses writes: it is a standby, or was made read-only.
READ_ONLY = "25006"

# Serialization failure, deadlock.
_CONTENTION = {"40001", "40P01"}

# For a failed connection, libpq reports only a text.
_NOT_LET_IN = "permission denied for database"


class PoolExhausted(OperationalError):
    """No database connection became free in time."""


def is_outage(error: Error) -> bool:
    """Return whether the database was unable to respond, as opposed to a wrong statement."""
    state = sqlstate(error)
    if state is None:
        is_trouble = isinstance(error, InterfaceError | OperationalError)
        return is_trouble and _NOT_LET_IN not in str(error)
    return state[:2] in _OUTAGES or state in _TOO_LONG or state == READ_ONLY


def is_contention(error: Error) -> bool:
    """Return whether another transaction was in the way, so that a retry may succeed."""
    return sqlstate(error) in _CONTENTION


def expected(error: Error, *, is_reading: bool) -> Unavailable | None:
    """Return the domain's error for an outage or a timeout, or None for any other error.

    A reading request that takes too long asks for too much: it is not an outage, and a retry would
    not help.
    """
    state = sqlstate(error)
    if state in {_STOPPED, _LASTED} and is_reading:
        return TooMuchAsked(
            "Reading this takes too long. Ask for less at once: a shorter period, a smaller page,"
            " or one account."
        )
    if state in {_LOCKED, _STOPPED}:
        return Busy("Timed out waiting for another request. Nothing was changed. Try again.")
    return Unavailable("The database is not available.") if is_outage(error) else None


def sqlstate(error: BaseException) -> str | None:
    """Return the SQLSTATE of an error, if the server reported it."""
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state


def violated(error: BaseException) -> str | None:
    """Return the name of the violated constraint, if there is one."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name: str | None = getattr(diagnosis, "constraint_name", None)
    return name
