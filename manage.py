#!/usr/bin/env python
"""Dashtam's commands. Without DATABASE_URL, commands that need a database start a private one."""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.persistence.roles import Role

# These read the code, or a file, and nothing else.
WITHOUT_DATABASE = {
    *("check", "collectstatic", "help", "inspect_statement", "make_keys", "makemigrations"),
}


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit("Dashtam needs Python 3.11 or newer.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line

        from adapters.persistence.server_version import ServerTooOld
    except ImportError:
        sys.exit("Dashtam's packages are not installed here: `make run` installs and runs it.")
    try:
        if _needs_database():
            _choose_database()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Dashtam cannot start. {error}")
    except ServerTooOld as error:
        sys.exit(str(error))


def _command() -> str:
    return sys.argv[1] if len(sys.argv) > 1 else "help"


def _needs_database() -> bool:
    command = _command()
    return not (command in WITHOUT_DATABASE or command.startswith("-") or "--help" in sys.argv)


def _choose_database() -> None:
    from django.conf import settings

    from adapters.persistence.server_version import require_supported_at
    from dashtam.management.roles import role_of
    from dashtam.settings import use_database

    role = role_of(_command(), *sys.argv[2:])
    url = os.environ.get("DATABASE_URL") if settings.DATABASES else _embedded_postgres(role)
    assert url
    use_database(url, role)
    require_supported_at(url)


def _embedded_postgres(role: "Role | None") -> str:
    """Start the private server with roles and rights as in production; return a login to it."""
    from django.conf import settings

    from adapters.embedded_postgres import SUPERUSER, EmbeddedPostgres, EmbeddedPostgresMissing
    from adapters.persistence.guard.bootstrap import bootstrap
    from adapters.persistence.roles import Role

    try:
        server = EmbeddedPostgres.start(settings.DATA_DIR / "postgres")
    except EmbeddedPostgresMissing as error:
        sys.exit(str(error))
    url = server.ensure_database("dashtam")
    if _command() != "restore":
        bootstrap(url)
    settings.EMBEDDED = True
    # The application logs in as itself and answers the admin as staff.
    login = Role.APPLICATION if role is Role.STAFF else role or SUPERUSER
    return server.url("dashtam", login)


if __name__ == "__main__":
    main()
