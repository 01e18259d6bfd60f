"""Kills clients, relays and the database during queued imports: each must be processed once."""

import random
import subprocess
import threading
import time

from faults.cluster import Cluster, cluster
from faults.files import contents, expected
from faults.kill_server import judge_rows
from faults.outcome import Outcome

RELAYS, POSTERS = 3, 2
#: One in this many kills hits the database.
SERVER_ONE_OF = 5
DRAIN_SECONDS = 180
#: How long a kill waits for progress since the last one.
PATIENCE_SECONDS = 15


class _Posters:
    """Processes that upload files, and the ids of the uploads that were accepted."""

    def __init__(self, database: Cluster, seed: int) -> None:
        self.taken: set[str] = set()
        self._database = database
        self._seed = seed
        self._started = 0
        self._working = [self._start() for _ in range(POSTERS)]

    def replace(self) -> None:
        """Kill the oldest process and start another one."""
        self._end(0)
        self._working = [*self._working[1:], self._start()]

    def end(self) -> None:
        for place in range(POSTERS):
            self._end(place)

    def _end(self, place: int) -> None:
        process, reader = self._working[place]
        process.kill()
        process.wait()
        reader.join()

    def _start(self) -> "tuple[subprocess.Popen[str], threading.Thread]":
        self._started += 1
        arguments = ("-m", "faults.poster", "post", str(self._seed + self._started))
        process = self._database.run(*arguments, stdout=subprocess.PIPE)
        reader = threading.Thread(target=self._read, args=(process,))
        reader.start()
        return process, reader

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout
        with process.stdout as lines:
            # A line without its end was not acknowledged.
            self.taken.update(line.strip() for line in lines if line.endswith("\n"))


def kill_background(kills: int, seed: int) -> Outcome:
    """Kill posters, relays and the database at random moments."""
    chance, outcome = random.Random(seed), Outcome()  # noqa: S311
    with cluster() as database:
        database.run("-m", "faults.importer", "register").wait()
        posters = _Posters(database, seed)
        relays = [_relay(database) for _ in range(RELAYS)]
        for number in range(kills):
            _wait_for_work(database)
            time.sleep(chance.random() / 2)
            _strike(database, posters, relays, number, chance)
        posters.end()
        _drain(database)
        for relay in relays:
            relay.kill()
            relay.wait()
        _judge(database, outcome, posters.taken)
    outcome.counts["kills"] = kills
    return outcome


def _relay(database: Cluster) -> "subprocess.Popen[str]":
    return database.run("-m", "faults.poster", "relay")


def _wait_for_work(database: Cluster) -> None:
    """Wait until an import has finished, because killing a process that only starts is useless."""
    finished = "SELECT count(*) FROM ledger_import WHERE status <> 'waiting'"
    before, end = database.query(finished), time.monotonic() + PATIENCE_SECONDS
    while database.query(finished) == before and time.monotonic() < end:
        time.sleep(0.02)


def _strike(
    database: Cluster,
    posters: _Posters,
    relays: "list[subprocess.Popen[str]]",
    number: int,
    chance: random.Random,
) -> None:
    if number % SERVER_ONE_OF == SERVER_ONE_OF - 1:
        database.kill()
        database.start()
    elif chance.randrange(3) == 0:
        posters.replace()
    else:
        longest = relays.pop(0)
        longest.kill()
        longest.wait()
        relays.append(_relay(database))


def _drain(database: Cluster) -> None:
    """Wait until no import is waiting; make events due that wait for their next attempt."""
    end = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < end:
        left = database.query(
            "SELECT count(*) FROM outbox_event WHERE delivered_at IS NULL AND dead_at IS NULL"
        )
        if left == [(0,)]:
            return
        database.query("UPDATE outbox_event SET available_at = now() WHERE available_at > now()")
        time.sleep(0.2)


def _judge(database: Cluster, outcome: Outcome, taken: set[str]) -> None:
    rows = database.query("SELECT id::text, status, encode(digest, 'hex') FROM ledger_import")
    status = {import_id: is_now for import_id, is_now, _ in rows}
    done = [import_id for import_id, is_now in status.items() if is_now == "done"]
    failed = [import_id for import_id, is_now in status.items() if is_now == "failed"]
    outcome.counts.update(
        told_taken=len(taken), imports=len(rows), done=len(done), failed=len(failed)
    )
    lost = taken - status.keys()
    outcome.expect(not lost, f"{len(lost)} accepted imports are missing")
    left = len(rows) - len(done) - len(failed)
    outcome.expect(not left, f"{left} imports are neither done nor failed")
    _judge_facts(database, outcome)
    _judge_imported_rows(database, outcome)
    judge_rows(database, outcome)


def _judge_facts(database: Cluster, outcome: Outcome) -> None:
    """Check that each import was received once, and then imported or refused once."""
    for status, action in (("done", "statement.imported"), ("failed", "statement.refused")):
        apart = database.query(
            "SELECT i.id FROM ledger_import i WHERE status = %s AND ("
            " SELECT count(*) FROM audit_entry e WHERE e.resource_id = i.id"
            " AND e.action IN ('statement.imported', 'statement.refused')) <> 1"
            " OR status = %s AND NOT EXISTS (SELECT FROM outbox_event o"
            " WHERE o.aggregateid = i.id AND o.type = %s)",
            status,
            status,
            action,
        )
        outcome.expect(not apart, f"{len(apart)} imports that are {status} have no single event")
    unheard = database.query(
        "SELECT i.id FROM ledger_import i FULL JOIN (SELECT * FROM outbox_event"
        " WHERE type = 'statement.received') o ON o.aggregateid = i.id"
        " WHERE i.id IS NULL OR o.id IS NULL OR o.dead_at IS NOT NULL"
    )
    outcome.expect(not unheard, f"{len(unheard)} imports and events do not match")


def _judge_imported_rows(database: Cluster, outcome: Outcome) -> None:
    """Every row of every import that is done was seen once; of the others, none was."""
    torn = database.query(
        "SELECT i.id FROM ledger_import i WHERE "
        " (SELECT coalesce(sum(cardinality(lines)), 0) FROM ledger_imported_rows s"
        " WHERE s.import_id = i.id) <> coalesce((SELECT sum(new + same + updates + conflict"
        " + deleted) FROM ledger_statement t WHERE t.import_id = i.id), 0)"
        " OR status = 'failed' AND EXISTS (SELECT FROM ledger_imported_rows s"
        " WHERE s.import_id = i.id)"
    )
    outcome.expect(not torn, f"{len(torn)} imports are torn")
    ((seen,),) = database.query("SELECT sum(cardinality(lines)) FROM ledger_imported_rows")
    ((rows,),) = database.query("SELECT count(*) FROM ledger_transaction")
    outcome.counts.update(imported_rows=seen)
    whole = set().union(*(expected(content) for content in contents()))
    outcome.expect(rows <= len(whole), f"{rows - len(whole)} rows are too many")
