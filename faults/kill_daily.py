"""Kills importers of daily files at any step: the resulting ledger must always be the same."""

import json
import random
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from faults.cluster import Cluster, cluster
from faults.daily_files import Day, daily_files, missable, real_files
from faults.outcome import Outcome

WORKERS = 2
#: How often importers are killed while all files are imported once more, by both workers.
KILLS_A_ROUND = 20
WHOLE = "whole@example.org"

ROWS = """
SELECT number, booking_date, amount, t.currency, encode(fingerprint, 'hex'), occurrence, status
FROM ledger_transaction AS t
JOIN ledger_account AS a ON a.id = t.account_id
JOIN identity_user AS u ON u.id = t.user_id
WHERE u.email = %s AND t.removal IS NULL
ORDER BY 1, 2, 3, 5, 6
"""
RESUBMITTED = """
SELECT count(*) FROM audit_entry AS e JOIN identity_user AS u ON u.id = e.actor_id
WHERE u.email = %s AND e.action = 'statement.resubmitted'
"""
RECONCILIATIONS = """
SELECT reconciliation, opening IS NOT NULL AND closing IS NOT NULL, count(*) FROM ledger_statement
GROUP BY 1, 2
"""


class Importer:
    """A process whose children import files; it executes one order after another."""

    def __init__(self, database: Cluster) -> None:
        command = ("-m", "faults.daily_importer")
        self._process = database.run(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def order(self, kind: str, **given: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps([kind, given]) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self._process.stdout
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def request(self, kind: str, **given: Any) -> dict[str, Any]:
        self.order(kind, **given)
        return self.answer()

    def end(self) -> None:
        self._process.communicate()


@dataclass
class Lane:
    """The files, the importers, and the ledger that undisturbed imports create."""

    database: Cluster
    files: Sequence[bytes]
    importers: Sequence[Importer]
    chance: random.Random
    outcome: Outcome
    expected: tuple[list[tuple[Any, ...]], dict[str, Any]] = field(default_factory=lambda: ([], {}))

    @property
    def places(self) -> list[int]:
        return list(range(len(self.files)))

    def ledger(self, email: str) -> tuple[list[tuple[Any, ...]], dict[str, Any]]:
        """Return all rows of a user, and the continuity of their statements."""
        return self.database.query(ROWS, email), self.importers[0].request("judge", email=email)

    def bring(self, email: str, places: Sequence[int]) -> None:
        """Import files for a new user, undisturbed."""
        self.importers[0].request("register", email=email)
        told = self.importers[0].request("whole", email=email, places=list(places))
        self.outcome.expect(told == {"told": len(places)}, "an undisturbed import failed")

    def bring_all(self) -> None:
        self.bring(WHOLE, self.places)
        self.expected = self.ledger(WHOLE)
        rows, told = self.expected
        gaps = [kind for each in told.values() for kind, *_ in each["breaks"] if kind == "gap"]
        self.outcome.counts.update(rows=len(rows), accounts=len(told))
        self.outcome.counts["links"] = sum(each["links"] for each in told.values())
        self.outcome.expect(not gaps, "the files do not follow one another")

    def kill_at_random(self, kills: int) -> None:
        """Import all files with two importers at once, and kill them at random."""
        struck = rounds = 0
        while struck < kills:
            rounds += 1
            email = f"killed-{rounds}@example.org"
            self.importers[0].request("register", email=email)
            share = max(min(KILLS_A_ROUND, kills - struck) // len(self.importers), 1)
            for importer in self.importers:
                seed = self.chance.randrange(10**8)
                given = {"places": self.places, "kills": share, "seed": seed}
                importer.order("killed", email=email, **given)
            struck += sum(importer.answer()["kills"] for importer in self.importers)
            self.expect_the_same(email)
        self.outcome.counts.update(killed_at_random=struck, rounds=rounds)

    def kill_at_each_step(self, count: int) -> None:
        """Kill the import of some files at each step; import the others before, undisturbed."""
        some = sorted(self.chance.sample(self.places, min(count, len(self.files))))
        email = "stepped@example.org"
        self.bring(email, [place for place in self.places if place not in some])
        kills = self.importers[0].request("stepped", email=email, places=some)["kills"]
        ((committed,),) = self.database.query(RESUBMITTED, email)
        self.outcome.counts.update(stepped_files=len(some), killed_at_a_step=kills)
        self.outcome.counts["of_them_after_the_commit"] = committed
        self.outcome.expect(kills > 10 * len(some), "the steps were not counted")
        self.outcome.expect(committed >= len(some), "the commit was no step")
        self.expect_the_same(email)

    def expect_the_same(self, email: str) -> None:
        self.outcome.expect(self.ledger(email) == self.expected, f"{email}: another ledger")

    def leave_one_out(self) -> None:
        """Leave a file out: the gap between balances must be reported with days and difference."""
        possible = missable(self.files)
        place = self.chance.choice(sorted(possible))
        email = "missing@example.org"
        self.bring(email, [each for each in self.places if each != place])
        _, told = self.ledger(email)
        named = {account: each["breaks"] for account, each in told.items()}
        before = {account: each["breaks"] for account, each in self.expected[1].items()}
        new = {account: _without(named[account], before[account]) for account in named}
        missed = {day.account: day for day in possible[place]}
        self.outcome.counts["gaps_where_a_file_is_left_out"] = len(missed)
        others = [account for account, breaks in new.items() if breaks and account not in missed]
        self.outcome.expect(not others, "a gap is named where there is none")
        for account, day in missed.items():
            self.outcome.expect(_names(new[account], day), f"file {place}: the gap is not named")


def kill_daily(
    kills: int, seed: int, *, first: int | None = None, stepped: int | None = None
) -> Outcome:
    """Kill importers at random, and after each call of the database.

    `first` limits the files, and `stepped` those of them that are killed at each step.
    """
    outcome = Outcome()
    files = daily_files()[:first]
    outcome.counts.update(files=len(files), files_of_a_real_bank=len(real_files()[:first]))
    with cluster() as database:
        importers = [Importer(database) for _ in range(WORKERS)]
        lane = Lane(database, files, importers, random.Random(seed), outcome)  # noqa: S311
        lane.bring_all()
        lane.kill_at_random(kills)
        lane.kill_at_each_step(len(files) if stepped is None else stepped)
        lane.leave_one_out()
        for importer in importers:
            importer.end()
        _judge_reconciliations(database, outcome)
        _judge_trail(database, outcome)
    return outcome


def _without(breaks: Sequence[Any], before: Sequence[Any]) -> list[Any]:
    return [each for each in breaks if each not in before]


def _names(breaks: Sequence[Sequence[str]], missed: Day) -> bool:
    """Return whether there is one gap, with this day and its difference."""
    if len(breaks) != 1:
        return False
    ((kind, first, last, difference),) = breaks
    within = date.fromisoformat(first) <= missed.day <= date.fromisoformat(last)
    return kind == "gap" and within and float(difference.split()[0]) == float(missed.moved)


def _judge_reconciliations(database: Cluster, outcome: Outcome) -> None:
    counts = {(each, both): count for each, both, count in database.query(RECONCILIATIONS)}
    outcome.counts["balanced_statements"] = counts.pop(("balanced", True), 0)
    outcome.counts["statements_without_balances"] = counts.pop(("unknown", False), 0)
    outcome.expect(not counts, f"{sum(counts.values())} statements do not add up")


def _judge_trail(database: Cluster, outcome: Outcome) -> None:
    """Check that each row is recorded once, and each import once in audit trail and outbox."""
    torn = database.query(
        "SELECT import_id FROM ledger_statement GROUP BY import_id"
        " HAVING sum(new + same + updates + conflict + deleted) <>"
        " (SELECT coalesce(sum(cardinality(lines)), 0) FROM ledger_imported_rows AS s"
        " WHERE s.import_id = ledger_statement.import_id)"
    )
    outcome.expect(not torn, f"{len(torn)} imports are torn")
    ((imports, entries, events),) = database.query(
        "SELECT (SELECT count(*) FROM ledger_import),"
        " (SELECT count(*) FROM audit_entry JOIN ledger_import AS i ON i.id = resource_id"
        " WHERE action = 'statement.imported' AND result = 'success'),"
        " (SELECT count(*) FROM outbox_event WHERE type = 'statement.imported')"
    )
    outcome.counts["imports"] = imports
    outcome.expect(imports == entries == events, "imports, entries and events do not agree")
