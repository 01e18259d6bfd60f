"""The schema around the trail: tables, triggers, rights and policies, as the migrations make them.

The schema is described as a list of lines. The expected lines are stored beside this module, in the
code, where an attacker who has only the database cannot change them; a test compares them with a
new database.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from adapters.audit.checkpoints import Connection
from adapters.audit.findings import Kind, Report
from adapters.persistence.guard.limitations import (
    EVENT_TRIGGERS,
    LOG_SETTINGS,
    administrator,
    server_limitations,
)
from adapters.persistence.roles import Role

EXPECTED = Path(__file__).with_name("schema_baseline.txt")

_ADMINISTRATOR = (
    "The role {} bootstrapped this database and administers its roles: it can become each of them."
)
_LOG_LINES = frozenset(
    f"setting of all in this database: {name}={value}" for name, value in LOG_SETTINGS.items()
)

# A line about a partition names `audit_entry_year`: the partitions of all years must be the same.
_SCHEMA = (Path(__file__).with_name("schema_baseline.sql")).read_text()


def schema_lines(connection: Connection) -> list[str]:
    """Return the schema of a database, sorted, without duplicates."""
    return sorted(set(_lines(connection)))


def compare_schema(
    connection: Connection, report: Report, *, accept_missing_event_triggers: bool = False
) -> None:
    """Report lines that are missing, and lines that are unexpected.

    What is different only because no superuser bootstrapped the database is a note. But missing
    event triggers are findings, unless it is known that the server does not allow them.
    """
    expected = Counter(EXPECTED.read_text().splitlines())
    found = Counter(_lines(connection))
    years = _years(connection)
    name = administrator(connection)
    for line in sorted(expected.keys() | found.keys()):
        # Every partition has the same.
        wanted = expected[line] * (years if "audit_entry_year" in line else 1)
        if found[line] == wanted or (name and _is_without_superuser(line, name)):
            continue
        missing = _missing_event_trigger(line, found)
        if missing and name and accept_missing_event_triggers:
            report.notes.append(missing)
        else:
            kind = "missing" if found[line] < wanted else "unexpected"
            report.find(Kind.SCHEMA, missing or f"{kind}: {line}")
    if name:
        report.notes += [_ADMINISTRATOR.format(name), *server_limitations(connection)]


def _is_without_superuser(line: str, administrator: str) -> bool:
    """Return whether a line is different where this role bootstrapped the database."""
    memberships = (f"member {administrator} of {role} inherits f sets f admin t" for role in Role)
    return (
        line == f"right on this database of {administrator}: CONNECT"
        or line in memberships
        or (line.startswith("function lo") and " of large objects public " in line)
        or line in _LOG_LINES
    )


def _missing_event_trigger(line: str, found: Iterable[str]) -> str | None:
    """Return what it means that this event trigger is missing; a changed one is not missing."""
    for name, meaning in EVENT_TRIGGERS.items():
        start = f"event trigger {name} "
        if line.startswith(start) and not any(each.startswith(start) for each in found):
            return meaning
    return None


def _lines(connection: Connection) -> list[str]:
    return [line for (line,) in connection.execute(_SCHEMA.encode())]


def _years(connection: Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM guard.audit_year WHERE retired_at IS NULL"
    ).fetchone()
    return int(row[0]) if row else 0
