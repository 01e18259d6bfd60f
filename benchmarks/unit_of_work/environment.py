"""An environment of the rival's own: its packages are no part of Dashtam."""

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
REQUIREMENTS = HERE / "requirements.txt"
DIRECTORY = HERE / ".venv"


def python() -> Path:
    """Return its interpreter; it is made first where its requirements are new."""
    interpreter = DIRECTORY / "bin" / "python"
    installed = DIRECTORY / "installed.txt"
    wanted = REQUIREMENTS.read_text()
    if not installed.exists() or installed.read_text() != wanted:
        print("Installing the rival's packages (this happens once) ...", file=sys.stderr)
        venv.create(DIRECTORY, clear=True, with_pip=True)
        pip = [str(interpreter), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "-r", str(REQUIREMENTS)], check=True)
        installed.write_text(wanted)
    return interpreter
