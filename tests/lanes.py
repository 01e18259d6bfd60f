"""How much a run does: the quick suite, all of it, or faults for long; seeds are reported."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import hypothesis

LONG = os.environ.get("FAULTS") == "long"

#: What chance is made from. `SEED=… make faults` plays a failure again.
SEED = int(os.environ.get("SEED") or (secrets.randbelow(10**8) if LONG else 20260314))

# No test measures time: a busy machine is no failure.
hypothesis.settings.register_profile("all", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=25)
hypothesis.settings.load_profile("all")

#: What the audit hook calls whatever starts a process.
STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system"}
#: Every import reads its file in such a process, which is reused: see `adapters.reading`.
READER = "worker.main()"


def many(short: int, long: int) -> int:
    """Return how often something is done in this run."""
    return long if LONG else short


def examples(count: int) -> hypothesis.settings:
    """Try a property on so many examples, or on as few as all others in a quick run."""
    if hypothesis.settings.get_current_profile_name() == "quick":
        count = min(count, hypothesis.settings().max_examples)
    return hypothesis.settings(max_examples=count)


class ProcessGuard:
    """Refuses to start a process while a test runs that is not in the slow lane."""

    def __init__(self) -> None:
        self._refused_to = ""
        sys.addaudithook(self._hear)

    @contextmanager
    def refusing(self, test: str) -> Iterator[None]:
        self._refused_to = test
        try:
            yield
        finally:
            self._refused_to = ""

    @contextmanager
    def allowing(self) -> Iterator[None]:
        """Let the run start what it needs itself."""
        refused_to, self._refused_to = self._refused_to, ""
        try:
            yield
        finally:
            self._refused_to = refused_to

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in STARTS and self._refused_to and READER not in str(arguments):
            raise AssertionError(f"{self._refused_to} starts a process: mark it slow")


processes = ProcessGuard()
