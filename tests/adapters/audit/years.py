"""Entries of long ago, as they are after years of use."""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from adapters.audit.mac import MacKeys
from adapters.audit.trail import INSERT, values_of
from adapters.persistence.plain import connect
from dashtam import keys
from tests.factories import make_entry

OLD = 2016


def with_an_old_year(count: int) -> None:
    """Put entries into a year of long ago, past the guard of time."""
    with connect() as connection, connection.transaction():
        connection.execute("SELECT guard.add_audit_year(%s)", (OLD,))
        connection.execute("UPDATE guard.state SET armed = false")
        for table in ("audit_entry", f"audit_entry_{OLD}"):
            change = f"ALTER TABLE public.{table} %s TRIGGER refuse_wrong_time"
            connection.execute((change % "DISABLE").encode())
        mac_keys = MacKeys(keys.of("AUDIT_MAC_KEYS"))
        for number in range(count):
            moment = datetime(OLD, 6, 1, 12, 0, tzinfo=UTC) + timedelta(seconds=number)
            entry = make_entry(id=id_of(moment), occurred_at=moment)
            connection.execute(INSERT.encode(), values_of(entry, mac_keys))
        # Written in that transaction: with the year, the entry about it is removed.
        connection.execute(
            "INSERT INTO public.identity_user"
            " (id, email, password_hash, registered_at, security_stamp)"
            " VALUES (uuidv7(), %s, 'x', now(), 1)",
            (f"{secrets.token_hex(8)}@example.org",),
        )
        for table in ("audit_entry", f"audit_entry_{OLD}"):
            change = f"ALTER TABLE public.{table} %s TRIGGER refuse_wrong_time"
            connection.execute((change % "ENABLE ALWAYS").encode())
        connection.execute("SELECT guard.arm()")


def id_of(moment: datetime) -> UUID:
    """Return a UUIDv7 of a moment (RFC 9562, section 5.7)."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | secrets.randbits(62))
