"""Database URLs, parsed by libpq itself, with several hosts, timeouts and certificates."""

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

#: Every connection parameter that this libpq knows.
PARAMETERS = frozenset(option.keyword.decode() for option in Conninfo.get_defaults())

# Django has names of its own for these; it passes everything else on as an option.
_DJANGO = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}


class UnreadableUrl(ValueError):
    """The text is not a database URL."""


def read(url: str) -> dict[str, str]:
    """Return the connection parameters of a URL."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise UnreadableUrl("It does not begin with postgresql://.")
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # The message of libpq repeats the URL, and the URL has a password.
        raise UnreadableUrl("libpq cannot read it, or does not know all its parameters.") from None
    return {name: str(value) for name, value in given.items()}


def django_settings(url: str) -> dict[str, Any]:
    """Return the database of a URL as Django's setting DATABASES describes one."""
    given = read(url)
    named = {setting: given.pop(name, "") for setting, name in _DJANGO.items()}
    return {"ENGINE": "django.db.backends.postgresql", **named, "OPTIONS": given}
