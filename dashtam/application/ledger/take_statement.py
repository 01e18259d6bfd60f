"""Decide whether a file is imported now or later."""

from dataclasses import dataclass

from dashtam.application.ledger.bring_statement import ImportStatementError
from dashtam.application.ledger.import_statement import ImportStatement
from dashtam.application.ledger.receive_statement import ReceiveStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imports import StatementImport
from domain.shared.ids import AccountId, ProfileId, UserId
from domain.shared.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeStatement:
    """Import a small file at once; take a large one, or where it is wished, and import it later."""

    import_statement: ImportStatement
    receive_statement: ReceiveStatement
    background_bytes: int

    async def __call__(
        self,
        *,
        user_id: UserId,
        file_name: str,
        content: bytes,
        hints: ReadingHints = NO_HINTS,
        account_id: AccountId | None = None,
        csv_profile_id: ProfileId | None = None,
        background: bool = False,
    ) -> Result[StatementImport, ImportStatementError]:
        later = background or len(content) > self.background_bytes
        take = self.receive_statement if later else self.import_statement
        return await take(
            user_id=user_id,
            file_name=file_name,
            content=content,
            hints=hints,
            account_id=account_id,
            csv_profile_id=csv_profile_id,
        )
