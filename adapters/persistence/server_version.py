"""The oldest version of PostgreSQL that Dashtam works with."""

from typing import Any, Final

import psycopg

#: The first with `uuidv7()`, with the time of such ids, and with `RETURNING old`.
OLDEST: Final = 18


class ServerTooOld(Exception):
    """The server lacks what the tables and statements need."""


def version_problem(number: int) -> str | None:
    """Return what is wrong with a server's version, given as `server_version_num`."""
    version = number // 10_000
    if version >= OLDEST:
        return None
    return f"Dashtam needs PostgreSQL {OLDEST} or newer, but this server is PostgreSQL {version}."


def require_supported(connection: "psycopg.Connection[Any]") -> None:
    """Raise `ServerTooOld` if Dashtam does not work with this server."""
    if problem := version_problem(connection.info.server_version):
        raise ServerTooOld(problem)


def require_supported_at(url: str) -> None:
    """Raise `ServerTooOld` likewise, but nothing if the server does not respond."""
    try:
        with psycopg.connect(url) as connection:
            require_supported(connection)
    except psycopg.OperationalError:
        return
