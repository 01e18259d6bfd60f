"""Parses database URLs with libpq itself, including several hosts, timeouts and certificates."""

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

#: Every connection parameter that this version of libpq supports.
PARAMETERS = frozenset(option.keyword.decode() for option in Conninfo.get_defaults())

# Django has its own names for these; it passes everything else on as an option.
_DJANGO = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}


class UnreadableUrl(ValueError):
    """libpq cannot parse the URL."""


def read(url: str) -> dict[str, str]:
    """Return the connection parameters of a URL."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise UnreadableUrl("It does not begin with postgresql://.")
    try:
        parameters = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # libpq's message repeats the URL, which contains a password.
        raise UnreadableUrl("libpq cannot read it, or does not know all its parameters.") from None
    return {name: str(value) for name, value in parameters.items()}


def django_settings(url: str) -> dict[str, Any]:
    """Return an entry of Django's setting DATABASES for a URL."""
    options = read(url)
    named = {setting: options.pop(name, "") for setting, name in _DJANGO.items()}
    return {"ENGINE": "django.db.backends.postgresql", **named, "OPTIONS": options}
