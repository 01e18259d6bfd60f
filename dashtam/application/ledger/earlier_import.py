"""Find the import that a file has already: the same bytes are one import, however often sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.ledger.hints import ReadingHints
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.ports import ImportRepository
from domain.shared.errors import Unavailable
from domain.shared.events import AuditRecord
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success

#: So many imports of the same bytes, which differ in what was said, are searched.
_MOST_ALIKE = 100
Resubmitted = tuple[StatementImport, AuditRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindEarlierImport:
    """Finds imports of the same bytes, in the unit of work of the caller.

    `reader_version` identifies the readers of a release: a file that another release read is read
    again, because it may be read better.
    """

    imports: ImportRepository
    clock: Clock
    reader_version: str

    async def __call__(
        self, request: ImportRequest, hints: ReadingHints
    ) -> Result[Resubmitted | None, Unavailable]:
        """Return the import that the file with these hints has, and a record of this request."""
        alike = await self._alike(request, hints)
        if isinstance(alike, Failure):
            return alike
        for each in alike.value:
            if not self._is_of_another_release(each):
                return Success(each.resubmitted(at=self.clock.now()))
        return Success(None)

    async def is_known(
        self, request: ImportRequest, hints: ReadingHints
    ) -> Result[bool, Unavailable]:
        """Return whether another release read the file with these hints."""
        alike = await self._alike(request, hints)
        if isinstance(alike, Failure):
            return alike
        return Success(any(map(self._is_of_another_release, alike.value)))

    async def answered(self, request: ImportRequest) -> Result[ImportRequest | None, Unavailable]:
        """Return a request of which nothing is said with the answers of an import of its file."""
        if not request.says_nothing:
            return Success(None)
        found = await self._of_file(request)
        if isinstance(found, Failure):
            return found
        for each in found.value:
            if not each.is_waiting:
                return Success(replace(request, hints=each.hints, account_id=each.account_id))
        return Success(None)

    async def _alike(
        self, request: ImportRequest, hints: ReadingHints
    ) -> Result[list[StatementImport], Unavailable]:
        found = await self._of_file(request)
        if isinstance(found, Failure):
            return found
        of_account = [each for each in found.value if each.account_id == request.account_id]
        return Success([each for each in of_account if hints.reads_alike(each.hints)])

    async def _of_file(
        self, request: ImportRequest
    ) -> Result[Sequence[StatementImport], Unavailable]:
        return await self.imports.active_of_file(
            request.digest, owner=request.user_id, limit=_MOST_ALIKE
        )

    def _is_of_another_release(self, earlier: StatementImport) -> bool:
        return not earlier.is_waiting and earlier.reader_version != self.reader_version
