"""The keys of the audit trail, and its sealer, verifier and exporter."""

from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from psycopg import IsolationLevel

from adapters.audit.export import Exporter
from adapters.audit.mac import MacKeys
from adapters.audit.sealer import Sealer, SealingKey
from adapters.audit.verifier import PublicKeys, Verifier
from adapters.audit.witness import Witness, witness_at
from adapters.persistence.base import business_tables
from adapters.persistence.plain import connect
from adapters.persistence.staff.models import AUDITED_TABLES
from dashtam import keys

# Each of them reads a single snapshot of the database.
_connect = partial(connect, IsolationLevel.REPEATABLE_READ)


def sealer() -> Sealer:
    return Sealer(_connect, sealing_key(), witness(), MacKeys(keys.of("AUDIT_MAC_KEYS")))


def verifier() -> Verifier:
    return Verifier(
        connect=_connect,
        public_keys=public_keys(),
        mac_keys=mac_keys(),
        witness=witness(),
        tables=[*business_tables(), *AUDITED_TABLES],
    )


def exporter() -> Exporter:
    return Exporter(_connect, sealing_key(), MacKeys(keys.of("AUDIT_MAC_KEYS")))


def sealing_key() -> SealingKey:
    ((key_id, seed),) = keys.of("AUDIT_SEALING_KEY").items()
    return SealingKey(key_id, Ed25519PrivateKey.from_private_bytes(seed))


def public_keys() -> PublicKeys:
    public = keys.of("AUDIT_PUBLIC_KEYS").items()
    return {key_id: Ed25519PublicKey.from_public_bytes(key) for key_id, key in public}


def witness() -> Witness | None:
    return witness_at(settings.AUDIT_WITNESS)


def mac_keys() -> MacKeys | None:
    try:
        return MacKeys(keys.of("AUDIT_MAC_KEYS"))
    except ImproperlyConfigured:
        # Auditors may verify without these keys: all entries are then reported as unproven.
        return None
