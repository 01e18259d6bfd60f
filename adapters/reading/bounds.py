"""What one file may use of the machine: the limits that a worker puts itself under."""

import math
import os
import resource
import signal
from contextlib import suppress
from pathlib import Path

_PAGE = resource.getpagesize()
_STATM = Path("/proc/self/statm")
#: Bytes of a file that has to do with what is said of all. A larger one, which the settings may
#: allow, gets as many more seconds, and of memory what its bytes and their text take.
USUAL_SIZE = 10 * 1024 * 1024
_FOR_A_BYTE = 4
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
        self.limits_memory = self._limit_memory(self._memory)

    def begin(self, size: int) -> None:
        """Allow a file of so many bytes what it may take, whatever those before it took."""
        seconds = self._seconds * max(1, math.ceil(size / USUAL_SIZE))
        soft = min(math.floor(_cpu_seconds()) + seconds, self._hard)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, self._hard))
        if self.limits_memory:
            self._limit_memory(self._memory + _FOR_A_BYTE * max(0, size - USUAL_SIZE))

    @property
    def worn(self) -> bool:
        """Whether the process has kept too much of what it read, or has worked long enough."""
        kept = (_size() or 0) - (self._idle or 0)
        return kept > self._memory * _KEPT or _cpu_seconds() > LIFETIME

    def _limit_memory(self, memory: int) -> bool:
        """Limit memory above what an idle process has, if the system does that."""
        if self._idle is None:
            return False
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (self._idle + memory, hard))
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
