"""Unaudited rows: examples inserted by a superuser in spite of the guard."""

from typing import Any, Protocol

#: For committed rows: an entry, as the guard requires. It was written without a key.
ADD_ENTRY = """
INSERT INTO public.audit_entry (id, action, actor_kind, resource_type, result, occurred_at,
    trace_id, user_agent, details, mac)
VALUES (uuidv7(), 'examples.added', 'system', 'user', 'success', now(), '', '', '{}', sha256('x'))
"""
#: For rolled back rows: until then the guard accepts everything, in this transaction alone.
OPEN_NET = """
CREATE OR REPLACE FUNCTION guard.require_audit_entry() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN DELETE FROM guard.asked WHERE xid = pg_current_xact_id(); RETURN NULL; END'
"""


class Cursor(Protocol):
    """Django's cursors, and connections and cursors of psycopg."""

    def execute(self, statement: str, /) -> Any: ...


def add_entry(cursor: Cursor) -> None:
    """Leave an entry for whatever this transaction writes."""
    cursor.execute(ADD_ENTRY)


def open_net(cursor: Cursor) -> None:
    """Do without entries until this transaction is rolled back."""
    cursor.execute(OPEN_NET)
