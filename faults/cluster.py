"""A durable PostgreSQL server that is killed, and restarted on the same data."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg

from adapters.embedded_postgres import EmbeddedPostgres
from adapters.persistence.guard.bootstrap import bootstrap
from adapters.persistence.roles import Role
from dashtam import keys

ROOT = Path(__file__).resolve().parent.parent


class Cluster:
    """A migrated database with the roles and rights of production."""

    def __init__(self, server: EmbeddedPostgres, directory: Path) -> None:
        self._server = server
        self._directory = directory
        # Create the keys first: none are created for a database that contains rows.
        keys.write(keys.make(), directory / "keys.env")
        self.superuser = server.ensure_database("faults")
        bootstrap(self.superuser)
        self.run("manage.py", "migrate", "--verbosity", "0", login=Role.OWNER).wait()

    def run(
        self,
        *arguments: str,
        login: str = Role.APPLICATION,
        settings: Mapping[str, str] | None = None,
        **options: Any,
    ) -> "subprocess.Popen[str]":
        """Start a process of Dashtam on this database."""
        environment = {
            **os.environ,
            "DATABASE_URL": self._server.url("faults", login),
            "DATA_DIR": str(self._directory),
            "EMAIL_URL": "dummymail://",
            "IMPORTS_WAITING_PER_USER": "1000000",
            "LOG_LEVEL": "CRITICAL",
            "RATE_LIMIT_SCALE": "1000000",
            **(settings or {}),
        }
        command = [sys.executable, *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **options)  # noqa: S603

    def query(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Execute a statement as a superuser, who bypasses row-level security."""
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def kill(self) -> None:
        """Kill the server and all its processes at once, with SIGKILL."""
        pid = int((self._directory / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        postmaster = psutil.Process(pid)
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            _kill(process)
        psutil.wait_procs(processes, timeout=10)

    def start(self) -> None:
        """Start on the same data, and wait until it has recovered."""
        # The package starts the server if it is not running.
        self._server._server.start()
        for _ in range(200):
            try:
                self.query("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError("the server did not come back")


def _kill(process: psutil.Process) -> None:
    """Kill a process unless it has ended already."""
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return


@contextmanager
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="dashtam-faults-") as directory:
        data = Path(directory)
        with EmbeddedPostgres.start(data / "postgres") as server:
            yield Cluster(server, data)
