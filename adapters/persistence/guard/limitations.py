"""What the guards lack on a server whose administrator is not a superuser, as managed ones are."""

from typing import Any

import psycopg

from adapters.persistence.roles import Role

#: The event triggers, and what each of them would refuse.
EVENT_TRIGGERS = {
    "guard_ddl": "The event trigger guard_ddl is missing: the owner of the tables is not refused"
    " when they alter the audit trail or switch off its guards.",
    "guard_drop": "The event trigger guard_drop is missing: the owner of the tables is not refused"
    " when they drop a part of the audit trail.",
}
LARGE_OBJECTS = (
    "Every role can create large objects, because only a superuser can prevent that."
    " `audit verify` reports any that exist."
)
_LOG = (
    "PostgreSQL's log may contain personal data: set {} in the configuration of the server,"
    " because only a superuser can set this for one database."
)
#: What `database.sql` sets.
LOG_SETTINGS = {
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

_MISSING = "SELECT name FROM unnest(%s::text[]) AS name EXCEPT SELECT evtname FROM pg_event_trigger"
_OPEN = "SELECT has_function_privilege('public', 'pg_catalog.lo_creat(integer)', 'EXECUTE')"
_LOGGED = """
SELECT name, value FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS wanted (name, value, at)
WHERE current_setting(name) <> value ORDER BY at
"""
# A role that creates roles without being a superuser may administer them. The server grants that,
# and nobody can revoke it.
_ADMINISTRATORS = """
SELECT member::regrole::text FROM pg_auth_members JOIN pg_roles ON pg_roles.oid = member
WHERE grantor = 10 AND admin_option AND NOT rolsuper AND roleid::regrole::text = ANY(%s)
AND NOT EXISTS (
    SELECT FROM pg_event_trigger JOIN pg_roles AS owner ON owner.oid = evtowner
    WHERE evtname = ANY(%s) AND owner.rolsuper
)
GROUP BY member HAVING count(DISTINCT roleid) = %s
"""


def limitations(connection: "psycopg.Connection[Any]") -> list[str]:
    """Return a sentence for each guard or setting that is missing."""
    missing = connection.execute(_MISSING, [list(EVENT_TRIGGERS)]).fetchall()
    names = sorted(name for (name,) in missing)
    return [*(EVENT_TRIGGERS[name] for name in names), *server_limitations(connection)]


def server_limitations(connection: "psycopg.Connection[Any]") -> list[str]:
    """Return a sentence for each setting and right of the server that is not as it should be."""
    found = []
    if connection.execute(_OPEN).fetchone() == (True,):
        found.append(LARGE_OBJECTS)
    wanted = [list(LOG_SETTINGS), list(LOG_SETTINGS.values())]
    if differing := connection.execute(_LOGGED, wanted).fetchall():
        found.append(_LOG.format(", ".join(f"{name} = {value}" for name, value in differing)))
    return found


def administrator(connection: "psycopg.Connection[Any]") -> str | None:
    """Return the role that bootstrapped the database, if that was not a superuser.

    Where a superuser owns the event triggers, there is none, and any such membership is suspicious.
    """
    roles, triggers = [role.value for role in Role], list(EVENT_TRIGGERS)
    found = connection.execute(_ADMINISTRATORS, [roles, triggers, len(roles)]).fetchall()
    return found[0][0] if len(found) == 1 else None
