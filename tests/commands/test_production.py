"""In production every process works with a login and keys of its own, and with no others."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import DjangoDbBlocker

from dashtam import keys
from tests.postgres import PASSWORDED, as_login, created_database, url_of

KEYS = keys.make()

pytestmark = [
    pytest.mark.skipif(
        PASSWORDED,
        reason="PRODUCTION IS NOT TRIED: roles of this server have passwords of their own",
    ),
    pytest.mark.slow,
]


class Production:
    """An installation, of which each process knows as little as it can."""

    def __init__(self, database: str, witness: Path) -> None:
        self._url = url_of(database)
        self._witness = str(witness)

    def run(self, login: str, command: str, *needed: str) -> tuple[int, str]:
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **{name: KEYS[name] for name in needed},
            "DASHTAM_ENV": "production",
            "DATABASE_URL": as_login(self._url, login),
            "SECRET_KEY": "s" * 64,
            "ALLOWED_HOSTS": "dashtam.example",
            "EMAIL_URL": "smtp://nowhere.invalid",
            "AUDIT_WITNESS": self._witness,
        }
        ended = subprocess.run(
            [sys.executable, "manage.py", *command.split()],
            cwd=settings.ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return ended.returncode, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def production(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Production]:
    """One that was just set up, by a superuser and the owner."""
    witness = tmp_path_factory.mktemp("witness") / "witness.jsonl"
    with django_db_blocker.unblock(), created_database("dashtam_production"):
        installed = Production("dashtam_production", witness)
        assert installed.run("postgres", "bootstrap_database")[0] == 0
        assert installed.run("dashtam_owner", "migrate --verbosity 0")[0] == 0
        yield installed


def test_every_process_has_what_it_needs(production: Production) -> None:
    run = production.run

    assert run("dashtam_app", "relay", "AUDIT_MAC_KEYS")[0] == 0
    assert run("dashtam_sealer", "audit seal", "AUDIT_SEALING_KEY", "AUDIT_MAC_KEYS")[0] == 0
    assert run("dashtam_sealer", "audit extend --check")[0] == 0
    code, output = run("dashtam_auditor", "audit verify", "AUDIT_PUBLIC_KEYS")
    assert (code, "all intact" in output) == (0, True)


def test_no_process_does_the_work_of_another(production: Production) -> None:
    run = production.run
    for login, command, needed in (
        ("dashtam_app", "bootstrap_database", "AUDIT_MAC_KEYS"),
        ("dashtam_app", "migrate --verbosity 0", "AUDIT_MAC_KEYS"),
        ("dashtam_app", "audit seal", "AUDIT_SEALING_KEY"),
        ("dashtam_app", "audit verify", "AUDIT_PUBLIC_KEYS"),
        ("dashtam_sealer", "audit verify", "AUDIT_PUBLIC_KEYS"),
        ("dashtam_auditor", "audit seal", "AUDIT_SEALING_KEY"),
        ("dashtam_owner", "relay", "AUDIT_MAC_KEYS"),
    ):
        code, output = run(login, command, needed)
        assert code != 0, (login, command, output)
        assert not any(secret.split(":")[1] in output for secret in KEYS.values())
