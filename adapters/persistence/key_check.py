"""Whether the keys at hand are those that a database was written with."""

import json
from typing import Any

import psycopg
from django.apps import apps
from psycopg import sql

from adapters.persistence.audit.leaf import LEAF
from adapters.persistence.audit.mac import MacKeys
from adapters.security.envelope import Keyring

_LATEST = f"SELECT {LEAF} FROM public.audit_entry ORDER BY id DESC LIMIT 1"  # noqa: S608
_KEY_IDS = "SELECT DISTINCT substring(sealed FROM 3 FOR get_byte(sealed, 1)) FROM {}"


class OtherKeys(Exception):
    """Something was written with keys that are not here."""


def require_keys(connection: "psycopg.Connection[Any]", macs: MacKeys, ring: Keyring) -> None:
    """Raise `OtherKeys` unless the latest entry was written, and all is sealed, with these."""
    latest = connection.execute(_LATEST.encode()).fetchone()
    if latest and not macs.recognise(json.loads(latest[0])):
        raise OtherKeys("AUDIT_MAC_KEYS")
    for table in sealed_tables():
        found = connection.execute(sql.SQL(_KEY_IDS).format(sql.Identifier("public", table)))
        if any(bytes(key_id).decode("ascii", "replace") not in ring.keys for (key_id,) in found):
            raise OtherKeys("CREDENTIAL_KEYS")


def sealed_tables() -> list[str]:
    """Return every table with sealed contents."""
    return [
        model._meta.db_table
        for model in apps.get_models()
        if any(field.name == "sealed" for field in model._meta.get_fields())
    ]
