"""How much of something is in use: by each who uses it, and by all of them together."""

from collections import Counter
from collections.abc import Collection
from enum import Enum


class Shortage(Enum):
    """What there is not enough of: one user's share, or the whole."""

    SHARE = "share"
    TOTAL = "total"


class Capacity:
    """So much for each, and so much in total. Used on one event loop, so nothing is locked."""

    def __init__(self, each: int, total: int) -> None:
        self._each = each
        self._total = total
        self._used: Counter[str] = Counter()
        self.used = 0

    def reserve(self, names: Collection[str], amount: int = 1) -> Shortage | None:
        """Take an amount, which counts for every name; or nothing, and say what is short."""
        if any(self._used[name] + amount > self._each for name in names):
            return Shortage.SHARE
        if self.used + amount > self._total:
            return Shortage.TOTAL
        self.used += amount
        for name in names:
            self._used[name] += amount
        return None

    def release(self, names: Collection[str], amount: int = 1) -> None:
        """Return what was taken; who uses nothing is forgotten."""
        self.used -= amount
        for name in names:
            self._used[name] -= amount
            if not self._used[name]:
                del self._used[name]

    def __len__(self) -> int:
        """Count who uses something."""
        return len(self._used)
