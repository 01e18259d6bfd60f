"""Entries that would say again what was said within the minute: they are counted instead.

Whoever can write the table can make no entry of it: what is said there is encrypted with the
application's key, and what cannot be opened is dropped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection

from adapters.audit.columns import COLUMNS, PLACES
from adapters.audit.mac import MacKeys
from adapters.audit.said import read, said_by
from domain.audit.entities import AuditEntry

logger = structlog.get_logger(__name__)

#: How long before, and after, its minute a first entry may have happened, as with any entry's id.
EARLIEST, LATEST = timedelta(hours=1), timedelta(minutes=10)
#: So many are taken over by one statement.
BATCH = 1000

# Whoever is first has both the entry and the row that others are counted in, and whoever is alike
# waits until that transaction ends. As it comes last before a COMMIT, that is not long. Minutes are
# those of the server's clock; who waits over the turn of one belongs to the next.
_COUNT = f"""
WITH counted AS (
    INSERT INTO audit_repetition AS known (key, minute, said, count)
    VALUES (%s, date_trunc('minute', clock_timestamp()), %s, 0)
    ON CONFLICT (key) DO UPDATE SET (minute, said, count) = (
        SELECT CASE WHEN goes_on THEN known.minute ELSE excluded.minute END,
            CASE WHEN goes_on THEN known.said ELSE excluded.said END,
            CASE WHEN goes_on THEN known.count + 1 ELSE 0 END
        FROM (
            SELECT known.minute BETWEEN excluded.minute AND excluded.minute + interval '1 minute'
        ) AS now (goes_on)
    )
    RETURNING new.count = 0 AS is_first, old.key, old.minute, old.said, old.count
), entered AS (
    INSERT INTO audit_entry ({COLUMNS}) SELECT {PLACES} FROM counted WHERE is_first
)
SELECT key, minute, said, count FROM counted WHERE is_first AND count > 0
"""  # noqa: S608
_TAKE_OVER = """
DELETE FROM audit_repetition WHERE key IN (
    SELECT key FROM audit_repetition WHERE minute < date_trunc('minute', clock_timestamp())
    LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING key, minute, said, count
"""


@dataclass(frozen=True, slots=True)
class Repeated:
    """How many more entries like one there were in its minute."""

    first: AuditEntry
    minute: datetime
    count: int


def enter_once(entry: AuditEntry, values: Sequence[Any], keys: MacKeys) -> list[Repeated]:
    """Enter it if it is the first of its minute, else count it; return what a minute before had."""
    mark = keys.mark(entry.alike)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [mark, keys.close(mark, said_by(entry)), *values])
        return _repeated(cursor.fetchall(), keys)


def take_over(keys: MacKeys) -> tuple[list[Repeated], bool]:
    """Let go of counts whose minute is over; return those that counted, and whether there is more.

    In one transaction with the entries that tell of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OVER, [BATCH])
        rows = cursor.fetchall()
    return _repeated(rows, keys), len(rows) == BATCH


def _repeated(rows: Sequence[tuple[Any, ...]], keys: MacKeys) -> list[Repeated]:
    """Return what was counted, but for what the application did not write."""
    counted = [row for row in rows if row[-1]]
    repeated = list(_opened(counted, keys))
    if len(repeated) < len(counted):
        logger.error("audit.repetitions_dropped", count=len(counted) - len(repeated))
    return repeated


def _opened(rows: Sequence[tuple[Any, ...]], keys: MacKeys) -> Iterator[Repeated]:
    for mark, minute, closed, count in rows:
        said = keys.open(bytes(mark), bytes(closed))
        if said is None:
            continue
        first = read(said)
        # A row that is put back later would tell of it again.
        if minute - EARLIEST <= first.occurred_at <= minute + LATEST:
            yield Repeated(first, minute, count)
