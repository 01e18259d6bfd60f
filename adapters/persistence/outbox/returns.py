"""Facts that come back to the outbox from a stream: they were handed on, and did not arrive."""

from django.db import connection

from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.outbox.outbox import MOST_ATTEMPTS

# A relay marks a fact once the stream has it. Until it has, the fact is the relay's: it is not put
# back, or the mark would fall on what was put back, and the fact would be lost.
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
    """Tell whether an earlier fact of the aggregate has not arrived: this one must wait for it."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD_UP, [row.aggregate_id, row.position])
        return bool(cursor.fetchone() == (True,))


def put_back(row: OutboxModel) -> bool:
    """Have a fact handed on once more; tell whether it is done with here."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT_BACK, [row.id])
        return bool(cursor.rowcount == 1)


def put_back_failed(row: OutboxModel, error: str) -> bool:
    """Have a fact handed on later, or seen as dead; tell whether it is done with here."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT_BACK_FAILED, [error[:64], MOST_ATTEMPTS, row.id])
        return bool(cursor.rowcount == 1)
