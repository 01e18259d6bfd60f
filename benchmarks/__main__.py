"""Measure, and compare with the limits: `make bench`. Each run is a process of its own."""

import json
import subprocess
import sys
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """Something that is measured, and what it may be at most."""

    name: str
    module: str
    rows: int
    key: str
    limit: float
    unit: str


FIGURES = [
    Figure("10,000 OFX rows read, CPU", "read", 10_000, "seconds", 0.5, "s"),
    Figure("100,000 OFX rows read, peak memory", "read", 100_000, "megabytes", 300, "MB"),
    Figure("10,000 OFX rows imported end to end", "imports", 10_000, "first", 10, "s"),
    Figure("the same 10,000 rows imported again", "imports", 10_000, "again", 10, "s"),
]


def main() -> int:
    measured = {run: _measure(*run) for run in {(each.module, each.rows) for each in FIGURES}}
    table = Table("Figure")
    for heading in ("Measured", "At most", "Verdict"):
        table.add_column(heading, justify="right")
    missed = 0
    for each in FIGURES:
        value = measured[each.module, each.rows][each.key]
        missed += value > each.limit
        verdict = "[red]missed[/red]" if value > each.limit else "[green]kept[/green]"
        limit = f"{each.limit:g} {each.unit}"
        table.add_row(each.name, f"{value:.2f} {each.unit}", limit, verdict)
    Console().print(table)
    return 1 if missed else 0


def _measure(module: str, rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", f"benchmarks.{module}", str(rows)]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float] = json.loads(ended.stdout)
    return figures


if __name__ == "__main__":
    sys.exit(main())
