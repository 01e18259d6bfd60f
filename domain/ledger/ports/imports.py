"""Files: how they are read, stored and imported. Everything is asked for with its owner."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.ledger.errors import (
    CsvProfileExists,
    CsvProfileNotFound,
    ImportIsRunning,
    ImportIsUndone,
    ImportNotFound,
    PreviewNotFound,
    StatementTooLarge,
    UnreadableStatement,
)
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imports import ImportProgress, ImportRowsPage, RowCursor, StatementImport
from domain.ledger.previews import QueuedPreview
from domain.ledger.profiles import CsvSample, SavedProfile
from domain.ledger.quotas import QuotaUsage
from domain.ledger.values import MatchResult, StatementFile
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ImportId, ProfileId, StatementId, UserId
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

    async def store(
        self, content: bytes, *, digest: bytes, owner: UserId
    ) -> Result[int, Unavailable]:
        """Store a file; return how many bytes that takes: none, if it was stored before.

        Until the unit of work ends, nobody else stores or drops a file of this person's.
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
    """Every file that was submitted to be imported."""

    async def get(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[StatementImport, ImportNotFound | Unavailable]: ...

    async def find_duplicate(
        self,
        digest: bytes,
        *,
        owner: UserId,
        hints: ReadingHints,
        account_id: AccountId | None,
        reader_version: str,
    ) -> Result[StatementImport | None, Unavailable]:
        """Return the latest active import of the same bytes, read in the same way."""

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

    async def allow_long_transaction(self, *, steps: bool = False) -> Result[None, Unavailable]:
        """Lift the time limit of the unit of work, and of each of its `steps`, if wanted."""

    async def add(self, statement_import: StatementImport) -> Result[None, Unavailable]: ...

    async def complete(self, statement_import: StatementImport) -> Result[None, Unavailable]:
        """Store the result of an import that was waiting."""

    async def mark_undone(
        self, statement_import: StatementImport, *, at: datetime
    ) -> Result[None, ImportIsUndone | Unavailable]: ...


class PreviewRepository(Protocol):
    """Previews that were asked for, each with its file until it is made."""

    async def add(self, preview: QueuedPreview, content: bytes) -> Result[int, Unavailable]:
        """Keep it with its file; return how many bytes that takes.

        Until the unit of work ends, nobody else keeps or drops a file of this person's.
        """

    async def get(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[QueuedPreview, PreviewNotFound | Unavailable]: ...

    async def lock(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[QueuedPreview, PreviewNotFound | ImportIsRunning | Unavailable]:
        """Let nobody else deal with this preview until the unit of work ends."""

    async def content(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[bytes, PreviewNotFound | Unavailable]:
        """Return the file of a preview that is still to be made."""

    async def complete(self, preview: QueuedPreview) -> Result[None, Unavailable]:
        """Store the result of a preview that was waiting; its file goes."""

    async def delete(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[None, PreviewNotFound | Unavailable]: ...

    async def rewrap(self, *, owner: UserId) -> Result[int, Unavailable]:
        """Put all that are under an older key under the one in use; return how many that were."""


class ProgressBoard(Protocol):
    """Seen by all while the work's own transaction is open. What cannot be told is no trouble."""

    async def tell(
        self, import_id: ImportId, progress: ImportProgress, *, owner: UserId
    ) -> None: ...

    async def clear(self, import_id: ImportId, *, owner: UserId) -> None:
        """Take down what was told of an import, now that it has ended."""


class ImportCopies(Protocol):
    """Imports that state again what another one states, by the very same bytes."""

    async def copy_from(
        self, original: StatementImport, import_id: ImportId, statements: Sequence[StatementId]
    ) -> Result[Sequence[Mapping[MatchResult, int]], Unavailable]:
        """Let an import state all rows, balances and holdings of its original, which is active.

        `statements` are the ids of its statements, in the order of the file. Returns for each of
        them how many rows are the same, and how many their owner has deleted.
        """


class CsvProfileRepository(Protocol):
    """The profiles that people keep; a name is unique for each of them."""

    async def get(
        self, profile_id: ProfileId, *, owner: UserId
    ) -> Result[SavedProfile, CsvProfileNotFound | Unavailable]: ...

    async def all(self, *, owner: UserId) -> Result[Sequence[SavedProfile], Unavailable]:
        """Return a person's profiles by their names."""

    async def add(self, profile: SavedProfile) -> Result[None, CsvProfileExists | Unavailable]: ...

    async def change(
        self, profile: SavedProfile
    ) -> Result[None, CsvProfileExists | CsvProfileNotFound | Unavailable]: ...

    async def delete(
        self, profile: SavedProfile
    ) -> Result[None, CsvProfileNotFound | Unavailable]: ...


class CsvSampler(Protocol):
    """Finds out how a CSV file is written. Pure, and work: call it off the event loop."""

    def __call__(
        self, content: bytes, hints: ReadingHints
    ) -> Result[CsvSample, UnreadableStatement | StatementTooLarge | Unavailable]:
        """Return what was found, and what the first rows say by it."""
