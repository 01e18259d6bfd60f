"""Store submitted files, as far as their user's quota allows."""

from dataclasses import dataclass

from domain.ledger.errors import StorageFull, TooManyImportsWaiting
from domain.ledger.imports import StatementImport
from domain.ledger.ports import FileArchive, ImportRepository, PreviewRepository, QuotaMeter
from domain.ledger.previews import QueuedPreview
from domain.ledger.quotas import Quota
from domain.shared.errors import Unavailable
from domain.shared.result import Failure, Result, Success

StorageError = StorageFull | TooManyImportsWaiting | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFile:
    """Stores a submitted file in the caller's unit of work, within the user's quota.

    Usage is measured after the file was added, because the archive then locks the user's files.
    """

    imports: ImportRepository
    files: FileArchive
    previews: PreviewRepository
    quota_meter: QuotaMeter
    quota: Quota

    async def __call__(
        self,
        submitted: StatementImport | QueuedPreview,
        content: bytes,
        *,
        is_known: bool = False,
        is_fetched: bool = False,
    ) -> Result[None, StorageError]:
        """Store a file with its import or preview; one that `is_known` is stored already.

        However many are waiting, one that was fetched from a provider may wait too: Dashtam
        itself asked for it, and each account has few of them at a time.
        """
        stored = await self._store(submitted, content, is_known=is_known)
        if isinstance(stored, Failure):
            return stored
        usage = await self.quota_meter.usage(owner=submitted.user_id)
        if isinstance(usage, Failure):
            return usage
        refusal: StorageFull | TooManyImportsWaiting | None
        refusal = self.quota.refuse_storage(usage.value, added=stored.value)
        if refusal is None and submitted.is_waiting and not is_fetched:
            refusal = self.quota.refuse_waiting(usage.value)
        return Failure(refusal) if refusal else Success(None)

    async def _store(
        self, submitted: StatementImport | QueuedPreview, content: bytes, *, is_known: bool
    ) -> Result[int, Unavailable]:
        """Return how many more bytes are stored."""
        if isinstance(submitted, QueuedPreview):
            return await self.previews.add(submitted, content)
        stored = await self.files.store(content, digest=submitted.digest, owner=submitted.user_id)
        if isinstance(stored, Failure):
            return stored
        write = self.imports.complete if is_known else self.imports.add
        added = await write(submitted)
        return added if isinstance(added, Failure) else stored
