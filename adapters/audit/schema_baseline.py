"""The schema around the trail: tables, triggers, rights and policies, as the migrations make them.

The schema is described as a list of lines. The expected lines are stored beside this module, in the
code, where an attacker who has only the database cannot change them; a test compares them with a
new database.
"""

from collections import Counter
from pathlib import Path

from adapters.audit.checkpoints import Connection
from adapters.audit.findings import Kind, Report

EXPECTED = Path(__file__).with_name("schema_baseline.txt")

# A line about a partition names `audit_entry_year`: the partitions of all years must be the same.
_SCHEMA = (Path(__file__).with_name("schema_baseline.sql")).read_text()


def schema_lines(connection: Connection) -> list[str]:
    """Return the schema of a database, sorted, without duplicates."""
    return sorted(set(_lines(connection)))


def compare_schema(connection: Connection, report: Report) -> None:
    """Report lines that are missing, and lines that are unexpected."""
    expected = Counter(EXPECTED.read_text().splitlines())
    found = Counter(_lines(connection))
    years = _years(connection)
    for line in expected.keys() | found.keys():
        # Every partition has the same.
        wanted = expected[line] * (years if "audit_entry_year" in line else 1)
        if found[line] < wanted:
            report.find(Kind.SCHEMA, f"missing: {line}")
        elif found[line] > wanted:
            report.find(Kind.SCHEMA, f"unexpected: {line}")


def _lines(connection: Connection) -> list[str]:
    return [line for (line,) in connection.execute(_SCHEMA.encode())]


def _years(connection: Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM guard.audit_year WHERE retired_at IS NULL"
    ).fetchone()
    return int(row[0]) if row else 0
