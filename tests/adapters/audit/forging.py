"""Entries of an attacker with SQL and without a key."""

from adapters.persistence.plain import connect


def forge(times: int = 1, details: str = "{}") -> None:
    """Insert entries as who serves the API may, each in a transaction of its own."""
    statement = """
        INSERT INTO public.audit_entry (id, action, actor_kind, resource_type, result, occurred_at,
            trace_id, user_agent, details, mac)
        VALUES (uuidv7(), 'user.delete', 'system', 'user', 'success', now(), '', '', %s,
            sha256('x'))
    """
    with connect() as connection:
        connection.execute("SET ROLE dashtam_app")
        for _ in range(times):
            connection.execute(statement, (details,))
