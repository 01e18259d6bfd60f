"""From the bytes of a file to rows in a ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from dashtam.application.ledger.account_directory import AccountDirectory
from dashtam.application.ledger.enter_statement import Destination, EnterStatement
from dashtam.application.ledger.given_file import GivenFile
from dashtam.application.ledger.profile_hints import ProfileHints
from dashtam.application.ledger.progress import NO_PROGRESS, Progress
from dashtam.application.ledger.read_statement import ReadStatement
from dashtam.application.ledger.reading_turns import ReadingTurns
from dashtam.application.ledger.repeat_import import RepeatImport, Repetition
from domain.ledger.entities import Account
from domain.ledger.errors import (
    AccountNotFound,
    CsvProfileNotFound,
    HintNeeded,
    StatementTooLarge,
    StorageFull,
    TooManyAccounts,
    TooManyImportsWaiting,
    UnreadableStatement,
)
from domain.ledger.hints import ReadingHints
from domain.ledger.imports import StatementImport, StatementOutcome
from domain.ledger.ports import AccountRepository, ImportRepository
from domain.ledger.values import Statement, StatementFile
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from domain.shared.ids import AccountId, ImportId, UserId
from domain.shared.ports import Clock, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success

ImportStatementError = (
    UnreadableStatement
    | StatementTooLarge
    | StorageFull
    | TooManyImportsWaiting
    | AccountNotFound
    | TooManyAccounts
    | CsvProfileNotFound
    | Unavailable
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """A file that was read, and the account that it is for, if one was said."""

    given: GivenFile
    digest: bytes
    file: StatementFile
    into: Account | None

    @property
    def rows(self) -> int:
        return sum(len(statement.rows) for statement in self.file.statements)


@dataclass(frozen=True, slots=True, kw_only=True)
class BringStatement:
    """Read a file, then enter its rows in a unit of work that the caller opens in between."""

    read_statement: ReadStatement
    reading_turns: ReadingTurns
    profile_hints: ProfileHints
    directory: AccountDirectory
    accounts: AccountRepository
    enter_statement: EnterStatement
    imports: ImportRepository
    repeat_import: RepeatImport
    clock: Clock
    unit_of_work: UnitOfWorkFactory

    async def prepare(
        self, given: GivenFile
    ) -> Result[ReadFile | Repetition, ImportStatementError]:
        """Read the file, unless what it says is known already."""
        found = await self.repeat_import.find(given)
        if isinstance(found, Failure):
            return found
        return Success(found.value) if found.value else await self.read(given)

    async def read(self, given: GivenFile) -> Result[ReadFile, ImportStatementError]:
        """Read the file, for the account that was said, if one was."""
        found = await self._account(given.account_id, given.user_id)
        if isinstance(found, Failure):
            return found
        hints = await self.profile_hints(given.hints, given.csv_profile_id, user_id=given.user_id)
        if isinstance(hints, Failure):
            return hints
        reading = partial(self._read, given, hints.value, found.value)
        return await self.reading_turns(given.user_id, reading)

    async def __call__(
        self, prepared: ReadFile | Repetition, import_id: ImportId, progress: Progress = NO_PROGRESS
    ) -> Result[tuple[StatementImport, list[DomainEvent]], TooManyAccounts | Unavailable]:
        """Enter the file's rows; return the import, and what else happened."""
        begun = await self.imports.unhurried()
        if isinstance(begun, Failure):
            return begun
        if isinstance(prepared, Repetition):
            repeated = await self.repeat_import(prepared, import_id, progress)
            return repeated if isinstance(repeated, Failure) else Success((repeated.value, []))
        return await self._enter(prepared, import_id, progress)

    async def _enter(
        self, read: ReadFile, import_id: ImportId, progress: Progress
    ) -> Result[tuple[StatementImport, list[DomainEvent]], TooManyAccounts | Unavailable]:
        given = read.given
        opened = await self._open_accounts(read)
        if isinstance(opened, Failure):
            return opened
        accounts, events = opened.value
        outcomes = await self._enter_all(read, accounts, import_id, progress)
        if isinstance(outcomes, Failure):
            return outcomes
        done = StatementImport(
            id=import_id,
            user_id=given.user_id,
            file_name=given.file_name,
            digest=read.digest,
            size=len(given.content),
            format=read.file.format,
            imported_at=self.clock.now(),
            statements=outcomes.value,
            quarantined=read.file.quarantined,
            unread_holdings=read.file.unread_holdings,
            # Read again, it is read in the same way, whatever profiles there are by then.
            hints=replace(given.hints, csv_profile=read.file.csv_profile, csv_profiles=()),
            account_id=given.account_id,
            edition=self.repeat_import.reader_version,
        )
        return Success((done, events))

    async def _account(
        self, account_id: AccountId | None, user_id: UserId
    ) -> Result[Account | None, AccountNotFound | Unavailable]:
        if account_id is None:
            return Success(None)
        async with self.unit_of_work(owner=user_id):
            return await self.accounts.get(account_id, owner=user_id)

    def _read(
        self, given: GivenFile, hints: ReadingHints, into: Account | None
    ) -> Result[ReadFile, UnreadableStatement | StatementTooLarge | Unavailable]:
        if into:
            hints = replace(hints, currency=into.currency, account=into.number)
        read = self.read_statement(given.content, hints)
        if isinstance(read, Failure):
            return read
        refused = _refusal(read.value.statements, into)
        if read.value.is_empty:
            refused = UnreadableStatement("The file does not contain an account statement.")
        if refused:
            return Failure(refused)
        return Success(ReadFile(given=given, digest=given.digest, file=read.value, into=into))

    async def _open_accounts(
        self, read: ReadFile
    ) -> Result[tuple[list[Account], list[DomainEvent]], TooManyAccounts | Unavailable]:
        """Find or add the account of each statement, and keep others from writing to them."""
        owner = read.given.user_id
        accounts: list[Account] = []
        events: list[DomainEvent] = []
        for statement in read.file.statements:
            opened = await self.directory.open(statement.account, user_id=owner, into=read.into)
            if isinstance(opened, Failure):
                return opened
            account, happened = opened.value
            accounts.append(account)
            events.extend(happened)
        locked = await self.accounts.lock({account.id for account in accounts}, owner=owner)
        return locked if isinstance(locked, Failure) else Success((accounts, events))

    async def _enter_all(
        self, read: ReadFile, accounts: Sequence[Account], import_id: ImportId, progress: Progress
    ) -> Result[list[StatementOutcome], Unavailable]:
        await progress.begin(read.rows)
        outcomes: list[StatementOutcome] = []
        for place, statement in enumerate(read.file.statements, 1):
            to = Destination(account=accounts[place - 1], import_id=import_id, place=place)
            outcome = await self.enter_statement(statement, to, progress)
            if isinstance(outcome, Failure):
                return outcome
            outcomes.append(outcome.value)
        return Success(outcomes)


def _refusal(statements: Sequence[Statement], into: Account | None) -> UnreadableStatement | None:
    """Say why these statements cannot be told accounts, if they cannot."""
    if into is None:
        unnamed = any(not statement.account.number for statement in statements)
        return HintNeeded("The file names no account. Say which one it is.") if unnamed else None
    if len({statement.account for statement in statements}) > 1:
        return UnreadableStatement("The file covers several accounts. It cannot go into one.")
    if any(statement.account.currency != into.currency for statement in statements):
        return UnreadableStatement("The account has a different currency from the file.")
    return None
