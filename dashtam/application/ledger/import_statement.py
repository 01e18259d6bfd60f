"""Import a statement file."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.ledger.account_directory import AccountDirectory
from dashtam.application.ledger.enter_statement import Destination, EnterStatement
from dashtam.application.ledger.profile_hints import ProfileHints
from dashtam.application.ledger.read_statement import ReadStatement
from dashtam.application.use_case import UseCase
from domain.ledger.entities import (
    Account,
)
from domain.ledger.errors import (
    AccountNotFound,
    CsvProfileNotFound,
    HintNeeded,
    StatementTooLarge,
    UnreadableStatement,
)
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imports import StatementImport, StatementOutcome
from domain.ledger.ports import (
    AccountRepository,
    FileArchive,
    ImportRepository,
)
from domain.ledger.values import Statement, StatementFile
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent, ResourceType
from domain.shared.ids import AccountId, ImportId, ProfileId, UserId, new_id
from domain.shared.result import Failure, Result, Success

ImportStatementError = (
    UnreadableStatement | StatementTooLarge | AccountNotFound | CsvProfileNotFound | Unavailable
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStatement(UseCase):
    """Bring a file's rows into a user's ledger: each exactly once, all of them or none."""

    read_statement: ReadStatement
    directory: AccountDirectory
    accounts: AccountRepository
    enter_statement: EnterStatement
    imports: ImportRepository
    files: FileArchive
    profile_hints: ProfileHints

    @audit_refusals("statement.import", ResourceType.IMPORT)
    @begun_anew
    async def __call__(
        self,
        *,
        user_id: UserId,
        file_name: str,
        content: bytes,
        hints: ReadingHints = NO_HINTS,
        account_id: AccountId | None = None,
        csv_profile_id: ProfileId | None = None,
    ) -> Result[StatementImport, ImportStatementError]:
        completed = await self.profile_hints(hints, csv_profile_id, user_id=user_id)
        if isinstance(completed, Failure):
            return completed
        prepared = await self._prepare(content, completed.value, account_id, user_id)
        if isinstance(prepared, Failure):
            return prepared
        async with self.unit_of_work(owner=user_id) as uow:
            brought = await self._bring(*prepared.value, user_id, file_name, content)
            if isinstance(brought, Failure):
                return brought
            done, events = brought.value
            kept = await self.files.keep(content, digest=done.digest, owner=user_id)
            if isinstance(kept, Failure):
                return kept
            await uow.commit(done.imported(), *events)
        return Success(done)

    @audit_refusals("statement.preview", ResourceType.IMPORT)
    @begun_anew
    async def preview(
        self,
        *,
        user_id: UserId,
        file_name: str,
        content: bytes,
        hints: ReadingHints = NO_HINTS,
        account_id: AccountId | None = None,
        csv_profile_id: ProfileId | None = None,
    ) -> Result[StatementImport, ImportStatementError]:
        """Tell what an import would do: it is done, looked at, and never committed."""
        completed = await self.profile_hints(hints, csv_profile_id, user_id=user_id)
        if isinstance(completed, Failure):
            return completed
        prepared = await self._prepare(content, completed.value, account_id, user_id)
        if isinstance(prepared, Failure):
            return prepared
        async with self.unit_of_work(owner=user_id):
            brought = await self._bring(*prepared.value, user_id, file_name, content)
            if isinstance(brought, Failure):
                return brought
        done, _ = brought.value
        async with self.unit_of_work(owner=user_id) as uow:
            await uow.commit(done.previewed(at=self.clock.now()))
        return Success(done)

    async def _bring(
        self,
        file: StatementFile,
        into: Account | None,
        user_id: UserId,
        file_name: str,
        content: bytes,
    ) -> Result[tuple[StatementImport, list[DomainEvent]], Unavailable]:
        """Enter the file's rows; return the import, and what else happened."""
        import_id = ImportId(new_id())
        opened = await self._open_accounts(file, user_id, into)
        if isinstance(opened, Failure):
            return opened
        accounts, events = opened.value
        outcomes = await self._enter_all(file, accounts, import_id)
        if isinstance(outcomes, Failure):
            return outcomes
        done = StatementImport(
            id=import_id,
            user_id=user_id,
            file_name=file_name,
            digest=sha256(content).digest(),
            size=len(content),
            format=file.format,
            imported_at=self.clock.now(),
            statements=outcomes.value,
            quarantined=file.quarantined,
            csv_profile=file.csv_profile,
        )
        added = await self.imports.add(done)
        return added if isinstance(added, Failure) else Success((done, events))

    async def _prepare(
        self, content: bytes, hints: ReadingHints, account_id: AccountId | None, user_id: UserId
    ) -> Result[tuple[StatementFile, Account | None], ImportStatementError]:
        """Read the file, for the account that was said, if one was."""
        found = await self._account(account_id, user_id)
        if isinstance(found, Failure):
            return found
        into = found.value
        if into:
            hints = replace(hints, currency=into.currency, account=into.number)
        read = await asyncio.to_thread(self._read, content, hints, into)
        return read if isinstance(read, Failure) else Success((read.value, into))

    async def _account(
        self, account_id: AccountId | None, user_id: UserId
    ) -> Result[Account | None, AccountNotFound | Unavailable]:
        if account_id is None:
            return Success(None)
        async with self.unit_of_work(owner=user_id):
            return await self.accounts.get(account_id, owner=user_id)

    def _read(
        self, content: bytes, hints: ReadingHints, into: Account | None
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        read = self.read_statement(content, hints)
        if isinstance(read, Failure):
            return read
        refused = _refusal(read.value.statements, into)
        if not read.value.statements and not read.value.quarantined:
            refused = UnreadableStatement("The file holds no statement of an account.")
        return Failure(refused) if refused else read

    async def _open_accounts(
        self, file: StatementFile, user_id: UserId, into: Account | None
    ) -> Result[tuple[list[Account], list[DomainEvent]], Unavailable]:
        """Find or add the account of each statement, and keep others from writing to them."""
        accounts: list[Account] = []
        events: list[DomainEvent] = []
        for statement in file.statements:
            opened = await self.directory.open(statement.account, user_id=user_id, into=into)
            if isinstance(opened, Failure):
                return opened
            account, happened = opened.value
            accounts.append(account)
            events.extend(happened)
        locked = await self.accounts.lock({account.id for account in accounts}, owner=user_id)
        return locked if isinstance(locked, Failure) else Success((accounts, events))

    async def _enter_all(
        self, file: StatementFile, accounts: Sequence[Account], import_id: ImportId
    ) -> Result[list[StatementOutcome], Unavailable]:
        outcomes: list[StatementOutcome] = []
        for place, statement in enumerate(file.statements, 1):
            to = Destination(account=accounts[place - 1], import_id=import_id, place=place)
            outcome = await self.enter_statement(statement, to)
            if isinstance(outcome, Failure):
                return outcome
            outcomes.append(outcome.value)
        return Success(outcomes)


def _refusal(statements: Sequence[Statement], into: Account | None) -> UnreadableStatement | None:
    """Say why these statements cannot be told accounts, if they cannot."""
    if into is None:
        unnamed = any(not statement.account.number for statement in statements)
        return HintNeeded("The file names no account: say which one it is.") if unnamed else None
    if len({statement.account for statement in statements}) > 1:
        return UnreadableStatement("The file tells of several accounts: it is not for one.")
    if any(statement.account.currency != into.currency for statement in statements):
        return UnreadableStatement("The account is kept in another currency than the file.")
    return None
