"""All data of a user: to be exported, and to be erased."""

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
    """The rows of one table, as values by column. Secrets are left out."""

    name: str
    rows: Iterable[Mapping[str, object]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PersonalData:
    """All data of a user, and the files they uploaded by the SHA-256 that imports refer to."""

    parts: Sequence[Part]
    files: Iterable[tuple[bytes, bytes]] = field(repr=False)


class PersonalDataRepository(Protocol):
    """All data of a user, wherever it is stored, except the audit trail."""

    async def read(
        self, use: Callable[[PersonalData], T], *, owner: UserId
    ) -> Result[T, Unavailable]:
        """Call `use` with all data of a user, and return its result.

        `use` runs in a thread, and reads rows in batches. They are consistent only within a unit of
        work with a snapshot. The data can be read only until `use` returns.
        """

    async def lock_due(self, owner: UserId) -> Result[bool, Unavailable]:
        """Return whether a user is due to be erased; if so, lock the user.

        A user who is being erased or restored by another transaction is not due.
        """

    async def erase(self, owner: UserId) -> Result[Mapping[str, int], Unavailable]:
        """Delete all data of a user who is due; return the number of rows of each table."""

    async def purge(self, owner: UserId) -> Result[Mapping[str, int], Unavailable]:
        """Delete a user's expired data; return the number of rows of each table, if any.

        This deletes sessions that ended 30 days ago with their refresh tokens, expired emailed
        tokens, the last use of sessions and tokens that are gone, files whose import failed a day
        ago, and previews that are a day old.
        """


class PersonalDataWriter(Protocol):
    """Writes all data of a user to a file."""

    @property
    def media_type(self) -> str: ...

    @property
    def suffix(self) -> str: ...

    def write(
        self, personal_data: PersonalData, into: IO[bytes], at: datetime
    ) -> Mapping[str, int]:
        """Write the data as of this time, in batches; return the number of rows of each table."""
