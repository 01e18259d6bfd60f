"""Keep an import and its file."""

from dataclasses import dataclass

from domain.ledger.errors import StorageFull, TooManyImportsWaiting
from domain.ledger.imports import StatementImport
from domain.ledger.ports import FileArchive, ImportRepository, QuotaMeter
from domain.ledger.quotas import Quota
from domain.shared.errors import Unavailable
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepFile:
    """Keep both in the unit of work that the caller opened, unless that is too much for one user.

    It is counted after it was added: the archive lets nobody else of the user's in between.
    """

    imports: ImportRepository
    files: FileArchive
    quota_meter: QuotaMeter
    quota: Quota

    async def __call__(
        self, statement_import: StatementImport, content: bytes
    ) -> Result[None, StorageFull | TooManyImportsWaiting | Unavailable]:
        owner = statement_import.user_id
        kept = await self.files.keep(content, digest=statement_import.digest, owner=owner)
        if isinstance(kept, Failure):
            return kept
        added = await self.imports.add(statement_import)
        if isinstance(added, Failure):
            return added
        usage = await self.quota_meter.usage(owner=owner)
        if isinstance(usage, Failure):
            return usage
        refusal: StorageFull | TooManyImportsWaiting | None
        refusal = self.quota.refuse_storage(usage.value, added=kept.value)
        if refusal is None and statement_import.is_waiting:
            refusal = self.quota.refuse_waiting(usage.value)
        return Failure(refusal) if refusal else Success(None)
