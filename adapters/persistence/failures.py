"""Which of the database's errors mean that it could not answer, and which that it would not."""

from django.db import Error, InterfaceError, OperationalError

from domain.shared.errors import Busy, TooMuchAsked, Unavailable

# SQLSTATE classes of a server that is gone, is full, shuts down or was told to stop, or is broken.
_OUTAGES = {"08", "53", "57", "58"}

# A lock that did not come free in time.
_LOCKED = "55P03"

# A transaction that idled too long, or that lasted too long.
_IDLED = "25P03"
_LASTED = "25P04"

# A statement that took too long, or that somebody stopped: the server calls both by one code. Who
# stops one of ours is whoever gave it up, and hears no answer; or an operator, to whom it was too
# much as well.
_STOPPED = "57014"

_TOO_LONG = {_LOCKED, _IDLED, _LASTED}
# The server takes no writes: it is a standby, or was made read-only.
READ_ONLY = "25006"

# Transactions that could not go on together: of a deadlock, or of a serialisable history.
_CONTENTION = {"40001", "40P01"}

# Of a connection that did not come about, libpq keeps the words alone.
_NOT_LET_IN = "permission denied for database"


class PoolExhausted(OperationalError):
    """No database connection became free in time."""


def is_outage(error: Error) -> bool:
    """Tell whether the database could not answer, rather than that it was asked wrongly."""
    state = sqlstate(error)
    if state is None:
        is_trouble = isinstance(error, InterfaceError | OperationalError)
        return is_trouble and _NOT_LET_IN not in str(error)
    return state[:2] in _OUTAGES or state in _TOO_LONG or state == READ_ONLY


def is_contention(error: Error) -> bool:
    """Tell whether another transaction stood in the way, so that trying again may succeed."""
    return sqlstate(error) in _CONTENTION


def expected(error: Error, *, is_reading: bool) -> Unavailable | None:
    """Tell in the words of the domain what kept the database from answering, if something did.

    A reading that takes too long asks for too much. It is no outage, and asking again is no help.
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
    """Return the server's code for what went wrong, if it was the server that said so."""
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state


def violated(error: BaseException) -> str | None:
    """Return the name of the constraint that refused a row, if one did."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name: str | None = getattr(diagnosis, "constraint_name", None)
    return name
