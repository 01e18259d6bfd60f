"""Roles of the database. Each has the rights for its work, and no others."""

from enum import StrEnum
from typing import Any

import psycopg

from adapters.persistence.server_version import version_problem


class Role(StrEnum):
    """The roles that `bootstrap_database` makes; the migrations give each its rights."""

    #: Owns the tables and runs migrations.
    OWNER = "dashtam_owner"
    #: Serves the API and runs commands: the rows of one user at a time, no DDL.
    APPLICATION = "dashtam_app"
    #: Serves the admin: reads the rows of all users, and changes the credentials of staff.
    STAFF = "dashtam_staff"
    #: Runs the commands that add and disable staff. The server cannot switch to it.
    OPERATOR = "dashtam_operator"
    #: Makes checkpoints of the audit trail, and its partitions.
    SEALER = "dashtam_sealer"
    #: Reads the audit trail to verify and export it.
    AUDITOR = "dashtam_auditor"
    #: Owns the functions that guard the trail. Nobody can log in as this role.
    GUARD = "dashtam_guard"


_PROBLEMS = """
SELECT
    to_regrole('dashtam_app') IS NULL,
    (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user),
    to_regrole('dashtam_owner') IS NOT NULL
        AND pg_has_role(session_user, 'dashtam_owner', 'MEMBER')
"""

_MESSAGES = (
    "The server has no roles for Dashtam: run manage.py bootstrap_database.",
    "The login of DATABASE_URL is a superuser, or above row-level security: use dashtam_app.",
    "The login of DATABASE_URL owns the tables: use dashtam_app.",
)


def database_problems(connection: "psycopg.Connection[Any]") -> list[str]:
    """Return why the application must not use this server, or this log-in."""
    if problem := version_problem(connection.info.server_version):
        return [problem]
    found = connection.execute(_PROBLEMS).fetchone()
    assert found is not None
    return [message for message, is_so in zip(_MESSAGES, found, strict=True) if is_so]
