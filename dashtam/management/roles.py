"""The database role of each command."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from adapters.persistence.roles import Role

_ROLES: dict[str, Role | None] = {
    "bootstrap_database": None,
    "migrate": Role.OWNER,
    "showmigrations": Role.OWNER,
    "sqlmigrate": Role.OWNER,
    "add_staff": Role.OPERATOR,
    "disable_staff": Role.OPERATOR,
    "reset_staff": Role.OPERATOR,
    "backup": None,
    "restore": None,
}
# The actions of the command `audit`.
_AUDIT_ROLES: dict[str, Role | None] = {
    "seal": Role.SEALER,
    "extend": Role.SEALER,
    "verify": Role.AUDITOR,
    "export": Role.AUDITOR,
    "evidence": Role.AUDITOR,
    "baseline": Role.AUDITOR,
    "retire": Role.OWNER,
    "begin-history": Role.OWNER,
    "adopt": None,
}


def role_of(command: str, *arguments: str) -> Role | None:
    """Return the role of a command: by default, the role of the admin and of Django."""
    if command == "audit":
        action = next((each for each in arguments if each in _AUDIT_ROLES), None)
        return _AUDIT_ROLES[action] if action else Role.STAFF
    return _ROLES.get(command, Role.STAFF)


def ensure_migrated() -> None:
    """Apply migrations on the embedded server; on any other, require that they are applied."""
    if settings.EMBEDDED:
        with _using_role(Role.OWNER):
            call_command("migrate", verbosity=0)
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("Migrations are missing: run manage.py migrate as dashtam_owner.")


@contextmanager
def _using_role(role: Role) -> Iterator[None]:
    """Use another role for a while; the embedded server accepts every login."""
    database = connections["default"].settings_dict
    before = database["USER"], database["OPTIONS"]
    connections.close_all()
    options = {name: value for name, value in before[1].items() if name != "assume_role"}
    database.update(USER=role.value, OPTIONS=options)
    try:
        yield
    finally:
        connections.close_all()
        database.update(USER=before[0], OPTIONS=before[1])
