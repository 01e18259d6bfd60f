"""Kills relays and producers: events must take effect once, and in order."""

import random
import subprocess
import time

from faults.cluster import Cluster, cluster
from faults.outcome import Outcome

RELAYS, PRODUCERS = 3, 2

# Effects are numbered in order, because one relay at a time delivers the events of an aggregate.
EFFECT = """
CREATE TABLE faults_effect (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE, aggregate_id uuid NOT NULL
)
"""
Processes = list["subprocess.Popen[str]"]


def kill_relays(relays: int, producers: int, seed: int) -> Outcome:
    """Kill and replace processes of both kinds at random moments."""
    chance, outcome = random.Random(seed), Outcome()  # noqa: S311
    with cluster() as database:
        database.query(EFFECT)
        database.query("GRANT SELECT, INSERT ON faults_effect TO dashtam_app")
        working = [_start(database, "relay") for _ in range(RELAYS)]
        writing = [_start(database, "produce") for _ in range(PRODUCERS)]
        victims = ["relay"] * relays + ["produce"] * producers
        chance.shuffle(victims)
        _await_events(database)
        for victim in victims:
            time.sleep(0.2 + chance.random() * 0.8)
            _replace(database, victim, working if victim == "relay" else writing, chance)
        _end(writing)
        _drain(database)
        _end(working)
        _judge(database, outcome)
    outcome.counts.update(relays_killed=relays, producers_killed=producers)
    return outcome


def _start(database: Cluster, kind: str) -> "subprocess.Popen[str]":
    return database.run("-m", "faults.deliverer", kind)


def _await_events(database: Cluster) -> None:
    """Wait until the producers write, which takes long on a busy machine."""
    for _ in range(600):
        if database.query("SELECT count(*) FROM outbox_event") != [(0,)]:
            return
        time.sleep(0.1)


def _replace(database: Cluster, kind: str, processes: Processes, chance: random.Random) -> None:
    place = chance.randrange(len(processes))
    processes[place].kill()
    processes[place].wait()
    processes[place] = _start(database, kind)


def _end(processes: Processes) -> None:
    for process in processes:
        process.kill()
        process.wait()


def _drain(database: Cluster) -> None:
    """Wait until every event is delivered."""
    for _ in range(1200):
        left = database.query("SELECT count(*) FROM outbox_event WHERE delivered_at IS NULL")
        if left == [(0,)]:
            return
        time.sleep(0.1)


def _judge(database: Cluster, outcome: Outcome) -> None:
    ((events,),) = database.query("SELECT count(*) FROM outbox_event")
    ((effects,),) = database.query("SELECT count(*) FROM faults_effect")
    ((repeated,),) = database.query("SELECT count(*) FROM outbox_event WHERE attempts > 1")
    lost = database.query(
        "SELECT id FROM outbox_event WHERE delivered_at IS NULL"
        " OR id NOT IN (SELECT event_id FROM faults_effect)"
    )
    disorder = database.query(
        "SELECT 1 FROM (SELECT position, lag(position) OVER (PARTITION BY aggregate_id"
        " ORDER BY number) AS before FROM faults_effect JOIN outbox_event ON id = event_id)"
        " AS made WHERE before > position"
    )
    unwritten = database.query(
        "SELECT id FROM audit_entry FULL JOIN outbox_event USING (id)"
        " WHERE audit_entry.txid IS NULL OR outbox_event.position IS NULL"
    )
    outcome.counts.update(events=events, effects=effects, delivered_again=repeated)
    outcome.expect(not lost, f"{len(lost)} events are lost")
    outcome.expect(effects == events, f"{events} events had {effects} effects")
    outcome.expect(not disorder, f"{len(disorder)} effects are out of order")
    outcome.expect(not unwritten, f"{len(unwritten)} entries and events do not agree")
