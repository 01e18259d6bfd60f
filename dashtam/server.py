"""The server process: `python -m dashtam.server`, as the image and `manage.py serve` start it.

It does not migrate or start a database: DATABASE_URL names one.
"""

import argparse
import asyncio
import os
import socket
import sys
from contextlib import suppress
from typing import Any, Final

import uvicorn

from dashtam.logging import configure
from dashtam.workers import STARTUP_FAILURE, listening, supervise

GRACE_SECONDS: Final = 25
#: Options of every server: our own limits, no server header, and no trusted proxies.
OPTIONS: Final[dict[str, Any]] = {
    "http": "dashtam.http_server.connection:Connection",
    "ws": "none",
    "lifespan": "on",
    "server_header": False,
    "proxy_headers": False,
    "access_log": False,
    # `dashtam.logging` handles uvicorn's log.
    "log_config": None,
    "log_level": "warning",
    "timeout_graceful_shutdown": GRACE_SECONDS,
    # Otherwise a pipelined request begins in the context of the one before it.
    "reset_contextvars": True,
}


def command(host: str, port: int, workers: int) -> list[str]:
    """Return the command that starts a server."""
    options = ("--host", host, "--port", str(port), "--workers", str(workers))
    return [sys.executable, "-m", "dashtam.server", *options]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--supervisor-fd", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    if options.workers > 1:
        # The supervisor does without settings, which may be what its processes fail of.
        configure(production=os.environ.get("DASHTAM_ENV") == "production", level="INFO")
        worker = command(options.host, options.port, 1)
        sys.exit(supervise(worker, options.host, options.port, options.workers))
    _serve(options.host, options.port, options.supervisor_fd)


class _Server(uvicorn.Server):
    """Tells the supervisor, if there is one, when it serves, and ends with it."""

    def __init__(self, config: uvicorn.Config, supervisor: socket.socket | None) -> None:
        super().__init__(config)
        self._supervisor = supervisor

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._supervisor:
            asyncio.get_running_loop().add_reader(self._supervisor, self._stop)
            with suppress(BrokenPipeError):
                self._supervisor.send(b"1")

    def _stop(self) -> None:
        """Stop, because the supervisor has ended: it never sends anything."""
        assert self._supervisor
        asyncio.get_running_loop().remove_reader(self._supervisor)
        self.should_exit = True


def _serve(host: str, port: int, supervisor_fd: int | None) -> None:
    config = uvicorn.Config("dashtam.asgi:application", host, port, **OPTIONS)
    if supervisor_fd is None:
        server = _Server(config, None)
        server.run()
    else:
        os.set_inheritable(supervisor_fd, False)
        server = _Server(config, socket.socket(fileno=supervisor_fd))
        server.run(sockets=[listening(host, port)])
    if not server.started:
        sys.exit(STARTUP_FAILURE)


if __name__ == "__main__":
    main()
