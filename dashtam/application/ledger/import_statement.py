"""Import a statement file."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.ledger.account_directory import AccountDirectory
from dashtam.application.ledger.read_statement import ReadStatement
from dashtam.application.use_case import UseCase
from domain.ledger.entities import (
    Account,
    BalanceSnapshot,
    StatementImport,
    StatementOutcome,
    Transaction,
)
from domain.ledger.errors import (
    AccountNotFound,
    HintNeeded,
    StatementTooLarge,
    UnreadableStatement,
)
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.identity import Identity, Verdict, decide, identify
from domain.ledger.ports import (
    AccountRepository,
    BalanceRepository,
    ImportRepository,
    TransactionRepository,
)
from domain.ledger.values import Statement, StatementFile
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent, ResourceType
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId, new_id
from domain.shared.result import Failure, Result, Success

ImportStatementError = UnreadableStatement | StatementTooLarge | AccountNotFound | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStatement(UseCase):
    """Bring a file's rows into a user's ledger: each exactly once, all of them or none."""

    read_statement: ReadStatement
    directory: AccountDirectory
    accounts: AccountRepository
    transactions: TransactionRepository
    balances: BalanceRepository
    imports: ImportRepository

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
    ) -> Result[StatementImport, ImportStatementError]:
        prepared = await self._prepare(content, hints, account_id, user_id)
        if isinstance(prepared, Failure):
            return prepared
        file, into = prepared.value
        import_id = ImportId(new_id())
        async with self.unit_of_work(owner=user_id) as uow:
            opened = await self._open_accounts(file, user_id, into)
            if isinstance(opened, Failure):
                return opened
            accounts, events = opened.value
            outcomes = await self._record_all(file, accounts, import_id)
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
            )
            added = await self.imports.add(done)
            if isinstance(added, Failure):
                return added
            await uow.commit(done.imported(), *events)
        return Success(done)

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

    async def _record_all(
        self, file: StatementFile, accounts: Sequence[Account], import_id: ImportId
    ) -> Result[list[StatementOutcome], Unavailable]:
        outcomes: list[StatementOutcome] = []
        for statement, account in zip(file.statements, accounts, strict=True):
            outcome = await self._record(statement, account, import_id)
            if isinstance(outcome, Failure):
                return outcome
            outcomes.append(outcome.value)
        return Success(outcomes)

    async def _record(
        self, statement: Statement, account: Account, import_id: ImportId
    ) -> Result[StatementOutcome, Unavailable]:
        identities = await asyncio.to_thread(identify, statement.rows)
        judged = await self._judge(statement, identities, account)
        if isinstance(judged, Failure):
            return judged
        transactions = await asyncio.to_thread(
            _entries, statement, identities, judged.value, account, import_id
        )
        added = await self.transactions.add(transactions)
        if isinstance(added, Failure):
            return added
        balances = await self.balances.add(
            [
                BalanceSnapshot.of(b, account=account, import_id=import_id)
                for b in statement.balances
            ]
        )
        if isinstance(balances, Failure):
            return balances
        return Success(
            StatementOutcome.of(
                account.id, judged.value, balances=balances.value, proof=statement.proof
            )
        )

    async def _judge(
        self, statement: Statement, identities: Sequence[Identity], account: Account
    ) -> Result[list[Verdict], Unavailable]:
        known = await self.transactions.known(
            account.id, owner=account.user_id, identities=identities
        )
        if isinstance(known, Failure):
            return known
        given = {row.provider_id for row in statement.rows if row.provider_id}
        taken = await self.transactions.known_provider_ids(
            account.id, owner=account.user_id, provider_ids=given
        )
        if isinstance(taken, Failure):
            return taken
        verdicts = await asyncio.to_thread(
            decide, statement.rows, identities, known=known.value, provider_ids=taken.value
        )
        return Success(verdicts)


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


def _entries(
    statement: Statement,
    identities: Sequence[Identity],
    verdicts: Sequence[Verdict],
    account: Account,
    import_id: ImportId,
) -> list[Transaction]:
    """Return what is to be entered: every row but those the account holds already."""
    return [
        Transaction.from_row(
            row, identity, id=TransactionId(new_id()), account=account, import_id=import_id
        )
        for row, identity, verdict in zip(statement.rows, identities, verdicts, strict=True)
        if verdict is not Verdict.SAME
    ]
