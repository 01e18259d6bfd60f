"""Whether the configured keys are those that a database was written with."""

from typing import Any, NamedTuple

import psycopg
from django.apps import apps
from psycopg import sql

from adapters.audit.checkpoints import LEAF
from adapters.audit.mac import MacKeys
from adapters.security.envelope import LONGEST_HEAD, Keyring, SealContext

#: Somebody with SQL can write rows with unknown keys: more rows than the latest are checked.
MOST = 1000

_LATEST = f"SELECT {LEAF} FROM public.audit_entry ORDER BY id DESC LIMIT {MOST}"  # noqa: S608
# A constraint of each table makes `key_id` the key that a value is encrypted under.
_KEY_IDS = "SELECT DISTINCT key_id FROM {} WHERE sealed IS NOT NULL"
_HEADS = f"""
SELECT id, {{}}, substring(sealed FOR {LONGEST_HEAD}) FROM {{}}
WHERE key_id = %s AND sealed IS NOT NULL ORDER BY id DESC LIMIT {MOST}
"""  # noqa: S608


class OtherKeys(Exception):
    """The database was written with keys that are not configured."""


class SealedTable(NamedTuple):
    """A table with encrypted values, and the column of their owner."""

    name: str
    owner: str


def require_keys(connection: "psycopg.Connection[Any]", macs: MacKeys, ring: Keyring) -> None:
    """Raise `OtherKeys` unless the trail and all encrypted values were written with these."""
    leaves = connection.cursor(binary=True).execute(_LATEST.encode()).fetchall()
    if leaves and not any(macs.recognise_leaf(leaf) for (leaf,) in leaves):
        raise OtherKeys("AUDIT_MAC_KEYS")
    for table in sealed_tables():
        for key_id in _key_ids(connection, table):
            if not _opens(connection, table, key_id, ring):
                raise OtherKeys("CREDENTIAL_KEYS")


def sealed_tables() -> list[SealedTable]:
    """Return every table with encrypted values."""
    fields = {
        model._meta.db_table: {field.name for field in model._meta.get_fields()}
        for model in apps.get_models()
    }
    return [
        SealedTable(table, "user_id" if "user" in names else "staff_id")
        for table, names in fields.items()
        if "sealed" in names
    ]


def _key_ids(connection: "psycopg.Connection[Any]", table: SealedTable) -> list[str]:
    statement = sql.SQL(_KEY_IDS).format(sql.Identifier("public", table.name))
    return [key_id for (key_id,) in connection.execute(statement)]


def _opens(
    connection: "psycopg.Connection[Any]", table: SealedTable, key_id: str, ring: Keyring
) -> bool:
    names = sql.Identifier(table.owner), sql.Identifier("public", table.name)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(_HEADS).format(*names), [key_id])
        return any(
            ring.fits(bytes(head), SealContext(table.name, "sealed", row, owner))
            for row, owner, head in cursor
        )
