"""Ports for reading, storing and importing files. Every call names the owner of the rows."""

from collections.abc import Sequence
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
from domain.ledger.import_filter import EVERY_IMPORT, ImportFilter
from domain.ledger.imported import ImportRowsPage, RowCursor
from domain.ledger.imports import ImportProgress, StatementImport
from domain.ledger.previews import QueuedPreview
from domain.ledger.profiles import CsvSample, SavedProfile
from domain.ledger.quotas import QuotaUsage
from domain.ledger.values import StatementFile
from domain.shared.errors import Unavailable
from domain.shared.ids import ImportId, ProfileId, UserId
from domain.shared.result import Result


class StatementReader(Protocol):
    """Reads one file format. Pure: the same bytes always give the same statements."""

    @property
    def format(self) -> str: ...

    def recognises(self, head: bytes) -> bool:
        """Return whether a file is of this format, judging by its first kilobytes."""

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge | Unavailable]:
        """Read the whole file. Rows that make no sense are quarantined, never dropped.

        Fails with `HintNeeded` if the file leaves something open that no hint answers, and with
        `StatementTooCostly` if it takes more time or memory than allowed.
        """


class FileArchive(Protocol):
    """The files themselves, each stored once for a user and found by its SHA-256."""

    async def store(
        self, content: bytes, *, digest: bytes, owner: UserId
    ) -> Result[int, Unavailable]:
        """Store a file; return how many bytes that takes: none if it was stored before.

        Until the unit of work ends, nobody else stores or deletes a file of this user.
        """

    async def delete(self, digest: bytes, *, owner: UserId) -> Result[bool, Unavailable]:
        """Delete a file if each import of it failed; return whether it was deleted."""

    async def get(
        self, digest: bytes, *, owner: UserId
    ) -> Result[bytes, ImportNotFound | Unavailable]: ...


class QuotaMeter(Protocol):
    """How much storage a user's files take up."""

    async def usage(self, *, owner: UserId) -> Result[QuotaUsage, Unavailable]: ...


class ImportRepository(Protocol):
    """All files that were submitted to be imported."""

    async def get(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[StatementImport, ImportNotFound | Unavailable]: ...

    async def active_of_file(
        self, digest: bytes, *, owner: UserId, limit: int
    ) -> Result[Sequence[StatementImport], Unavailable]:
        """List up to `limit` imports of the same bytes that are done or wait, newest first."""

    async def lock_asked(
        self, digest: bytes, *, owner: UserId
    ) -> Result[StatementImport | None, Unavailable]:
        """Lock and return the import of the same bytes that has questions open, if there is one.

        Until the unit of work ends, nobody else gets beyond this call with the same bytes.
        """

    async def page(
        self,
        *,
        owner: UserId,
        after: ImportId | None,
        limit: int,
        where: ImportFilter = EVERY_IMPORT,
    ) -> Result[Sequence[StatementImport], Unavailable]:
        """List up to `limit` imports, newest first."""

    async def rows(
        self, import_id: ImportId, *, owner: UserId, after: RowCursor | None, limit: int
    ) -> Result[ImportRowsPage, Unavailable]:
        """List up to `limit` rows, in the order of the file."""

    async def lock(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[StatementImport, ImportNotFound | ImportIsRunning | Unavailable]:
        """Lock this import until the unit of work ends."""

    async def allow_long_transaction(self, *, steps: bool = False) -> Result[None, Unavailable]:
        """Lift the time limit of the unit of work, and with `steps` that of each statement too."""

    async def add(self, statement_import: StatementImport) -> Result[None, Unavailable]: ...

    async def complete(self, statement_import: StatementImport) -> Result[None, Unavailable]:
        """Store the result of an import that was waiting, or its answers."""

    async def mark_undone(
        self, statement_import: StatementImport, *, at: datetime
    ) -> Result[None, ImportIsUndone | Unavailable]: ...


class PreviewRepository(Protocol):
    """Previews that wait or are made, each with its file until it is made."""

    async def add(self, preview: QueuedPreview, content: bytes) -> Result[int, Unavailable]:
        """Store a preview with its file; return how many bytes that takes.

        Until the unit of work ends, nobody else stores or deletes a file of this user.
        """

    async def get(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[QueuedPreview, PreviewNotFound | Unavailable]: ...

    async def lock(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[QueuedPreview, PreviewNotFound | ImportIsRunning | Unavailable]:
        """Lock this preview until the unit of work ends."""

    async def content(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[bytes, PreviewNotFound | Unavailable]:
        """Return the file of a preview that is not made yet."""

    async def complete(self, preview: QueuedPreview) -> Result[None, Unavailable]:
        """Store the result of a preview that was waiting, and delete its file."""

    async def delete(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[None, PreviewNotFound | Unavailable]: ...


class ImportProgressStore(Protocol):
    """The progress of imports, visible while their transaction is open. Errors are ignored."""

    async def set(
        self, import_id: ImportId, progress: ImportProgress, *, owner: UserId
    ) -> None: ...

    async def clear(self, import_id: ImportId, *, owner: UserId) -> None:
        """Delete the progress of an import that has ended."""


class CsvProfileRepository(Protocol):
    """The CSV profiles of users; a name is unique for each user."""

    async def get(
        self, profile_id: ProfileId, *, owner: UserId
    ) -> Result[SavedProfile, CsvProfileNotFound | Unavailable]: ...

    async def all(self, *, owner: UserId) -> Result[Sequence[SavedProfile], Unavailable]:
        """List a user's profiles by name."""

    async def add(self, profile: SavedProfile) -> Result[None, CsvProfileExists | Unavailable]: ...

    async def change(
        self, profile: SavedProfile
    ) -> Result[None, CsvProfileExists | CsvProfileNotFound | Unavailable]: ...

    async def delete(
        self, profile: SavedProfile
    ) -> Result[None, CsvProfileNotFound | Unavailable]: ...


class CsvSampler(Protocol):
    """Detects how a CSV file is written. Pure but slow: call it off the event loop."""

    def __call__(
        self, content: bytes, hints: ReadingHints
    ) -> Result[CsvSample, UnreadableStatement | StatementTooLarge | Unavailable]:
        """Return the profile that was detected, and the first rows as read by it."""
