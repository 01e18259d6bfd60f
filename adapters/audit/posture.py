"""What stands around the trail: tables, triggers, rights, policies, as the migrations made them.

A posture is a list of lines. The one that is expected is kept beside this module, in the code,
where nobody who only has the database can change it; a test holds it against a new database.
"""

from collections import Counter
from pathlib import Path

from adapters.audit.checkpoints import Connection
from adapters.audit.findings import Kind, Report

EXPECTED = Path(__file__).with_name("posture.txt")

# A partition is told by its parent's name and the word `year`: each year's must be the same.
_POSTURE = (Path(__file__).with_name("posture.sql")).read_text()


def posture(connection: Connection) -> list[str]:
    """Return the posture of a database, a line for each thing, in order."""
    return sorted(set(_lines(connection)))


def compare_posture(connection: Connection, report: Report) -> None:
    """Tell what is there and should not be, and what is missing."""
    expected = Counter(EXPECTED.read_text().splitlines())
    found = Counter(_lines(connection))
    years = _years(connection)
    for line in expected.keys() | found.keys():
        # What a partition has, each of them has.
        wanted = expected[line] * (years if "audit_entry_year" in line else 1)
        if found[line] < wanted:
            report.find(Kind.POSTURE, f"missing: {line}")
        elif found[line] > wanted:
            report.find(Kind.POSTURE, f"unexpected: {line}")


def _lines(connection: Connection) -> list[str]:
    return [line for (line,) in connection.execute(_POSTURE.encode())]


def _years(connection: Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM guard.audit_year WHERE retired_at IS NULL"
    ).fetchone()
    return int(row[0]) if row else 0
