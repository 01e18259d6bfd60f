"""The server process: `python -m dashtam.server`, as the image and `manage.py serve` start it.

It does not migrate or start a database: DATABASE_URL names one.
"""

import argparse
import os
import socket
import sys
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
    parser.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    if options.workers > 1:
        # The supervisor does without settings, which may be what its processes fail of.
        configure(production=os.environ.get("DASHTAM_ENV") == "production", level="INFO")
        worker = command(options.host, options.port, 1)
        sys.exit(supervise(worker, options.host, options.port, options.workers))
    _serve(options.host, options.port, options.ready_fd)


class _Server(uvicorn.Server):
    """Tells the supervisor, if there is one, when it serves."""

    def __init__(self, config: uvicorn.Config, ready_fd: int | None) -> None:
        super().__init__(config)
        self._ready_fd = ready_fd

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready_fd is not None:
            os.write(self._ready_fd, b"1")
            os.close(self._ready_fd)


def _serve(host: str, port: int, ready_fd: int | None) -> None:
    config = uvicorn.Config("dashtam.asgi:application", host, port, **OPTIONS)
    server = _Server(config, ready_fd)
    server.run(sockets=None if ready_fd is None else [listening(host, port)])
    if not server.started:
        sys.exit(STARTUP_FAILURE)


if __name__ == "__main__":
    main()
