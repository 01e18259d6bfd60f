"""A network of slow clients. Its argument is a port; it reads a token and runs until stdin ends.

It keeps 50 stalled uploads and 50 unfinished headers open. Whoever is refused comes back at
once, which is sooner than they are told. At last it prints what it was answered.
"""

import json
import sys
import threading
from collections import Counter

from faults import live  # noqa: F401  (it names Django's settings)
from tests.e2e.wire import Wire, upload_head

STALLED, SLOW = 50, 50
SOURCE = "127.0.0.2"
ANNOUNCED, SENT = 6_000_000, 5_000_000
TICK_SECONDS = 0.5


class SlowNetwork:
    """The open connections, and the statuses of those that were closed."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._head = upload_head(token, ANNOUNCED)
        #: How much of each upload is still sent before it stalls.
        self._stalled: dict[Wire, int] = {}
        self._slow: list[Wire] = []
        self.statuses: Counter[str] = Counter()

    def go_on(self) -> None:
        """Send a byte of each header, and open anew what was ended."""
        self._stalled = {w: left for w, left in self._stalled.items() if not self._has_ended(w)}
        self._slow = [wire for wire in self._slow if not self._has_ended(wire)]
        while len(self._stalled) < STALLED:
            self._stalled[self._open(self._head)] = SENT
        while len(self._slow) < SLOW:
            self._slow.append(self._open(b"GET /health/live HTTP/1.1\r\nX-Slow: "))
        for wire, left in self._stalled.items():
            self._stalled[wire] -= wire.try_to_send(b"x" * left)
        for wire in self._slow:
            wire.try_to_send(b"x")

    def _open(self, sent: bytes) -> Wire:
        wire = Wire(self._port, SOURCE)
        wire.try_to_send(sent)
        return wire

    def _has_ended(self, wire: Wire) -> bool:
        said = wire.received_meanwhile
        if said is None:
            return False
        self.statuses[said[9:12].decode() or "closed"] += 1
        wire.close()
        return True


def _wait_for_the_end(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


def main() -> None:
    network = SlowNetwork(int(sys.argv[1]), sys.stdin.readline().strip())
    over = threading.Event()
    threading.Thread(target=_wait_for_the_end, args=(over,), daemon=True).start()
    network.go_on()
    sys.stdout.write("\n")
    sys.stdout.flush()
    while not over.wait(TICK_SECONDS):
        network.go_on()
    sys.stdout.write(json.dumps(network.statuses))


if __name__ == "__main__":
    main()
