"""Who a connection is leased to."""

import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Compartment:
    """Those who together have so many transactions at once, and as many single statements.

    These are counted apart: they are short, and never wait for what may be long.
    """

    name: str
    size: int


#: Work that nobody outside asked for: of relays, commands and staff.
OPEN = Compartment("", sys.maxsize)


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose connection it will be, and whether for a transaction, which may be long."""

    compartment: Compartment
    is_long: bool = False

    @property
    def line(self) -> tuple[str, bool]:
        """What is counted together, and waits in one line."""
        return self.compartment.name, self.is_long
