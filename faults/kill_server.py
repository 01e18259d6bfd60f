"""Kills PostgreSQL during imports: each acknowledged import must be there, once and complete."""

import random
import subprocess
import threading
import time
from collections import Counter

from faults.cluster import Cluster, cluster
from faults.files import FILES, contents, expected
from faults.outcome import Outcome

IMPORTERS = 2


def kill_server(rounds: int, seed: int) -> Outcome:
    """Kill the server at random moments."""
    chance, outcome, told = random.Random(seed), Outcome(), Counter[str]()  # noqa: S311
    with cluster() as database:
        database.run("-m", "faults.importer", "register").wait()
        importers = [_importer(database, told, number, seed) for number in range(IMPORTERS)]
        for _ in range(rounds):
            time.sleep(0.05 + chance.random() * 0.4)
            database.kill()
            database.start()
        for process, reader in importers:
            process.terminate()
            reader.join()
            process.wait()
        database.run("-m", "faults.importer", "all").wait()
        _judge(database, outcome, told)
    outcome.counts["kills"] = rounds
    return outcome


def _importer(
    database: Cluster, told: Counter[str], number: int, seed: int
) -> "tuple[subprocess.Popen[str], threading.Thread]":
    """Start a process that imports for ever, and count its results."""
    arguments = ("-m", "faults.importer", "forever", str(seed + number))
    process = database.run(*arguments, stdout=subprocess.PIPE)

    def read() -> None:
        assert process.stdout
        with process.stdout as lines:
            told.update(line.strip() for line in lines)

    reader = threading.Thread(target=read)
    reader.start()
    return process, reader


def _judge(database: Cluster, outcome: Outcome, told: Counter[str]) -> None:
    imports = {str(row[0]) for row in database.query("SELECT id FROM ledger_import")}
    done = {line.split()[1] for line in told if line.startswith("imported")}
    outcome.counts.update(
        told_done=sum(n for line, n in told.items() if line.startswith("imported")),
        told_unknown=told["unknown"],
        told_unavailable=told["unavailable"],
        imports=len(imports),
    )
    outcome.expect(done <= imports, f"{len(done - imports)} acknowledged imports are missing")
    judge_rows(database, outcome)
    wanted = set().union(*(expected(content) for content in contents()))
    outcome.expect(
        outcome.counts["rows"] == len(wanted), f"{len(wanted) - outcome.counts['rows']} are lost"
    )
    _judge_trail(database, outcome)


def judge_rows(database: Cluster, outcome: Outcome) -> None:
    """Check that every row is from a file and exists once, and that imports are complete."""
    rows = database.query(
        "SELECT number, provider_id, count(*) FROM ledger_transaction"
        " JOIN ledger_account ON ledger_account.id = account_id GROUP BY number, provider_id"
    )
    found = {(number, provider_id) for number, provider_id, _ in rows}
    possible = set().union(*(expected(content) for content in contents()))
    outcome.counts.update(rows=len(found), files=FILES)
    outcome.expect(found <= possible, f"{len(found - possible)} rows came from nowhere")
    doubled = [row for row in rows if row[2] != 1]
    outcome.expect(not doubled, f"{len(doubled)} rows are doubled")
    torn = database.query(
        "SELECT import_id FROM ledger_statement GROUP BY import_id"
        " HAVING sum(new + same + updates + conflict + deleted) <>"
        " (SELECT coalesce(sum(cardinality(lines)), 0) FROM ledger_imported_rows AS s"
        " WHERE s.import_id = ledger_statement.import_id)"
    )
    outcome.expect(not torn, f"{len(torn)} imports are torn")


def _judge_trail(database: Cluster, outcome: Outcome) -> None:
    """Audit and outbox tell of the imports that are there, of each once, and of no others."""
    apart = database.query(
        "SELECT ledger_import.id, entry.id, event.id FROM ledger_import"
        " FULL JOIN (SELECT * FROM audit_entry WHERE action = 'statement.imported'"
        " AND result = 'success') AS entry ON entry.resource_id = ledger_import.id"
        " FULL JOIN (SELECT * FROM outbox_event WHERE type = 'statement.imported') AS event"
        " ON event.id = entry.id"
        " WHERE ledger_import.id IS NULL OR entry.id IS NULL OR event.id IS NULL"
    )
    outcome.expect(not apart, f"{len(apart)} imports, entries and events do not agree")
