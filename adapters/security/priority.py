"""The priority of threads whose work can wait."""

import os
import sys
import threading
from contextlib import suppress

# Added to the niceness of the starting thread: about a tenth of a contended core remains.
NICENESS = 10


def lower_priority() -> None:
    """Lower the priority of this thread and of those that it starts."""
    # On Linux threads have their own priority; elsewhere this could affect the whole process.
    if sys.platform == "linux":
        with suppress(OSError):
            thread = threading.get_native_id()
            niceness = os.getpriority(os.PRIO_PROCESS, thread) + NICENESS
            os.setpriority(os.PRIO_PROCESS, thread, niceness)
