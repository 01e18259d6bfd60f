"""Costly work is limited to a few at a time; the others wait without holding anything."""

import asyncio
from weakref import WeakKeyDictionary


class Turns:
    """Lets `most` at once in on an event loop, in the order in which they came."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._of: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            WeakKeyDictionary()
        )

    def take(self) -> asyncio.Semaphore:
        """Return what is entered by `async with`: it waits for a turn, and gives it back."""
        loop = asyncio.get_running_loop()
        return self._of.setdefault(loop, asyncio.Semaphore(self._most))
