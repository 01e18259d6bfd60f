"""Run all fault lanes, or one of them: `python -m faults kill_server --times 20 --seed 7`."""

import argparse
import secrets
import sys
import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from faults.failover import failover
from faults.fuzz import fuzz
from faults.hostile_files import hostile_files_lane
from faults.kill_background import kill_background
from faults.kill_daily import kill_daily
from faults.kill_erasing import kill_erasing
from faults.kill_relays import kill_relays
from faults.kill_server import kill_server
from faults.kill_syncs import kill_syncs
from faults.lossy_promotion import lossy_promotion
from faults.outcome import Outcome
from faults.slow_clients import slow_clients

#: The default number of faults of each lane, and its function.
LANES: dict[str, tuple[int, Callable[[int, int], Outcome]]] = {
    "hostile_files": (1, hostile_files_lane),
    "kill_server": (200, kill_server),
    "kill_daily": (200, kill_daily),
    "kill_background": (200, kill_background),
    "kill_erasing": (30, kill_erasing),
    "kill_syncs": (30, kill_syncs),
    "fuzz": (20_000, lambda times, seed: fuzz(times, times // 10, seed)),
    "slow_clients": (100, slow_clients),
    "failover": (10, failover),
    "lossy_promotion": (2, lossy_promotion),
    "kill_relays": (200, lambda times, seed: kill_relays(times, times * 30 // 200, seed)),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lane", nargs="?", choices=LANES)
    parser.add_argument("--times", type=int)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**8))
    options = parser.parse_args()
    console = Console()
    console.print(f"Seed {options.seed}: repeat this run with --seed {options.seed}.")
    failed = 0
    for name in [options.lane] if options.lane else LANES:
        times, lane = LANES[name]
        began = time.monotonic()
        outcome = lane(options.times or times, options.seed)
        console.print(_table(name, outcome, time.monotonic() - began))
        failed += bool(outcome.problems)
    return 1 if failed else 0


def _table(name: str, outcome: Outcome, seconds: float) -> Table:
    table = Table(title=f"{name}, {seconds:.0f} s")
    table.add_column("")
    table.add_column("", justify="right")
    for what, count in outcome.counts.items():
        table.add_row(what.replace("_", " "), f"{count:,}")
    for problem in outcome.problems or ["none"]:
        table.add_row("problem", problem)
    return table


if __name__ == "__main__":
    sys.exit(main())
