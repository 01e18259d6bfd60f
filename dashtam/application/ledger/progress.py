"""How far an import has come, told while it is under way."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

#: Is told how many more rows have been entered.
Progress: TypeAlias = Callable[[int], Awaitable[None]]


async def nobody_watches(rows: int) -> None:
    """Take note of nothing."""
