"""Serve API and admin, under a supervisor that runs the database as long as the server."""

import os
import signal
import socket
import subprocess
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashtam import server
from dashtam.console import console
from dashtam.management.roles import ensure_migrated


class Command(BaseCommand):
    """Applies migrations and runs the server; the embedded PostgreSQL ends with this process."""

    help = "Serve API and admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=1)

    def handle(self, *, host: str, port: int, workers: int, **options: Any) -> None:
        _require_free(host, port)
        ensure_migrated()
        address = f"http://{host}:{port}"
        console.print(f"API: {address}/api/v1  ·  admin: {address}/admin/")
        console.print("Staff for the admin: manage.py add_staff NAME --role administrator")
        os.environ.setdefault("LOCAL_URL", address)
        code = _supervise(server.command(host, port, workers))
        if code:
            raise CommandError(f"The server ended with code {code}.", returncode=code)


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"Port {port} of {host} cannot be used: {error.strerror}.") from None


def _supervise(command: list[str]) -> int:
    """Run the server until it ends, and pass on signals that stop this process."""
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        if process:
            process.send_signal(number)
        else:
            early.append(number)

    # Before there is a server, or a signal would leave it behind.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    process = subprocess.Popen(command, env=os.environ, start_new_session=True)  # noqa: S603
    for received in early:
        process.send_signal(received)
    code = process.wait()
    return 0 if code in (-signal.SIGINT, -signal.SIGTERM) else code
