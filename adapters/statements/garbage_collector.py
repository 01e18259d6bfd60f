"""Disables the garbage collector while a file is read: readers create many objects, no cycles."""

import gc
from threading import Lock
from types import TracebackType


class GcDisabled:
    """Disables the garbage collector while at least one thread is inside the `with` block."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._within = 0
        self._was_enabled = False

    def __enter__(self) -> None:
        with self._lock:
            if not self._within:
                self._was_enabled = gc.isenabled()
                gc.disable()
            self._within += 1

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._within -= 1
            if not self._within and self._was_enabled:
                gc.enable()


#: Shared by all readers, because the collector belongs to the process.
gc_disabled = GcDisabled()
