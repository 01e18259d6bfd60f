"""Fair queues for connections: one for each compartment, served in turn."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from adapters.persistence.database.claims import Claim
from adapters.persistence.database.worker import Worker


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """A task that waits for a connection, on its own event loop."""

    claim: Claim
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Worker]"


Queue: TypeAlias = deque[Waiter]


class Queues:
    """First in, first out within a queue; round robin between queues."""

    def __init__(self) -> None:
        self._queues: dict[tuple[str, bool], Queue] = {}

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def add(self, waiter: Waiter) -> None:
        self._queues.setdefault(waiter.claim.queue, deque()).append(waiter)

    def remove(self, waiter: Waiter) -> None:
        """Remove a waiter that gave up, if it is still queued."""
        queue = self._queues.get(waiter.claim.queue, deque())
        if waiter in queue:
            queue.remove(waiter)
            if not queue:
                del self._queues[waiter.claim.queue]

    def pop(self, has_room: Callable[[Claim], bool]) -> Waiter | None:
        """Remove and return the next waiter that may be served; its queue moves to the end."""
        for key, queue in self._queues.items():
            if has_room(queue[0].claim):
                waiter = queue.popleft()
                del self._queues[key]
                if queue:
                    self._queues[key] = queue
                return waiter
        return None
