"""Limits on how much of something one client, and all clients together, may use."""

from collections import Counter
from collections.abc import Collection
from enum import Enum


class Shortage(Enum):
    """What is exhausted: one client's share, or the total."""

    SHARE = "share"
    TOTAL = "total"


class Capacity:
    """A limit for each client and a limit in total. For one event loop, so nothing is locked."""

    def __init__(self, each: int, total: int) -> None:
        self._each = each
        self._total = total
        self._used: Counter[str] = Counter()
        self.used = 0

    def reserve(self, names: Collection[str], amount: int = 1) -> Shortage | None:
        """Reserve an amount for all names; if it does not fit, reserve nothing and say why."""
        if any(self._used[name] + amount > self._each for name in names):
            return Shortage.SHARE
        if self.used + amount > self._total:
            return Shortage.TOTAL
        self.used += amount
        for name in names:
            self._used[name] += amount
        return None

    def release(self, names: Collection[str], amount: int = 1) -> None:
        """Release a reserved amount; clients that use nothing any more are removed."""
        self.used -= amount
        for name in names:
            self._used[name] -= amount
            if not self._used[name]:
                del self._used[name]

    def __len__(self) -> int:
        """Return how many clients use something."""
        return len(self._used)
