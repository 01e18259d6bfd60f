"""Kills the erasure of users: either all data of a user is deleted or none."""

import random
import subprocess
import time

from faults.cluster import Cluster, cluster
from faults.outcome import Outcome
from tests.imported_rows import record_rows
from tests.unaudited import ADD_ENTRY

USERS, ROWS, BATCH = 3, 4_000, 100
#: How long it takes from the first deletion to the last COMMIT, more or less.
RUN_SECONDS = 3.0
#: How long a kill waits for a deletion.
PATIENCE_SECONDS = 60.0

_TABLES = """
SELECT table_name FROM information_schema.columns
WHERE table_schema = 'public' AND column_name = 'user_id' AND table_name NOT LIKE 'django%%'
"""
_ERASED = "SELECT count(*) FROM audit_entry WHERE action = 'user.erased'"
# One user for each number, with the given number of transactions, each imported once.
_PEOPLE = """
INSERT INTO identity_user (id, email, password_hash, registered_at, security_stamp, erase_after)
SELECT uuidv7(), n || '@example.org', 'x', now(), 1, now() FROM generate_series(1, {users}) n;
INSERT INTO connections_connection (id, user_id, provider, institution, name, status, detail,
    established_at, changed_at)
SELECT uuidv7(), id, 'statement-files', 'Northbank', '', 'active', '', now(), now()
FROM identity_user;
INSERT INTO ledger_account (id, user_id, connection_id, kind, currency, institution, number,
    name, added_at)
SELECT uuidv7(), user_id, id, 'checking', 'EUR', '', '1', 'A', now() FROM connections_connection;
INSERT INTO ledger_import (id, user_id, digest, size, format, imported_at, quarantined, file_name)
SELECT uuidv7(), id, sha256('x'), 1, 'ofx', now(), '[]', '' FROM identity_user;
INSERT INTO ledger_transaction (id, user_id, account_id, import_id, fingerprint, occurrence,
    booking_date, amount, currency, kind, status, description, line, raw)
SELECT uuidv7(), a.user_id, a.id, i.id, sha256(n::text::bytea), 1, '2026-03-01', n, 'EUR', 'debit',
    'posted', '', n, '{{}}'
FROM ledger_account a JOIN ledger_import i USING (user_id), generate_series(1, {rows}) n;
"""


def kill_erasing(kills: int, seed: int) -> Outcome:
    """Kill a run at random moments."""
    chance, outcome = random.Random(seed), Outcome()  # noqa: S311
    with cluster() as database:
        tables = [name for (name,) in database.query(_TABLES)]
        killed = 0
        for _ in range(kills):
            if not _people(database, tables):
                _make_up(database)
            run = database.run("manage.py", "erase_due")
            _wait_for_deletion(database, run)
            time.sleep(chance.random() * RUN_SECONDS)
            killed += run.poll() is None
            run.kill()
            run.wait()
            # The server may still execute a statement, even a COMMIT, before it notices the kill.
            _wait_for_nobody(database)
            _judge(database, tables, outcome)
        ended = database.run("manage.py", "erase_due").wait()
        outcome.expect(ended == 0, f"the last run ended with {ended}")
        left = _people(database, tables)
        outcome.expect(not left, f"{len(left)} users remain after a complete run")
        ((erased,),) = database.query(_ERASED)
        outcome.counts.update(kills=killed, erased=erased)
        outcome.expect(erased % USERS == 0, f"the audit trail has {erased} erased users")
    return outcome


def _make_up(database: Cluster) -> None:
    people = _PEOPLE.format(users=USERS, rows=ROWS) + record_rows(batch=BATCH)
    database.query(f"DO $do$ BEGIN {ADD_ENTRY}; {people}; END $do$")


def _people(database: Cluster, tables: list[str]) -> dict[object, dict[str, int]]:
    """Return how many rows of each user each table has."""
    people: dict[object, dict[str, int]] = {}
    for table in tables:
        for owner, count in database.query(f"SELECT user_id, count(*) FROM {table} GROUP BY 1"):  # noqa: S608
            people.setdefault(owner, {})[table] = count
    for (owner,) in database.query("SELECT id FROM identity_user"):
        people.setdefault(owner, {})["identity_user"] = 1
    return people


def _judge(database: Cluster, tables: list[str], outcome: Outcome) -> None:
    """Check that each user has all rows or none."""
    whole = {
        "identity_user": 1,
        "connections_connection": 1,
        "ledger_account": 1,
        "ledger_import": 1,
        "ledger_transaction": ROWS,
        "ledger_imported_rows": ROWS // BATCH,
    }
    torn = [owner for owner, has in _people(database, tables).items() if has != whole]
    outcome.expect(not torn, f"{len(torn)} users are torn")


def _wait_for_deletion(database: Cluster, run: "subprocess.Popen[str]") -> None:
    """Wait until a transaction has written: killing a process that only starts is useless."""
    writing = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DELETE FROM%%'"
    end = time.monotonic() + PATIENCE_SECONDS
    while database.query(writing) == [(0,)] and run.poll() is None and time.monotonic() < end:
        time.sleep(0.02)


def _wait_for_nobody(database: Cluster) -> None:
    others = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'dashtam_app'"
    for _ in range(600):
        if database.query(others) == [(0,)]:
            return
        time.sleep(0.1)
