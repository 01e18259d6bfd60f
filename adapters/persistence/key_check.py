"""Whether the configured keys are those that a database was written with."""

from typing import Any

import psycopg
from django.db.models import Model
from psycopg import sql

from adapters.audit.checkpoints import LEAF
from adapters.audit.mac import MacKeys
from adapters.persistence.sealing import context_in, owner_column, sealed_models
from adapters.security.envelope import LONGEST_HEAD, Keyring

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


def require_keys(connection: "psycopg.Connection[Any]", macs: MacKeys, ring: Keyring) -> None:
    """Raise `OtherKeys` unless the trail and all encrypted values were written with these."""
    leaves = connection.cursor(binary=True).execute(_LATEST.encode()).fetchall()
    if leaves and not any(macs.recognise_leaf(leaf) for (leaf,) in leaves):
        raise OtherKeys("AUDIT_MAC_KEYS")
    for model in sealed_models():
        for key_id in _key_ids(connection, model):
            if not _opens(connection, model, key_id, ring):
                raise OtherKeys("CREDENTIAL_KEYS")


def _key_ids(connection: "psycopg.Connection[Any]", model: type[Model]) -> list[str]:
    statement = sql.SQL(_KEY_IDS).format(sql.Identifier("public", model._meta.db_table))
    return [key_id for (key_id,) in connection.execute(statement)]


def _opens(
    connection: "psycopg.Connection[Any]", model: type[Model], key_id: str, ring: Keyring
) -> bool:
    table = sql.Identifier("public", model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(_HEADS).format(sql.Identifier(owner_column(model)), table), [key_id])
        return any(
            ring.fits(bytes(head), context_in(model, row, owner)) for row, owner, head in cursor
        )
