"""Runs programs of others against Dashtam, and fails on any difference: `make interop`."""

import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interop import compare, tls
from interop.household import HOUSEHOLDS
from interop.server import ROOT, User, dashtam, free_port, process, read_simplefin, wait_for

HERE = Path(__file__).resolve().parent
#: Packages of others are installed here once, and again when their lists change.
INSTALLED = ROOT / "var" / "interop"
ZONES = ("UTC", "Pacific/Kiritimati", "America/Los_Angeles")
_LISTS = ("package.json", "package-lock.json", "requirements.txt")


def main() -> None:
    if not (shutil.which("node") and shutil.which("npm")):
        print("SKIPPED: Node is not installed here, so Actual was not run against Dashtam.")
        return
    began = time.monotonic()
    _install()
    print(f"The packages are installed ({time.monotonic() - began:.0f} s).", flush=True)
    with tempfile.TemporaryDirectory(prefix="dashtam-interop-") as directory:
        wrong = _run(Path(directory))
    print(f"{len(wrong)} differences in {time.monotonic() - began:.0f} s.")
    if wrong:
        sys.exit("\n".join(wrong))


def _install() -> None:
    """Install what others have written, unless it is there."""
    INSTALLED.mkdir(parents=True, exist_ok=True)
    # Node looks for packages beside the program that needs them.
    shutil.copy(HERE / "actual.mjs", INSTALLED)
    lists = [(INSTALLED / name, (HERE / name).read_bytes()) for name in _LISTS]
    same = all(path.exists() and path.read_bytes() == content for path, content in lists)
    if same and (INSTALLED / "complete").exists():
        return
    (INSTALLED / "complete").unlink(missing_ok=True)
    for path, content in lists:
        path.write_bytes(content)
    print(
        "Installing packages of others; one of them is compiled, for some minutes ...", flush=True
    )
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(["npm", "ci", *quiet], cwd=INSTALLED, check=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", INSTALLED / "venv"], check=True)
    python = str(INSTALLED / "venv" / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", "requirements.txt"], cwd=INSTALLED, check=True)
    (INSTALLED / "complete").touch()


@dataclass
class _Lane:
    """One way to reach Dashtam: by HTTP, or by HTTPS with an authority of one's own."""

    scheme: str
    address: str
    directory: Path
    trusted: Path | None

    @property
    def environment(self) -> dict[str, str]:
        if self.trusted is None:
            return {}
        return {"NODE_EXTRA_CA_CERTS": str(self.trusted), "SSL_CERT_FILE": str(self.trusted)}

    @property
    def context(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=self.trusted) if self.trusted else None


def _run(directory: Path) -> list[str]:
    wrong: list[str] = []
    port = free_port()
    with dashtam(directory, port) as address:
        _fill(address, directory)
        lane = _Lane("http", address, directory, None)
        wrong += _programs(lane, ZONES)
    with _encrypted(directory, port) as lane:
        wrong += _programs(lane, ZONES)
    return wrong


def _fill(address: str, directory: Path) -> None:
    for email, accounts in HOUSEHOLDS.items():
        user = User(address, email)
        user.register(directory / "mailbox")
        user.log_in()
        for account in accounts:
            user.upload(account.content)


@contextmanager
def _encrypted(directory: Path, port: int) -> Iterator[_Lane]:
    certificate, trusted = tls.certificates(directory)
    outside = free_port()
    with ExitStack() as stack:
        url = f"https://localhost:{outside}"
        address = stack.enter_context(dashtam(directory, port, public_url=url))
        stack.enter_context(tls.https(certificate, outside, behind=port))
        yield _Lane("https", address, directory, trusted)


def _programs(lane: _Lane, zones: tuple[str, ...]) -> list[str]:
    """Compare Dashtam with the files, and each program with Dashtam."""
    wrong: list[str] = []
    for email, files in HOUSEHOLDS.items():
        user = User(lane.address, email)
        user.log_in()
        numbers = {each["id"]: each["number"] for each in user.accounts()}
        _, shared = read_simplefin(user.setup_token("Compared"), "pending=1", lane.context)
        found = {"the files": compare.with_files(files, shared, numbers)}
        for zone in zones:
            actual = _actual(lane, zone, user.setup_token("Actual"))
            found[f"Actual in {zone}"] = compare.with_actual(shared, actual)
        read = _simplefin4py(lane, user.setup_token("Home Assistant"))
        found["simplefin4py"] = compare.with_simplefin4py(shared, read)
        for what, differences in found.items():
            state = "DIFFERENT" if differences else "equal"
            rows = sum(len(each["transactions"]) for each in shared["accounts"])
            print(f"{lane.scheme}, {email}, {rows} rows: {what} {state}", flush=True)
            wrong += [f"{lane.scheme}, {email}, {what}: {each}" for each in differences]
    return wrong


def _actual(lane: _Lane, zone: str, setup_token: str) -> Any:
    """Run a new Actual server, and a client of it that links everything and reads it twice."""
    environment = {**os.environ, **lane.environment, "TZ": zone}
    with tempfile.TemporaryDirectory(dir=lane.directory, prefix="actual-") as name:
        directory, port = Path(name), free_port()
        (directory / "client").mkdir()
        settings = {
            "ACTUAL_PORT": str(port),
            "ACTUAL_HOSTNAME": "127.0.0.1",
            "ACTUAL_DATA_DIR": name,
        }
        server = INSTALLED / "node_modules" / ".bin" / "actual-server"
        log = directory / "server.log"
        with process([str(server)], log, env={**environment, **settings}, cwd=name) as running:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/account/needs-bootstrap", running, log)
            client = ["node", "actual.mjs", url, str(directory / "client"), setup_token]
            return _output_of(client, environment, log)


def _simplefin4py(lane: _Lane, setup_token: str) -> Any:
    python = str(INSTALLED / "venv" / "bin" / "python")
    command = [python, str(HERE / "simplefin4py_client.py"), setup_token]
    return _output_of(command, {**os.environ, **lane.environment}, None)


def _output_of(command: list[str], environment: dict[str, str], log: Path | None) -> Any:
    done = subprocess.run(command, cwd=INSTALLED, env=environment, capture_output=True, timeout=300)
    if done.returncode:
        said = done.stderr.decode(errors="replace")[-4000:]
        said += log.read_text()[-2000:] if log else ""
        raise RuntimeError(f"{command[0]} {command[1]} failed:\n{said}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
