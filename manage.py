#!/usr/bin/env python
"""Dashtam's commands. Without DATABASE_URL, commands that need a database start a private one."""

import os
import sys

# These read the code, or a file, and nothing else.
WITHOUT_DATABASE = {"check", "collectstatic", "help", "inspect_statement", "makemigrations"}


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit("Dashtam needs Python 3.11 or newer.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Dashtam's packages are not installed here: `make run` installs and runs it.")
    try:
        if _needs_embedded_postgres():
            _start_embedded_postgres()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Dashtam cannot start. {error}")


def _needs_embedded_postgres() -> bool:
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in WITHOUT_DATABASE or command.startswith("-") or "--help" in sys.argv:
        return False
    from django.conf import settings

    return not settings.DATABASES


def _start_embedded_postgres() -> None:
    from adapters.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresMissing
    from dashtam.settings import DATA_DIR, use_database

    try:
        server = EmbeddedPostgres.start(DATA_DIR / "postgres")
    except EmbeddedPostgresMissing as error:
        sys.exit(str(error))
    use_database(server.ensure_database("dashtam"))


if __name__ == "__main__":
    main()
