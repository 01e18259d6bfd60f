"""Seal and verify an audit trail: entries per second."""

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import psycopg

from benchmarks.server import migrated_database

if TYPE_CHECKING:
    from adapters.audit.mac import MacKeys

A_TRANSACTION = 500


def main(entries: int) -> dict[str, float]:
    with migrated_database() as url:
        from adapters.audit.mac import MacKeys

        macs = MacKeys({"bench": bytes(32)})
        with psycopg.connect(url, autocommit=True) as connection:
            for _ in range(entries // A_TRANSACTION):
                _write(connection, macs)
        return _measure(url, entries, macs)


def _write(connection: "psycopg.Connection[Any]", macs: "MacKeys") -> None:
    """Write entries as the application does, in one transaction."""
    from adapters.audit.trail import INSERT, values_of
    from tests.factories import make_entry

    rows = [values_of(make_entry(), macs) for _ in range(A_TRANSACTION)]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(INSERT.encode(), rows)


def _measure(url: str, entries: int, macs: "MacKeys") -> dict[str, float]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from psycopg import IsolationLevel

    from adapters.audit.sealer import Sealer, SealingKey
    from adapters.audit.verifier import Verifier
    from adapters.persistence.base import business_tables

    def connect() -> "psycopg.Connection[tuple[object, ...]]":
        connection = psycopg.connect(url, autocommit=True)
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        return connection

    key = SealingKey("bench", Ed25519PrivateKey.generate())
    sealer = Sealer(connect, key, None, macs)
    began = time.perf_counter()
    sealed = sealer.seal_all()
    sealing = time.perf_counter() - began
    sealer.close()
    assert sealed == entries
    verifier = Verifier(
        connect=connect,
        public_keys={key.key_id: key.key.public_key()},
        mac_keys=macs,
        witness=None,
        tables=business_tables(),
    )
    began = time.perf_counter()
    report = verifier.verify()
    verifying = time.perf_counter() - began
    assert (report.findings, report.entries, report.unproven) == ([], entries, 0), report
    return {"sealed": entries / sealing, "verified": entries / verifying}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
