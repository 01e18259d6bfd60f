"""A machine with Dashtam on it, as a new user has: commands are processes."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


class Machine:
    """Commands over a data directory of their own."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def run(self, *command: str, piped: str = "", **values: str) -> tuple[int, str]:
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        ended = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=settings.ROOT,
            env={**environment, "DATA_DIR": str(self.data), "COLUMNS": "500", **values},
            input=piped,
            capture_output=True,
            text=True,
            check=False,
            # Files would be readable by everybody if the code did not set their mode.
            umask=0,
        )
        return ended.returncode, ended.stdout + ended.stderr

    @property
    def keys(self) -> Path:
        return self.data / "keys.env"


@contextmanager
def new_machine() -> Iterator[Machine]:
    # Not below pytest's own folder, which only its owner may enter.
    with tempfile.TemporaryDirectory(prefix="dashtam-machine-") as directory:
        Path(directory).chmod(0o755)
        yield Machine(Path(directory) / "var")
