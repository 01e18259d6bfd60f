"""Entries of long ago, as they are after years of use."""

import secrets

from adapters.persistence.plain import connect

OLD = 2016

_ENTRIES = """
INSERT INTO public.audit_entry (id, action, actor_kind, resource_type, result, occurred_at,
    trace_id, user_agent, details, mac)
SELECT uuidv7(make_timestamptz(%(year)s, 6, 1, 12, 0, 0, 'UTC') - now() + n * interval '1 second'),
    'account.viewed', 'system', 'account', 'success', now(), '', '', '{}', sha256('x')
FROM generate_series(1, %(count)s) AS n
"""


def with_an_old_year(count: int) -> None:
    """Put entries into a year of long ago, past the guard of time."""
    with connect() as connection, connection.transaction():
        connection.execute("SELECT guard.add_audit_year(%s)", (OLD,))
        connection.execute("UPDATE guard.state SET armed = false")
        for table in ("audit_entry", f"audit_entry_{OLD}"):
            change = f"ALTER TABLE public.{table} %s TRIGGER refuse_wrong_time"
            connection.execute((change % "DISABLE").encode())
        connection.execute(_ENTRIES, {"year": OLD, "count": count})
        # Written in that transaction: with the year, what told of it goes.
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
