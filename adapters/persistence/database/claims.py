"""What a connection is leased for."""

import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Compartment:
    """Callers that share `size` concurrent transactions, and as many single statements.

    Single statements are counted separately: they are short and never wait for transactions.
    """

    name: str
    size: int


#: Work of relays, commands and staff, which has no limit of its own.
OPEN = Compartment("", sys.maxsize)


@dataclass(frozen=True, slots=True)
class Claim:
    """The compartment that a connection is leased for, and whether for a (long) transaction."""

    compartment: Compartment
    is_long: bool = False

    @property
    def queue(self) -> tuple[str, bool]:
        """The queue in which the claim waits, and under which its lease is counted."""
        return self.compartment.name, self.is_long
