"""Commands as processes of their own: settings, exit codes, the supervisor, and cleanup."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings

from dashtam.settings import env

pytestmark = pytest.mark.slow

SECRETS = {
    "SECRET_KEY": "s" * 64,
    "ALLOWED_HOSTS": "dashtam.example",
    "EMAIL_URL": "smtp+tls://ada:hunter2@mail.dashtam.example:587",
}
URL = {"DATABASE_URL": "postgresql://ada:hunter2hunter2@127.0.0.1:1/dashtam"}

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]


def environment(**values: str) -> dict[str, str]:
    """Return an environment without settings, but for those given."""
    inherited = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in inherited if name in os.environ} | values


def manage(*arguments: str, **values: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command,
        cwd=settings.ROOT,
        env=environment(**values),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


class TestSettings:
    def test_development_requires_none(self) -> None:
        assert manage("check").returncode == 0

    @pytest.mark.parametrize("missing", [*SECRETS, "DATABASE_URL"])
    def test_production_lists_missing_settings(self, missing: str) -> None:
        environment = {**SECRETS, **URL, "DASHTAM_ENV": "production"}
        del environment[missing]

        ended = manage("check", **environment)

        assert ended.returncode != 0
        assert missing in ended.stderr
        assert "hunter2" not in ended.stdout + ended.stderr

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SECRET_KEY", "change-me"),
            ("DATABASE_URL", "postgresql://dashtam_app:change-me@127.0.0.1/dashtam"),
            ("EMAIL_URL", "smtp+tls://dashtam:change-me@mail.invalid:587"),
            ("OWNER_PASSWORD", "change-me"),
            ("CREDENTIAL_KEYS", "change-me"),
        ],
    )
    def test_production_refuses_example_values(self, name: str, value: str) -> None:
        environment = {**SECRETS, **URL, "DASHTAM_ENV": "production", name: value}

        ended = manage("check", **environment)

        assert ended.returncode != 0
        assert f"still say change-me: {name}." in ended.stderr

    def test_production_requires_a_long_secret_key(self) -> None:
        environment = {**SECRETS, **URL, "DASHTAM_ENV": "production", "SECRET_KEY": "s" * 49}

        ended = manage("check", **environment)

        assert "SECRET_KEY has fewer than 50 characters" in ended.stderr

    def test_production_passes_the_deployment_check(self) -> None:
        environment = {
            **SECRETS,
            **URL,
            "DASHTAM_ENV": "production",
            "SECRET_KEY": os.urandom(40).hex(),
        }

        ended = manage("check", "--deploy", "--fail-level", "WARNING", **environment)

        assert ended.returncode == 0, ended.stderr

    @pytest.mark.parametrize("kind", ["consolemail", "dummymail", "memorymail", "filemail"])
    def test_production_sends_emails(self, kind: str) -> None:
        environment = {
            **SECRETS,
            **URL,
            "DASHTAM_ENV": "production",
            "EMAIL_URL": f"{kind}:///hunter2",
        }

        ended = manage("check", **environment)

        assert ended.returncode != 0
        assert "EMAIL_URL must name a mail server" in ended.stderr
        assert "hunter2" not in ended.stdout + ended.stderr

    def test_production_passes_every_check(self) -> None:
        environment = {
            **SECRETS,
            **URL,
            "DASHTAM_ENV": "production",
            "SECRET_KEY": os.urandom(40).hex(),
        }

        assert self.checked_by_names(**environment).returncode == 0

    @pytest.mark.parametrize("check", ["W004", "W008", "W012", "W016"])
    def test_development_does_not_pass_it(self, check: str) -> None:
        ended = self.checked_by_names()

        assert ended.returncode != 0
        assert f"security.{check}" in ended.stderr

    def checked_by_names(self, **values: str) -> "subprocess.CompletedProcess[str]":
        """Check for deployment with Django's middleware instead of ours, which is of its kind.

        Django asks for HSTS, redirects and cookies where it finds its own names alone.
        """
        script = (
            "import django; from django.conf import settings; django.setup();"
            "from django.core.management import call_command;"
            f"settings.MIDDLEWARE, settings.SILENCED_SYSTEM_CHECKS = {MIDDLEWARE!r}, [];"
            "call_command('check', deploy=True, fail_level='WARNING')"
        )
        return subprocess.run(
            [sys.executable, "-c", script],
            cwd=settings.ROOT,
            env=environment(DJANGO_SETTINGS_MODULE="dashtam.settings", **values),
            capture_output=True,
            text=True,
            check=False,
        )

    def test_make_check_runs_it_for_production(self) -> None:
        output = subprocess.run(
            ["make", "--dry-run", "check"],
            cwd=settings.ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        (line,) = (each for each in output.splitlines() if "check --deploy --fail-level" in each)

        assert " DASHTAM_ENV=production " in line

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ({"DASHTAM_ENVIRONMENT": "production"}, "DASHTAM_ENVIRONMENT"),
            ({"DASHTAM_ENV": "staging"}, "DASHTAM_ENV"),
            ({"DB_POOL_SIZE": "many"}, "DB_POOL_SIZE"),
            ({"DATABASE_URL": "sqlite:///x.db"}, "DATABASE_URL"),
            ({"TRUSTED_PROXIES": "everyone"}, "everyone"),
        ],
    )
    def test_an_invalid_setting_is_named(self, values: dict[str, str], expected: str) -> None:
        ended = manage("check", **values)

        assert ended.returncode != 0
        assert expected in ended.stderr


class TestEnvironmentFile:
    """A file `.env`: read here from another folder, so that no file of yours is touched."""

    def _read(self, text: str, tmp_path: Path, **values: str) -> "subprocess.CompletedProcess[str]":
        path = tmp_path / ".env"
        path.write_text(text)
        script = (
            "import sys; from pathlib import Path; from dashtam import settings;"
            "settings.read_file(Path(sys.argv[1]));"
            "print(settings.setting('LOG_LEVEL'), settings.setting('DB_POOL_SIZE'))"
        )
        return subprocess.run(
            [sys.executable, "-c", script, str(path)],
            cwd=settings.ROOT,
            env=environment(**values),
            capture_output=True,
            text=True,
            check=False,
        )

    def test_is_read(self, tmp_path: Path) -> None:
        assert self._read("LOG_LEVEL=DEBUG\nDB_POOL_SIZE=7\n", tmp_path).stdout == "DEBUG 7\n"

    def test_the_environment_overrides_it(self, tmp_path: Path) -> None:
        ended = self._read("DB_POOL_SIZE=7\n", tmp_path, DB_POOL_SIZE="9")

        assert ended.stdout == "INFO 9\n"

    @pytest.mark.parametrize("name", ["DATABSE_URL", "DEBUG", "DASHTAM_SECRET"])
    def test_an_unknown_name_is_reported_without_its_value(self, tmp_path: Path, name: str) -> None:
        ended = self._read(f"{name}=hunter2\n", tmp_path)

        assert ended.returncode != 0
        assert f"Unknown settings: {name}" in ended.stderr
        assert "hunter2" not in ended.stderr

    def test_the_example_lists_exactly_the_settings(self) -> None:
        example = (settings.ROOT / ".env.example").read_text()
        settings_in_example = {
            line.lstrip("# ").partition("=")[0] for line in example.splitlines() if "=" in line
        }

        assert set(env.scheme) <= settings_in_example


class TestInspectStatement:
    def test_prints_only_one_object(self) -> None:
        path = settings.ROOT / "examples" / "statements" / "savings.ofx"

        ended = manage("inspect_statement", str(path), "--format", "json")

        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout.startswith("{")
        assert "Café Zürich" in ended.stdout

    @pytest.mark.parametrize("path", ["manage.py", "nothing.ofx", "docs"])
    def test_prints_one_line_on_failure(self, path: str) -> None:
        ended = manage("inspect_statement", path, "--format", "json")

        assert (ended.returncode, ended.stdout) == (1, "")
        assert ended.stderr.count("\n") == 1
        assert "Traceback" not in ended.stderr


class TestServe:
    @pytest.fixture
    def data(self) -> Iterator[Path]:
        # Not below pytest's own folder, which only its owner may enter.
        with tempfile.TemporaryDirectory(prefix="dashtam-serve-") as directory:
            yield Path(directory) / "var"

    def test_serves_until_stopped_and_leaves_nothing_running(self, data: Path) -> None:
        port, running = _free_port(), data / "postgres" / "postmaster.pid"
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=settings.ROOT,
            env=environment(DATA_DIR=str(data)),
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert _answers(port, server)
            assert running.exists()
        finally:
            server.send_signal(signal.SIGINT)
            output, _ = server.communicate(timeout=300)

        assert server.returncode == 0
        assert f"http://127.0.0.1:{port}" in output
        assert not running.exists()

    def test_reports_a_port_in_use(self, data: Path) -> None:
        with closing(socket.socket()) as occupied:
            occupied.bind(("127.0.0.1", 0))
            occupied.listen()
            port = occupied.getsockname()[1]

            ended = manage("serve", "--port", str(port), DATA_DIR=str(data))

        assert ended.returncode == 1
        assert f"Port {port}" in ended.stderr
        assert "Traceback" not in ended.stderr


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int, server: "subprocess.Popen[str]") -> bool:
    for _ in range(600):
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready") as response:
                return bool(response.status == 200)
        except OSError:
            time.sleep(0.05)
    return False
