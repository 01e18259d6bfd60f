"""A complete server on its own database, for requests over the network."""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")

from dashtam.server import command
from faults.cluster import Cluster, cluster
from tests.e2e.server import Server, free_port, ready

ADA = {"email": "ada@example.org", "password": "a long enough password"}
EVE = {"email": "eve@example.org", "password": "a long enough password"}


@contextmanager
def live(**settings: str) -> Iterator[tuple[Server, Cluster]]:
    """Run a server on which Ada has logged in; `server.log` is the file with its log."""
    with (
        cluster() as database,
        tempfile.TemporaryDirectory(prefix="dashtam-letters-") as directory,
        (Path(directory) / "log").open("w") as log,
    ):
        letters, port = Path(directory) / "letters", free_port()
        letters.mkdir()
        settings = {"EMAIL_URL": f"filemail:///{letters}", "LOG_LEVEL": "WARNING", **settings}
        arguments = command("127.0.0.1", port, 1)[1:]
        process = database.run(*arguments, settings=settings, stdout=log, stderr=log)
        try:
            server = ready(Server(port, letters, process.pid), process)
            server.log = Path(log.name)
            server.enter(ADA)
            yield server, database
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(40)


def enter_another(server: Server) -> str:
    """Log a second user in and return their token; the server keeps the first one's."""
    token = server.token
    for letter in server.mail_directory.iterdir():
        letter.unlink()
    server.enter(EVE)
    token, server.token = server.token, token
    return token


def temporary_bytes(pid: int) -> int:
    """Return the size of a process's deleted but open files."""
    total = 0
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if os.readlink(descriptor).endswith(" (deleted)"):  # noqa: PTH115  (no file is there)
                total += descriptor.stat().st_size
        except FileNotFoundError:
            continue
    return total
