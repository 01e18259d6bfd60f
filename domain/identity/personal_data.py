"""Everything of a person's as a whole: to be handed out, and to be erased."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Protocol, TypeVar

from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.result import Result

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """One sort of what is theirs: its rows, each a value for each column. Secrets are left out."""

    name: str
    rows: Iterable[Mapping[str, object]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PersonalData:
    """All that is theirs, and the files they brought, each by the SHA-256 that imports name."""

    parts: Sequence[Part]
    files: Iterable[tuple[bytes, bytes]] = field(repr=False)


class PersonalDataRepository(Protocol):
    """Everything of a person's, wherever it is kept. The audit trail is not theirs."""

    async def read(
        self, use: Callable[[PersonalData], T], *, owner: UserId
    ) -> Result[T, Unavailable]:
        """Show `use` all that is theirs, and return what it makes of it.

        It is not run on the event loop, and sees rows in batches, which are of one moment only
        within a unit of work that is a snapshot. What it is shown ends when it does.
        """

    async def lock_due(self, owner: UserId) -> Result[bool, Unavailable]:
        """Tell whether a user is to be erased by now; if so, nobody else does anything to them.

        Whoever is being erased or taken back elsewhere is left to that: the answer is no.
        """

    async def erase(self, owner: UserId) -> Result[Mapping[str, int], Unavailable]:
        """Delete all of a user who is due; return how much of each sort that was."""

    async def purge(self, owner: UserId) -> Result[Mapping[str, int], Unavailable]:
        """Delete what is past its time; return how much of each sort that was, if any.

        That is sessions that were over 30 days ago, with what they were renewed with, mailed tokens
        that expired, uses of what is no more, files whose imports failed a day ago, and previews
        that are a day old.
        """


class PersonalDataWriter(Protocol):
    """Writes everything of a person's into one file."""

    @property
    def media_type(self) -> str: ...

    @property
    def suffix(self) -> str: ...

    def write(self, data: PersonalData, into: IO[bytes], at: datetime) -> Mapping[str, int]:
        """Write it as of this time, with a batch in memory; return how much of each sort it was."""
