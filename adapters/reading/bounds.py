"""What one file may use of the machine: the limits that a worker puts itself under."""

import math
import os
import resource
import signal
from contextlib import suppress
from pathlib import Path

_PAGE = resource.getpagesize()
_STATM = Path("/proc/self/statm")
#: Seconds of CPU after which a worker is replaced, however well it does.
LIFETIME = 300
# Of the memory that a file may take, what a worker may keep when it is done with one.
_KEPT = 0.25


class Bounds:
    """Limits of CPU for each file, and of memory above what the idle process has."""

    def __init__(self, seconds: int, memory: int) -> None:
        self._seconds, self._memory = seconds, memory
        self._idle = _size()
        # What is personal must not end up in a file that the system writes of a crash.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        self._hard = _hard_limit(LIFETIME + 2 * seconds)
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        self.limits_memory = self._limit_memory()

    def begin(self) -> None:
        """Allow the next file its seconds, whatever those before it took."""
        soft = min(math.floor(_cpu_seconds()) + self._seconds, self._hard)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, self._hard))

    @property
    def worn(self) -> bool:
        """Whether the process has kept too much of what it read, or has worked long enough."""
        kept = (_size() or 0) - (self._idle or 0)
        return kept > self._memory * _KEPT or _cpu_seconds() > LIFETIME

    def _limit_memory(self) -> bool:
        """Limit memory above what an idle process has, if the system does that."""
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
    """Return the bytes of the address space, where the system tells."""
    try:
        return int(_STATM.read_text().split()[0]) * _PAGE
    except OSError:
        return None


def _cpu_seconds() -> float:
    used = os.times()
    return used.user + used.system
