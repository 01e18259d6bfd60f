"""Resource limits that a worker sets for itself."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PAGE = resource.getpagesize()
_STATM = Path("/proc/self/statm")
#: Seconds of CPU after which a worker is replaced in any case.
LIFETIME = 300
# The share of a file's memory limit that a worker may retain after reading it.
_RETAINED = 0.25


class Bounds:
    """Limits the CPU time of each file, and the memory above that of the idle process."""

    def __init__(self, seconds: int, memory: int) -> None:
        self._seconds, self._memory = seconds, memory
        self._idle = _size()
        # A core dump would contain personal data.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        most = _hard_limit(LIFETIME + 2 * seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (most, most))
        for limit in (signal.SIGPROF, signal.SIGXCPU):
            signal.signal(limit, signal.SIG_DFL)
        self.limits_memory = self._limit_memory()

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Grant a file its CPU time, regardless of what earlier files used.

        The timer counts the process's CPU time in microseconds. `RLIMIT_CPU` counts whole seconds
        since the process began, so that a file would lose what remains of the current second.
        """
        signal.setitimer(signal.ITIMER_PROF, self._seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    @property
    def is_worn_out(self) -> bool:
        """Whether the process retains too much memory, or has used its lifetime of CPU."""
        retained = (_size() or 0) - (self._idle or 0)
        return retained > self._memory * _RETAINED or _cpu_seconds() > LIFETIME

    def _limit_memory(self) -> bool:
        """Limit the memory above that of the idle process; return whether the system allows it."""
        if self._idle is None:
            return False
        most = self._idle + self._memory
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
            return True
        return False


def _hard_limit(seconds: int) -> int:
    _, allowed = resource.getrlimit(resource.RLIMIT_CPU)
    return seconds if allowed == resource.RLIM_INFINITY else min(seconds, allowed)


def _size() -> int | None:
    """Return the size of the address space in bytes, or None if the system does not report it."""
    try:
        return int(_STATM.read_text().split()[0]) * _PAGE
    except OSError:
        return None


def _cpu_seconds() -> float:
    used = os.times()
    return used.user + used.system
