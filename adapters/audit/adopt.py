"""Goes on with a trail that was restored into another server, whose transactions begin anew."""

from datetime import datetime

from adapters.audit.checkpoints import Connection
from adapters.audit.mac import MacKeys
from adapters.audit.trail import INSERT, values_of
from domain.audit.entities import AuditEntry
from domain.audit.events import AuditTrailAdopted
from domain.audit.origin import origin

_STATE = """
SELECT xid_offset, restored_below, (SELECT id FROM guard.history ORDER BY number DESC LIMIT 1)
FROM guard.state
"""


def adopt(connection: Connection, keys: MacKeys, *, at: datetime) -> int:
    """Number transactions above all that the trail has, and record it; return the offset.

    Without the entry, a verification takes the numbers for tampering.
    """
    with connection.transaction():
        connection.execute("SELECT guard.adopt_restored_trail()")
        row = connection.execute(_STATE.encode()).fetchone()
        assert row is not None
        came_from = origin.get()
        adopted = AuditTrailAdopted(
            subject_id=None,
            actor=came_from.actor,
            occurred_at=at,
            xid_offset=row[0],
            restored_below=row[1],
            history=row[2],
        )
        entry = AuditEntry.of(adopted, came_from)
        connection.execute(INSERT.encode(), values_of(entry, keys))
    return int(row[0])
