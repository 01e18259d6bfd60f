"""A virtual environment for the rivals, whose packages are not part of Dashtam."""

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
DIRECTORY = HERE / ".venv"


def python() -> Path:
    """Return its interpreter; create the environment first if its requirements changed."""
    interpreter = DIRECTORY / "bin" / "python"
    installed = DIRECTORY / "installed.txt"
    wanted = REQUIREMENTS.read_text()
    if not installed.exists() or installed.read_text() != wanted:
        print("Installing the rivals' packages (this happens once) ...", file=sys.stderr)
        venv.create(DIRECTORY, clear=True, with_pip=True)
        pip = [str(interpreter), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "-r", str(REQUIREMENTS)], check=True)
        installed.write_text(wanted)
    return interpreter
