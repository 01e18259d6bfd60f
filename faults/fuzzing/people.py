"""The users who send requests, and the data of each."""

import os
import re
import subprocess
from dataclasses import dataclass
from typing import Any, Final

from adapters.persistence.roles import Role
from faults.cluster import Cluster
from faults.live import enter_another
from tests.e2e.server import Server
from tests.statements import ofx, statement, transaction

MARKER: Final = "zanzibar-quagmire"


@dataclass(frozen=True, slots=True)
class People:
    """The routes and pages there are, ids of all sorts, and a session of the staff.

    `marker` stands in the ledger of somebody whose ids are known, and who asks for nothing.
    """

    routes: dict[str, set[str]]
    labels: list[str]
    ids: list[str]
    cookie: str
    marker: str = MARKER


def people(server: Server, database: Cluster) -> People:
    """Fill two ledgers, and log a member of staff in."""
    routes, labels = _addresses()
    ids = _ledger(server, "Coffee house")
    mine, server.token = server.token, enter_another(server)
    ids += _ledger(server, MARKER)
    server.token = mine
    return People(routes, labels, ids, _staff(database))


def _addresses() -> tuple[dict[str, set[str]], list[str]]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    import django

    django.setup()
    from django.contrib import admin

    from tests.api.endpoints import routes

    models = sorted(model._meta.label_lower for model in admin.site._registry)
    return dict(routes()), [each.replace(".", "/") for each in models]


def _ledger(server: Server, name: str) -> list[str]:
    """Import a file that contains this name, and return the ids of all created resources."""
    number = f"{sum(name.encode()):09}"
    content = ofx(statement(transaction(name=name), number=number))
    status, done = server.upload(content)
    assert status == 201, done
    found = {done["id"], *_ids(done)}
    for path in ("accounts", "imports", "api-tokens", "sessions", "transfers", "users/me"):
        found |= _ids(server.get(f"/api/v1/{path}"))
    return sorted(found)


def _ids(shown: Any) -> set[str]:
    return set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(shown)))


def _staff(database: Cluster) -> str:
    adding = database.run(
        *("manage.py", "add_staff", "grace", "--role", "administrator"),
        login=Role.OPERATOR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    adding.communicate("a long enough password\n", timeout=120)
    assert adding.returncode == 0
    entering = database.run("-m", "faults.staff", "grace", stdout=subprocess.PIPE)
    key, _ = entering.communicate(timeout=120)
    assert entering.returncode == 0
    return str(key).strip()
