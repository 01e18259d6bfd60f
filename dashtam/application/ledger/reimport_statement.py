"""Import a file again that is kept."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.ledger.bring_statement import ImportStatementError
from dashtam.application.ledger.take_statement import TakeStatement
from dashtam.application.use_case import UseCase
from domain.ledger.errors import FileNotKept, ImportNotFound
from domain.ledger.imports import StatementImport
from domain.ledger.ports import FileArchive, ImportRepository
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import ImportId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ReimportStatement(UseCase):
    """Make a new import of an old one's file, with the same hints.

    After the old one was undone, its transactions come back as themselves; else nothing is new.
    """

    imports: ImportRepository
    files: FileArchive
    take_statement: TakeStatement

    async def __call__(
        self, *, import_id: ImportId, user_id: UserId
    ) -> Result[StatementImport, ImportNotFound | FileNotKept | ImportStatementError]:
        found = await self._kept(import_id=import_id, user_id=user_id)
        if isinstance(found, Failure):
            return found
        earlier, content = found.value
        return await self.take_statement(
            user_id=user_id,
            file_name=earlier.file_name,
            content=content,
            hints=earlier.hints,
            account_id=earlier.account_id,
        )

    @audit_failures("statement.reimport", ResourceType.IMPORT)
    async def _kept(
        self, *, import_id: ImportId, user_id: UserId
    ) -> Result[tuple[StatementImport, bytes], ImportNotFound | FileNotKept | Unavailable]:
        async with self.unit_of_work(owner=user_id):
            found = await self.imports.get(import_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            content = await self.files.get(found.value.digest, owner=user_id)
        if isinstance(content, Success):
            return Success((found.value, content.value))
        if isinstance(content.error, ImportNotFound):
            return Failure(
                FileNotKept("The file was deleted, because its import failed. Send it again.")
            )
        return Failure(content.error)
