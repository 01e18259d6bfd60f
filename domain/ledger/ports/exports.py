"""The ledger on its way out. Everything is asked for with its owner."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from domain.ledger.errors import AccountNotFound
from domain.ledger.exports import ExportScope, Ledger
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.result import Result

T = TypeVar("T")


class LedgerWriter(Protocol):
    """Writes one file format. Pure: the same ledger always gives the same bytes."""

    @property
    def format(self) -> str: ...

    @property
    def media_type(self) -> str: ...

    @property
    def suffix(self) -> str:
        """How the names of such files end: `.csv`."""

    def write(self, ledger: Ledger) -> Iterator[bytes]:
        """Yield the file piece by piece, with no more of the ledger in memory than a batch."""


class LedgerSource(Protocol):
    """The ledger in one piece, however much is in it."""

    async def read(
        self, use: Callable[[Ledger], T], *, owner: UserId, scope: ExportScope
    ) -> Result[T, AccountNotFound | Unavailable]:
        """Show `use` what stands, and return what it makes of it.

        `use` is not run on the event loop, and takes as long as it takes; it is stopped between two
        batches when nobody waits for it any more. It sees movements in batches, which are of one
        moment only within a unit of work that is a snapshot. The ledger ends when `use` does.
        """
