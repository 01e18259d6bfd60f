"""The process that reads files: one after the other, until nobody asks any more.

It is started with nothing of the server's: no settings, no keys, no connection (`process.py`).
"""

import gc
import json
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from adapters.reading.bounds import Bounds
from adapters.reading.columns import read_value
from adapters.reading.frames import (
    DEFECT,
    END,
    MEMORY,
    exactly,
    read_frame,
    send_frame,
)
from adapters.reading.work import Task, Work
from domain.ledger.hints import ReadingHints

# Objects that are left of a file and may be a cycle.
_MANY = 2_000
# Bytes that a pipe holds.
_PIECE = 64 * 1024


def serve(source: BinaryIO, sink: BinaryIO, work: Work, bounds: Bounds) -> None:
    """Answer until there is nothing more to read, or until this process should be replaced."""
    take = exactly(source)
    going_on = True
    while going_on:
        try:
            task, hints, content = _request(take)
        except EOFError:
            return
        bounds.begin()
        try:
            work(task, hints, content, sink.write)
            going_on = not bounds.worn
            tag, told = END, "" if going_on else "worn"
        except MemoryError:
            going_on, tag, told = False, MEMORY, ""
        except Exception as error:  # noqa: BLE001  # the server raises it, and this process ends
            going_on, tag, told = False, DEFECT, _where(error)
        del task, hints, content
        send_frame(sink.write, tag, told.encode())
        sink.flush()
        if gc.get_count()[0] > _MANY:
            gc.collect()


def _request(take: Callable[[int], bytes]) -> tuple[Task, ReadingHints, bytes]:
    task: Task = json.loads(read_frame(take)[1])
    hints: ReadingHints = read_value(ReadingHints, iter(task["hints"]))
    content = b"".join(read_frame(take)[1] for _ in range(task["frames"]))
    return task, hints, content


def _where(error: Exception) -> str:
    """Return what happened where, without the words of the error: these may be the file's."""
    frames = traceback.extract_tb(error.__traceback__)
    places = (f"{each.filename}:{each.lineno} {each.name}" for each in frames[-5:])
    return " < ".join([type(error).__name__, *reversed(list(places))])


def main() -> None:
    given = json.loads(sys.argv[1])
    # What is small goes through in one piece: each wakes the other side.
    source, sink = os.fdopen(os.dup(0), "rb", _PIECE), os.fdopen(os.dup(1), "wb", _PIECE)
    # Nothing but frames goes through the pipes, whoever prints.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    os.nice(given["nice"])
    if hasattr(os, "sched_setaffinity"):
        # The server is bound to one core: this should not share it.
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    work = Work(given["max_rows"])
    bounds = Bounds(given["seconds"], given["memory"])
    # Reading makes no cycles; what is left of any is collected between two files.
    gc.disable()
    gc.freeze()
    told = json.dumps({"limits_memory": bounds.limits_memory})
    send_frame(sink.write, END, told.encode())
    sink.flush()
    # The server has gone, and nobody waits for the answer.
    with suppress(BrokenPipeError):
        serve(source, sink, work, bounds)
