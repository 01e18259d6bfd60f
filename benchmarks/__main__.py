"""Measure, and compare with the limits: `make bench`. Each run is a process of its own."""

import json
import subprocess
import sys
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

HOSTILE = ("hostile_requests", 3)
WORKERS = ("workers", 3)
AGAIN = "again_to_first"
# No limit: more is better.
MANY = float("inf")


@dataclass(frozen=True)
class Figure:
    """A measured figure with its lower and upper limit."""

    name: str
    module: str
    size: int
    key: str
    most: float
    unit: str = "s"
    least: float = 0

    def keeps(self, value: float) -> bool:
        return self.least <= value <= self.most

    @property
    def limits(self) -> str:
        if self.most == MANY:
            return f"≥ {self.least:g} {self.unit}"
        most = f"{self.most:g} {self.unit}"
        return f"{self.least:g} – {most}" if self.least else f"≤ {most}"


FIGURES = [
    Figure("10,000 OFX rows read, CPU", "read", 10_000, "seconds", 0.5),
    Figure("100,000 OFX rows read, peak memory", "read", 100_000, "megabytes", 300, "MB"),
    Figure("10,000 OFX rows imported end to end", "imports", 10_000, "first", 3),
    Figure("the same 10,000 rows again, to the first time", "imports", 10_000, AGAIN, 0.05, "×"),
    Figure("100,000 OFX rows imported end to end", "imports", 100_000, "first", 30),
    Figure("the same 100,000 rows again, to the first time", "imports", 100_000, AGAIN, 0.05, "×"),
    Figure("100,000 OFX rows imported, peak memory", "imports", 100_000, "megabytes", 400, "MB"),
    Figure("10,000 rows imported, to a bare COPY of them", "imports", 10_000, "to_copy", 25, "×"),
    Figure("100,000 rows imported, to a bare COPY of them", "imports", 100_000, "to_copy", 25, "×"),
    Figure("10,000 rows undone", "imports", 10_000, "undo", 1.0),
    Figure("a user's year with files of 30 days", "size", 30, "megabytes", 13, "MB"),
    Figure("a user's year with files of 90 days", "size", 90, "megabytes", 16, "MB"),
    Figure("what imports state, 30 days", "size", 30, "bytes_a_row", 60, "bytes a row"),
    Figure("what imports state, 90 days", "size", 90, "bytes_a_row", 60, "bytes a row"),
    Figure("an account's year, synced four times a day", "syncs", 365, "megabytes", 10, "MB"),
    Figure("20 accounts of 60 rows synced without news, CPU", "syncs", 365, "sync_cpu", 1),
    Figure("ten idle runners of syncs", "syncs", 365, "waiting_a_second", 2, "statements/s"),
    Figure("rows as texts, to bulk_create", "writing", 10_000, "to_bulk_create", 0.5, "×"),
    Figure(
        "10,000 rows imported into 1,000,000, to into 10,000",
        "growth",
        1_000_000,
        "import_ratio",
        1.3,
        "×",
    ),
    Figure(
        "1,000,000 rows and 100 new ones compared with balances",
        "reconciliation",
        1_000_000,
        "daily_ms",
        50,
        "ms",
    ),
    Figure(
        "files of 90 days, one a day, compared with balances",
        "reconciliation",
        1_000_000,
        "overlapping_ms",
        1000,
        "ms",
    ),
    Figure(
        "a page of 50, first or thousandth, 1,000,000 rows or 10,000",
        "growth",
        1_000_000,
        "page_ratio",
        1.3,
        "×",
    ),
    Figure(
        "a page searched for in 1,000,000 rows, to a page of the account",
        "search",
        1_000_000,
        "page_ratio",
        1.5,
        "×",
    ),
    Figure("200 different words, p95 in the database", "search", 1_000_000, "p95_ms", 50, "ms"),
    Figure("100 rules over 100,000 transactions, previewed", "rules", 100_000, "preview", 5),
    Figure("the same, applied and undone: restored", "rules", 100_000, "restored", 1, "", 1),
    Figure("10,000 rows imported with rules, to without", "rules", 100_000, "import_ratio", 2, "×"),
    Figure("500 transactions edited at once", "search", 1_000_000, "edit_ms", 300, "ms"),
    Figure(
        "100 days of balances, 1,000,000 rows, one stated for each day",
        "balances",
        1_000_000,
        "daily_ms",
        150,
        "ms",
    ),
    Figure("the same, one stated before all of them", "balances", 1_000_000, "once_ms", 1000, "ms"),
    Figure("100,000 transactions exported, slowest format", "exports", 100_000, "slowest", 10),
    Figure("the same, peak memory", "exports", 100_000, "megabytes", 300, "MB"),
    Figure(
        "everything of 100,000 transactions handed out, CPU",
        "personal_export",
        100_000,
        "exported",
        20,
    ),
    Figure("the same, peak memory", "personal_export", 100_000, "megabytes", 300, "MB"),
    Figure("the same, erased", "personal_export", 100_000, "erased", 30),
    Figure("known, unknown, unverified, closed: CPU", "enumeration", 40, "least", MANY, "×", 0.9),
    Figure("the same", "enumeration", 40, "most", 1.1, "×"),
    Figure("/health/live while 50 log in, slowest", "answering", 50, "slowest", 100, "ms"),
    Figure("a letter behind ten imports of 1.1 MB, slowest", "lanes", 1_100_000, "slowest", 2),
    Figure("one hostile request of nobody's, the worst: CPU", *HOSTILE, "cpu_ms", 50, "ms"),
    Figure("the same, /health/live meanwhile", *HOSTILE, "health_ms", 100, "ms"),
    Figure("the same, answered with 5xx", *HOSTILE, "defects", 0, "answers"),
    Figure("accounts while another user floods, to before", "bulkhead", 40, "times", 3, "×"),
    Figure(
        "the same, answers of /health/ready that are not 200", "bulkhead", 40, "not_ready", 0, ""
    ),
    *(
        Figure(
            f"two processes, of what the cores allow: {kind}",
            *WORKERS,
            f"{kind}_reached",
            MANY,
            "×",
            0.9,
        )
        for kind in ("page", "profile", "feed", "import")
    ),
    Figure("entries sealed", "audit", 100_000, "sealed", MANY, "/s", 50_000),
    Figure("entries verified", "audit", 100_000, "verified", MANY, "/s", 40_000),
    Figure(
        "import of 10,000 rows: with audit, outbox and net to without",
        "overhead",
        10_000,
        "ratio",
        1.3,
        "×",
    ),
    Figure("/health/live to FastAPI's, CPU", "requests", 3, "live_ratio", 1.3, "×"),
    Figure("own profile, CPU", "requests", 3, "ours_profile_ms", 1.2, "ms"),
    Figure(
        "a page of 50, to FastAPI with the same promises, CPU",
        "requests",
        3,
        "page_ratio",
        0.9,
        "×",
    ),
    Figure("the same, CPU of PostgreSQL", "requests", 3, "page_database_ratio", 1.2, "×"),
    Figure("/changes of 100, CPU", "requests", 3, "ours_changes_ms", 8, "ms"),
    Figure("unit of work to SQLAlchemy's, CPU, 1 at once", "unit_of_work", 15, "ratio_1", 0.9, "×"),
    Figure(
        "unit of work to SQLAlchemy's, CPU, 16 at once", "unit_of_work", 15, "ratio_16", 0.9, "×"
    ),
]


def main() -> int:
    measured = {run: _measure(*run) for run in {(each.module, each.size) for each in FIGURES}}
    table = Table("Figure")
    for heading in ("Measured", "Limits", "Verdict"):
        table.add_column(heading, justify="right")
    missed = 0
    for each in FIGURES:
        value = measured[each.module, each.size][each.key]
        missed += not each.keeps(value)
        verdict = "[green]kept[/green]" if each.keeps(value) else "[red]missed[/red]"
        table.add_row(each.name, f"{value:,.2f} {each.unit}", each.limits, verdict)
    Console().print(table)
    return 1 if missed else 0


def _measure(module: str, size: int) -> dict[str, float]:
    command = [sys.executable, "-m", f"benchmarks.{module}", str(size)]
    # Benchmarks with limits of their own exit with 1 if one is missed, and print the figures too.
    ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    sys.exit(main())
