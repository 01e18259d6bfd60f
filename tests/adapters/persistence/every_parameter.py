"""A process whose DATABASE_URL has all libpq parameters; prints what each connection used.

Nothing listens where it connects to: libpq reports the parameters of a failed attempt.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from django.db import Error


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    import django

    django.setup()
    sys.stdout.write(json.dumps({name: _used(cursor) for name, cursor in _sources().items()}))


def _sources() -> dict[str, Callable[[], object]]:
    from django.core.management import call_command
    from django.db import connections

    from adapters.persistence.guard.bootstrap import bootstrap, prepare_for_restore
    from adapters.persistence.outbox.listener import Listener
    from adapters.postgres_tools import back_up
    from dashtam import audit_keys
    from dashtam.container import container
    from dashtam.lifespan import _excess_privileges

    url = os.environ["DATABASE_URL"]
    return {
        "django": lambda: connections["default"].connect(),
        "database": lambda: asyncio.run(container.database.run(_never)),
        "staff database": lambda: asyncio.run(container.staff_database.run(_never)),
        "listener": lambda: asyncio.run(Listener("outbox_event")._connect()),
        "sealer": lambda: audit_keys.sealer(),
        "verifier": lambda: audit_keys.verifier().connect(),
        "audit extend": lambda: call_command("audit", "extend"),
        "startup": _excess_privileges,
        "bootstrap": lambda: bootstrap(url),
        "restore": lambda: prepare_for_restore(url),
        "backup": lambda: back_up(url, Path("never.backup")),
    }


def _never() -> None:
    raise AssertionError("a server answered")


def _used(connect: Callable[[], object]) -> dict[str, str]:
    try:
        connect()
    except psycopg.OperationalError as error:
        return _parameters(error)
    except Error as error:
        return _parameters(error.__cause__)
    raise AssertionError("a server answered")


def _parameters(error: Any) -> dict[str, str]:
    parameters = (option for option in error.pgconn.info if option.val is not None)
    return {option.keyword.decode(): option.val.decode() for option in parameters}


if __name__ == "__main__":
    main()
