"""Read the file of an import once more."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.ledger.bring_statement import (
    BringStatement,
    ImportStatementError,
)
from dashtam.application.ledger.given_file import GivenFile
from domain.ledger.errors import ImportNotFound
from domain.ledger.imports import StatementImport
from domain.ledger.ports import FileArchive, ImportRepository
from domain.ledger.values import Statement
from domain.shared.ids import ImportId, UserId
from domain.shared.ports import UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadImport:
    """Read it as it was read then: the bytes that are kept, with what was said along with them."""

    imports: ImportRepository
    files: FileArchive
    bring_statement: BringStatement
    unit_of_work: UnitOfWorkFactory

    async def __call__(
        self, import_id: ImportId, user_id: UserId
    ) -> Result[tuple[StatementImport, Sequence[Statement]], ImportNotFound | ImportStatementError]:
        async with self.unit_of_work(owner=user_id):
            found = await self.imports.get(import_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            content = await self.files.get(found.value.digest, owner=user_id)
        if isinstance(content, Failure):
            return content
        done = found.value
        given = GivenFile(
            user_id=user_id,
            file_name=done.file_name,
            content=content.value,
            hints=done.hints,
            account_id=done.account_id,
        )
        read = await self.bring_statement.read(given)
        if isinstance(read, Failure):
            return read
        return Success((done, read.value.file.statements))
