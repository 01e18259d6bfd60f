"""Events that return from a stream to the outbox, because they could not be delivered."""

from django.db import connection

from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.outbox.outbox import MOST_ATTEMPTS

# A relay marks an event once the stream has it. Until then, the event is not returned, or the mark
# would fall on the returned event, which would be lost.
_PUT_BACK = """
UPDATE outbox_event SET delivered_at = NULL WHERE id = %s AND delivered_at IS NOT NULL
"""
_PUT_BACK_FAILED = """
UPDATE outbox_event SET delivered_at = NULL, last_error = %s,
    available_at = clock_timestamp()
        + (0.5 + random() / 2) * least(300, 0.5 * 2 ^ attempts) * interval '1 second',
    dead_at = CASE WHEN attempts >= %s THEN clock_timestamp() END
WHERE id = %s AND delivered_at IS NOT NULL
"""
_HELD_UP = """
SELECT EXISTS (SELECT FROM outbox_event
WHERE aggregateid = %s AND position < %s AND delivered_at IS NULL)
"""


def is_held_up(row: OutboxModel) -> bool:
    """Return whether an earlier event of the aggregate is undelivered: this one must wait."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD_UP, [row.aggregate_id, row.position])
        return bool(cursor.fetchone() == (True,))


def put_back(row: OutboxModel) -> bool:
    """Publish an event once more; return whether the stream may drop it."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT_BACK, [row.id])
        return bool(cursor.rowcount == 1)


def put_back_failed(row: OutboxModel, error: str) -> bool:
    """Publish an event later, or mark it as dead; return whether the stream may drop it."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT_BACK_FAILED, [error[:64], MOST_ATTEMPTS, row.id])
        return bool(cursor.rowcount == 1)
