"""Threads whose work can wait."""

import os
import sys
import threading
from contextlib import suppress

# Above that of whoever starts them: of a core that others want too, some tenth is left.
NICENESS = 10


def let_others_go_first() -> None:
    """Give this thread, and those that are started from it, less of a core that others want."""
    # On Linux a thread has a priority of its own; elsewhere the number could be a process's.
    if sys.platform == "linux":
        with suppress(OSError):
            thread = threading.get_native_id()
            niceness = os.getpriority(os.PRIO_PROCESS, thread) + NICENESS
            os.setpriority(os.PRIO_PROCESS, thread, niceness)
