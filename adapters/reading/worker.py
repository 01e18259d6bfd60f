"""The process that reads files, one after the other, until the server closes its pipe.

It starts without anything of the server's: no settings, no keys, no connection (`process.py`).
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

# Objects that remain after a file and make a collection of cycles worthwhile.
_MANY = 2_000
# Bytes that a pipe can hold.
_PIECE = 64 * 1024


def serve(source: BinaryIO, sink: BinaryIO, work: Work, bounds: Bounds) -> None:
    """Serve requests until there are no more, or until this process should be replaced."""
    read = exactly(source)
    is_reusable = True
    while is_reusable:
        try:
            task, hints, content = _request(read)
        except EOFError:
            return
        try:
            with bounds.limited():
                work(task, hints, content, sink.write)
            is_reusable = not bounds.is_worn_out
            tag, message = END, "" if is_reusable else "worn"
        except MemoryError:
            is_reusable, tag, message = False, MEMORY, ""
        except Exception as error:  # noqa: BLE001  # the server raises it, and this process ends
            is_reusable, tag, message = False, DEFECT, _location(error)
        del task, hints, content
        send_frame(sink.write, tag, message.encode())
        sink.flush()
        if gc.get_count()[0] > _MANY:
            gc.collect()


def _request(read: Callable[[int], bytes]) -> tuple[Task, ReadingHints, bytes]:
    task: Task = json.loads(read_frame(read)[1])
    hints: ReadingHints = read_value(ReadingHints, iter(task["hints"]))
    content = b"".join(read_frame(read)[1] for _ in range(task["frames"]))
    return task, hints, content


def _location(error: Exception) -> str:
    """Return the type and location of an error, without its message, which may quote the file."""
    frames = traceback.extract_tb(error.__traceback__)
    places = (f"{each.filename}:{each.lineno} {each.name}" for each in frames[-5:])
    return " < ".join([type(error).__name__, *reversed(list(places))])


def main() -> None:
    settings = json.loads(sys.argv[1])
    # Small contents go through the pipe at once, because each write wakes the other side.
    source, sink = os.fdopen(os.dup(0), "rb", _PIECE), os.fdopen(os.dup(1), "wb", _PIECE)
    # Anything that prints must not disturb the frames in the pipes.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    os.nice(settings["nice"])
    if hasattr(os, "sched_setaffinity"):
        # The server may be bound to one core, which this process should not share.
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    work = Work(settings["max_rows"])
    bounds = Bounds(settings["seconds"], settings["memory"])
    # Reading creates no cycles; any that remain are collected between two files.
    gc.disable()
    gc.freeze()
    started = json.dumps({"limits_memory": bounds.limits_memory})
    send_frame(sink.write, END, started.encode())
    sink.flush()
    # If the server has gone, nobody waits for the response.
    with suppress(BrokenPipeError):
        serve(source, sink, work, bounds)
