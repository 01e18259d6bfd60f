"""Files: how they are read, kept and accounted for. Everything is asked for with its owner."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.ledger.errors import (
    ImportIsRunning,
    ImportIsUndone,
    ImportNotFound,
    StatementTooLarge,
    UnreadableStatement,
)
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.import_rows import ImportRowsPage, RowCursor
from domain.ledger.imports import StatementImport
from domain.ledger.quotas import QuotaUsage
from domain.ledger.values import StatementFile
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ImportId, UserId
from domain.shared.result import Result


class StatementReader(Protocol):
    """Reads one file format. Pure: the same bytes always give the same statements."""

    @property
    def format(self) -> str: ...

    def recognises(self, head: bytes) -> bool:
        """Tell from the first kilobytes whether the file is of this format."""

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge | Unavailable]:
        """Read the whole file. Rows that make no sense are quarantined, never dropped.

        Where the file leaves something open that no hint tells, it is `HintNeeded`. It is
        `StatementTooCostly` where it takes more time or memory than a file may.
        """


class FileArchive(Protocol):
    """The files themselves, each kept once for a person and found by its SHA-256."""

    async def keep(
        self, content: bytes, *, digest: bytes, owner: UserId
    ) -> Result[int, Unavailable]:
        """Keep a file; return how many bytes that takes: none, if it was kept before.

        Until the unit of work ends, nobody else keeps or drops a file of this person's.
        """

    async def drop(self, digest: bytes, *, owner: UserId) -> Result[bool, Unavailable]:
        """Delete a file, if each import of it failed; tell whether it is gone."""

    async def get(
        self, digest: bytes, *, owner: UserId
    ) -> Result[bytes, ImportNotFound | Unavailable]: ...

    async def rewrap(self, *, owner: UserId) -> Result[int, Unavailable]:
        """Put all that are under an older key under the one in use; return how many that were."""


class QuotaMeter(Protocol):
    """What of the room for files a person takes up."""

    async def usage(self, *, owner: UserId) -> Result[QuotaUsage, Unavailable]: ...


class ImportRepository(Protocol):
    """Every file that was brought in."""

    async def get(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[StatementImport, ImportNotFound | Unavailable]: ...

    async def twin(
        self,
        digest: bytes,
        *,
        owner: UserId,
        hints: ReadingHints,
        account_id: AccountId | None,
        edition: str,
    ) -> Result[StatementImport | None, Unavailable]:
        """Return the latest import that stands of the same bytes, read in the same way."""

    async def page(
        self, *, owner: UserId, after: ImportId | None, limit: int
    ) -> Result[Sequence[StatementImport], Unavailable]:
        """Return up to `limit` imports, newest first."""

    async def rows(
        self, import_id: ImportId, *, owner: UserId, after: RowCursor | None, limit: int
    ) -> Result[ImportRowsPage, Unavailable]:
        """Return up to `limit` rows that were entered, in the order of the file."""

    async def lock(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[StatementImport, ImportNotFound | ImportIsRunning | Unavailable]:
        """Let nobody else deal with this import until the unit of work ends."""

    async def unhurried(self, *, steps: bool = False) -> Result[None, Unavailable]:
        """Let the unit of work take as long as it takes, and each of its `steps`, if wanted."""

    async def add(self, statement_import: StatementImport) -> Result[None, Unavailable]: ...

    async def settle(self, statement_import: StatementImport) -> Result[None, Unavailable]:
        """Keep what became of an import that was waiting."""

    async def mark_undone(
        self, statement_import: StatementImport, *, at: datetime
    ) -> Result[None, ImportIsUndone | Unavailable]: ...
