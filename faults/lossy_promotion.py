"""A standby that lagged is promoted: what was lost is found, recorded, and then missed no more."""

import subprocess

from adapters.persistence.roles import Role
from faults.failover import Dashtam
from faults.outcome import Outcome
from faults.pair import Pair, pair, wait_until

IMPORTS = 20


def lossy_promotion(times: int, seed: int) -> Outcome:
    """Lose acknowledged work on purpose, so often; `seed` decides nothing here."""
    outcome = Outcome()
    with pair() as servers, Dashtam(servers) as dashtam:
        dashtam.begin()
        dashtam.await_acknowledged(IMPORTS)
        for _ in range(times):
            servers.add_standby()
            cursor = _lose(dashtam, outcome)
            _record(dashtam, outcome, cursor)
        dashtam.finish()
    outcome.counts["promotions"] = times
    return outcome


def _lose(dashtam: Dashtam, outcome: Outcome) -> str:
    """Have work acknowledged that the standby never receives; return a cursor from before."""
    servers = dashtam.servers
    _part(servers)
    dashtam.await_acknowledged(IMPORTS)
    seen = dashtam.client.get("/api/v1/changes?limit=500")[1]
    ((last,),) = servers.query("SELECT max(number) FROM audit_checkpoint")
    _await_checkpoint(servers, last)
    told = {import_id for _, import_id, _ in dashtam.acknowledged}
    servers.primary.kill()
    servers.promote()
    dashtam.await_acknowledged(IMPORTS)
    there = {str(row[0]) for row in servers.query("SELECT id FROM ledger_import")}
    outcome.counts["lost"] = outcome.counts.get("lost", 0) + len(told - there)
    outcome.expect(len(told - there) > 0, "nothing was lost: the lane tests nothing")
    kinds = {finding["kind"] for finding in dashtam.verify()["findings"]}
    outcome.expect(kinds == {"witness"}, f"audit verify found {kinds or 'nothing'}")
    return str(seen["next_cursor"])


def _part(servers: Pair) -> None:
    """Let the primary wait for nobody, and the standby receive nothing."""
    servers.primary.query("ALTER SYSTEM SET synchronous_standby_names = ''")
    servers.primary.query("SELECT pg_reload_conf()")
    servers.standby.query("ALTER SYSTEM SET primary_conninfo = ''")
    servers.standby.query("SELECT pg_reload_conf()")
    streaming = "SELECT 1 FROM pg_stat_replication"
    wait_until(lambda: not servers.primary.query(streaming), "the standby to be cut off")


def _record(dashtam: Dashtam, outcome: Outcome, cursor: str) -> None:
    """Do what operations say, and see that it is told once and alarms no more."""
    command = ("manage.py", "audit", "begin-history", "--after", "promotion")
    code = dashtam.run(*command, login=Role.OWNER, stdout=subprocess.DEVNULL).wait()
    outcome.expect(code == 0, f"audit begin-history ended with {code}")
    ((last,),) = dashtam.servers.query("SELECT max(number) FROM audit_checkpoint")
    _await_checkpoint(dashtam.servers, last + 1)
    report = dashtam.verify()
    outcome.expect(report["clean"], f"audit verify: {report['findings'][:3]}")
    notes = [note for note in report["notes"] if "promotion" in note]
    outcome.expect(bool(notes) and "none" not in notes[-1], f"audit verify told {notes}")
    status, problem = dashtam.client.get(f"/api/v1/changes?cursor={cursor}")
    outcome.expect(status == 409, f"an old cursor was answered with {status}")
    outcome.expect(
        status != 409 or problem["type"].endswith("history-changed"), f"and with {problem}"
    )


def _await_checkpoint(servers: Pair, number: int) -> None:
    """Wait until the sealer has sealed, and told, more than this."""
    statement = "SELECT max(number) FROM audit_checkpoint"
    wait_until(lambda: servers.query(statement) > [(number + 1,)], "checkpoints")
