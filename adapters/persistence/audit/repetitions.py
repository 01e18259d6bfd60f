"""Entries that would say again what was said within the minute: they are counted instead."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import connection

from adapters.persistence.audit.columns import COLUMNS, PLACES
from adapters.persistence.audit.said import read, said_by
from domain.audit.entities import AuditEntry

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
    RETURNING new.count = 0 AS is_first, old.minute, old.said, old.count
), entered AS (
    INSERT INTO audit_entry ({COLUMNS}) SELECT {PLACES} FROM counted WHERE is_first
)
SELECT minute, said, count FROM counted WHERE is_first AND count > 0
"""  # noqa: S608
_TAKE_OVER = """
DELETE FROM audit_repetition WHERE key IN (
    SELECT key FROM audit_repetition WHERE minute < date_trunc('minute', clock_timestamp())
    LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING minute, said, count
"""


@dataclass(frozen=True, slots=True)
class Repeated:
    """How many more entries like one there were in its minute."""

    first: AuditEntry
    minute: datetime
    count: int


def enter_once(entry: AuditEntry, values: Sequence[Any]) -> list[Repeated]:
    """Enter it if it is the first of its minute, else count it; return what a minute before had."""
    key = sha256(json.dumps(entry.alike).encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, said_by(entry), *values])
        return list(_repeated(cursor.fetchall()))


def take_over() -> tuple[list[Repeated], bool]:
    """Let go of counts whose minute is over; return those that counted, and whether there is more.

    In one transaction with the entries that tell of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OVER, [BATCH])
        rows = cursor.fetchall()
    return list(_repeated(rows)), len(rows) == BATCH


def _repeated(rows: Sequence[tuple[Any, ...]]) -> Iterator[Repeated]:
    for minute, said, count in rows:
        if count:
            yield Repeated(read(said), minute, count)
