"""Shared by the contenders. It runs in both environments, so it imports no package of either."""

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import TypeAlias

import uvloop

from benchmarks.unit_of_work.rows import TOTAL, Row, rows_of_new_user

POOL_SIZE = 20

#: Writes the rows, reads those of their user, commits, and returns the sum of what was read.
Unit: TypeAlias = Callable[[list[Row]], Awaitable[Decimal]]

#: What a contender is: its unit, for a database's URL, while its connections are open.
Opened: TypeAlias = Callable[[str], AbstractAsyncContextManager[Unit]]


def serve(opened: Opened) -> None:
    """Run each round that is requested on stdin, until stdin ends."""
    url, core = sys.argv[1:]
    if hasattr(os, "sched_setaffinity"):
        # Before any thread is started: threads inherit it.
        os.sched_setaffinity(0, {int(core)})
    uvloop.run(_answer_rounds(opened, url))


async def _answer_rounds(opened: Opened, url: str) -> None:
    async with opened(url) as unit:
        # Reading holds up the event loop, which has nothing to do between rounds.
        for line in sys.stdin:
            print(json.dumps(await _measure(unit, **json.loads(line))), flush=True)


async def _measure(unit: Unit, units: int, at_once: int) -> dict[str, float]:
    """Return milliseconds per unit: of CPU, all threads of this process together, and of time."""
    share = units // at_once
    work = [[rows_of_new_user() for _ in range(share)] for _ in range(at_once)]
    gc.collect()
    began, began_cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_run(unit, some) for some in work))
    cpu, wall = time.process_time() - began_cpu, time.perf_counter() - began
    return {"cpu": 1000 * cpu / units, "wall": 1000 * wall / units}


async def _run(unit: Unit, work: Iterable[list[Row]]) -> None:
    for rows in work:
        if await unit(rows) != TOTAL:
            raise RuntimeError("a unit of work did not read what it wrote")
