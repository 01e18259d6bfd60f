"""Seal a trail, and verify it: entries a second."""

import json
import sys
import time

import psycopg

from benchmarks.server import migrated_database

A_TRANSACTION = 500

_ENTRIES = """
INSERT INTO audit_entry (id, action, actor_kind, actor_id, resource_type, resource_id, result,
    occurred_at, trace_id, ip_address, user_agent, details, mac)
SELECT uuidv7(), 'transactions.viewed', 'user', uuidv7(), 'account', uuidv7(), 'success', now(),
    md5(n::text), '192.0.2.7', 'curl/8.5.0', jsonb_build_object('count', n), sha256(n::text::bytea)
FROM generate_series(1, %s) AS n
"""


def main(entries: int) -> dict[str, float]:
    with migrated_database() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            for _ in range(entries // A_TRANSACTION):
                connection.execute(_ENTRIES, (A_TRANSACTION,))
        return _measure(url, entries)


def _measure(url: str, entries: int) -> dict[str, float]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from psycopg import IsolationLevel

    from adapters.persistence.audit.seal import Sealer, SealingKey
    from adapters.persistence.audit.verify import Verifier
    from adapters.persistence.base import business_tables

    def connect() -> "psycopg.Connection[tuple[object, ...]]":
        connection = psycopg.connect(url, autocommit=True)
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        return connection

    key = SealingKey("bench", Ed25519PrivateKey.generate())
    sealer = Sealer(connect, key, None)
    began = time.perf_counter()
    sealed = sealer.seal_all()
    sealing = time.perf_counter() - began
    sealer.close()
    assert sealed == entries
    verifier = Verifier(
        connect=connect,
        public_keys={key.key_id: key.key.public_key()},
        mac_keys=None,
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
