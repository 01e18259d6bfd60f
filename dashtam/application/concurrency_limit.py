"""Costly work is limited to a few at a time; the others wait without holding anything."""

import asyncio
from weakref import WeakKeyDictionary


class ConcurrencyLimit:
    """Admits `most` at once on each event loop, in the order in which they came."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._of: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            WeakKeyDictionary()
        )

    def slot(self) -> asyncio.Semaphore:
        """Wait for a slot and free it afterwards: `async with limit.slot()`."""
        loop = asyncio.get_running_loop()
        return self._of.setdefault(loop, asyncio.Semaphore(self._most))
