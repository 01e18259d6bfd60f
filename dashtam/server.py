"""The server process: `python -m dashtam.server`, as the image and `manage.py serve` start it.

It does not migrate or start a database: DATABASE_URL names one.
"""

import argparse
import os
import sys
from typing import Any, Final

import uvicorn

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
    """Return the command that starts a server process."""
    options = ("--host", host, "--port", str(port), "--workers", str(workers))
    return [sys.executable, "-m", "dashtam.server", *options]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    uvicorn.run("dashtam.asgi:application", **vars(options), **OPTIONS)


if __name__ == "__main__":
    main()
