"""Those who wait for a connection: each compartment in a line of its own, the lines in turn."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from adapters.persistence.database.claims import Claim
from adapters.persistence.database.worker import Worker


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """Somebody who waits, on an event loop of theirs."""

    claim: Claim
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Worker]"


Line: TypeAlias = deque[Waiter]


class Queues:
    """First come, first served within a line; between lines, whose turn is longest ago."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, bool], Line] = {}

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def join(self, waiter: Waiter) -> None:
        self._lines.setdefault(waiter.claim.line, deque()).append(waiter)

    def leave(self, waiter: Waiter) -> None:
        """Go away unserved, if still there."""
        line = self._lines.get(waiter.claim.line, deque())
        if waiter in line:
            line.remove(waiter)
            if not line:
                del self._lines[waiter.claim.line]

    def take(self, has_room: Callable[[Claim], bool]) -> Waiter | None:
        """Return the next who may be served, out of the line; the line's next turn is last."""
        for key, line in self._lines.items():
            if has_room(line[0].claim):
                waiter = line.popleft()
                del self._lines[key]
                if line:
                    self._lines[key] = line
                return waiter
        return None
