"""The import pipeline. Imports, previews and queued work differ only in how it ends."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.account_resolver import AccountResolver
from dashtam.application.ledger.changeovers import FindChangeovers
from dashtam.application.ledger.earlier_import import FindEarlierImport, Resubmitted
from dashtam.application.ledger.post_statement import Destination, PostStatement
from dashtam.application.ledger.progress import NO_PROGRESS, Progress
from dashtam.application.ledger.read_statement import ParsedFile, ReadFile, ReadingError
from dashtam.application.ledger.reconcile import ReconcileAccounts
from dashtam.application.ledger.rules_of_imports import RulesOfImports
from dashtam.application.ledger.store_file import StorageError, StoreFile
from dashtam.application.use_case import UseCase
from domain.ledger.entities import Account
from domain.ledger.errors import (
    AccountNotFound,
    CsvProfileNotFound,
    HintNeeded,
    TooManyAccounts,
)
from domain.ledger.evidence import Outline
from domain.ledger.imports import ImportRequest, StatementImport, StatementOutcome
from domain.ledger.ports import (
    AccountRepository,
    ImportRepository,
    TransactionRepository,
)
from domain.ledger.previews import Preview
from domain.ledger.questions import Question
from domain.ledger.rule_effects import ImportRules
from domain.ledger.values import AccountReference, Statement, StatementRef
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent, Fact, ResourceType
from domain.shared.ids import AccountId, ImportId, UserId, new_id
from domain.shared.pages import MAX_PAGE_SIZE
from domain.shared.result import Failure, Result, Success

PipelineError = ReadingError | StorageError | AccountNotFound | CsvProfileNotFound | TooManyAccounts
#: Of more statements to come in a file, nobody asks which of them follow one.
MOST_COMING = 500
#: Stores an import that is done, in the caller's unit of work.
Store = Callable[[StatementImport], Awaitable[Result[None, StorageError]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPipeline(UseCase):
    """Import the rows of a file into its user's ledger: each exactly once, all of them or none.

    The same bytes are imported once: sent again, they are answered with the import that exists.
    `prepare`, `enter` and `post` do the work; their callers open the unit of work around the last
    two, and commit it or roll it back.
    """

    find_earlier_import: FindEarlierImport
    read_file: ReadFile
    account_resolver: AccountResolver
    post_statement: PostStatement
    find_changeovers: FindChangeovers
    reconcile_accounts: ReconcileAccounts
    store_file: StoreFile
    rules_of_imports: RulesOfImports
    accounts: AccountRepository
    imports: ImportRepository
    transactions: TransactionRepository

    @audit_failures("statement.import", ResourceType.IMPORT)
    @retry_on_conflict
    async def __call__(
        self, request: ImportRequest, progress: Progress = NO_PROGRESS
    ) -> Result[StatementImport, PipelineError]:
        found = await self._resubmitted(request)
        if isinstance(found, Failure):
            return found
        if found.value:
            earlier, _ = found.value
            return Success(earlier)
        prepared = await self.prepare(request)
        if isinstance(prepared, Failure):
            return prepared
        async with self.unit_of_work(owner=request.user_id) as uow:
            entered = await self._enter_once(prepared.value, progress)
            if isinstance(entered, Failure):
                return entered
            done, facts = entered.value
            await uow.commit(*facts)
        return Success(done)

    async def _resubmitted(
        self, request: ImportRequest
    ) -> Result[Resubmitted | None, CsvProfileNotFound | Unavailable]:
        """Record and return the import that the file has already, without reading it."""
        await asyncio.to_thread(lambda: request.digest)
        hints = await self.read_file.profile_hints(request)
        if isinstance(hints, Failure):
            return hints
        async with self.unit_of_work(owner=request.user_id) as uow:
            found = await self.find_earlier_import(request, hints.value)
            if isinstance(found, Success) and found.value:
                _, record = found.value
                await uow.commit(record)
        return found

    async def _enter_once(
        self, parsed: ParsedFile, progress: Progress
    ) -> Result[tuple[StatementImport, Sequence[Fact]], PipelineError]:
        """Import the file, unless that was done while it was read."""
        request = parsed.request
        # Sending a file again with answers is the same as answering.
        asked = await self.imports.lock_asked(request.digest, owner=request.user_id)
        if isinstance(asked, Failure):
            return asked
        found = await self.find_earlier_import(request, parsed.hints)
        if isinstance(found, Failure):
            return found
        if found.value:
            earlier, record = found.value
            return Success((earlier, [record]))
        import_id = asked.value.id if asked.value else ImportId(new_id())
        store = partial(self.store_file, content=request.content, is_known=bool(asked.value))
        return await self.enter(parsed, import_id, store, progress)

    async def enter(
        self, prepared: ParsedFile, import_id: ImportId, store: Store, progress: Progress
    ) -> Result[tuple[StatementImport, list[DomainEvent]], PipelineError]:
        """Post the rows of a file and store its import; return it with everything that happened."""
        posted = await self.post(prepared, import_id, progress)
        if isinstance(posted, Failure):
            return posted
        done, events = posted.value
        stored = await store(done)
        if isinstance(stored, Failure):
            return stored
        expired = await self.transactions.expire(done.accounts, owner=done.user_id)
        if isinstance(expired, Failure):
            return expired
        return Success((done, [done.imported(), *events]))

    @audit_failures("statement.preview", ResourceType.IMPORT)
    @retry_on_conflict
    async def preview(self, request: ImportRequest) -> Result[Preview, PipelineError]:
        """Return what an import would do; only an audit entry is stored."""
        preview = await self.dry_run(request)
        if isinstance(preview, Failure):
            return preview
        async with self.unit_of_work(owner=request.user_id) as uow:
            await uow.commit(preview.value.outcome.previewed(at=self.clock.now()))
        return preview

    async def dry_run(
        self, request: ImportRequest, progress: Progress = NO_PROGRESS
    ) -> Result[Preview, PipelineError]:
        """Return what an import would do: its rows are posted, listed, and rolled back."""
        prepared = await self.prepare(request)
        if isinstance(prepared, Failure):
            return prepared
        owner = request.user_id
        async with self.unit_of_work(owner=owner):
            posted = await self.post(prepared.value, ImportId(new_id()), progress)
            if isinstance(posted, Failure):
                return posted
            done, _ = posted.value
            rows = await self.imports.rows(done.id, owner=owner, after=None, limit=MAX_PAGE_SIZE)
        return rows if isinstance(rows, Failure) else Success(Preview(done, rows.value))

    async def prepare(self, request: ImportRequest) -> Result[ParsedFile, PipelineError]:
        """Read the file; if its questions were answered once, they are not asked again."""
        read: Result[ParsedFile, PipelineError] = await self.read_file(request)
        if isinstance(read, Failure) and isinstance(read.error, HintNeeded):
            read = await self._read_as_answered(request, read.error)
        if isinstance(read, Failure):
            return read
        parsed = read.value
        # Hashing a large file takes time, so it is done in a thread; the request caches the digest.
        await asyncio.to_thread(lambda: parsed.request.digest)
        async with self.unit_of_work(owner=request.user_id):
            known = await self.find_earlier_import.is_known(parsed.request, parsed.hints)
        if isinstance(known, Failure):
            return known
        return Success(replace(parsed, is_known=known.value))

    async def _read_as_answered(
        self, request: ImportRequest, asked: HintNeeded
    ) -> Result[ParsedFile, PipelineError]:
        async with self.unit_of_work(owner=request.user_id):
            found = await self.find_earlier_import.answered(request)
        if isinstance(found, Failure):
            return found
        return await self.read_file(found.value) if found.value else Failure(asked)

    async def post(
        self, prepared: ParsedFile, import_id: ImportId, progress: Progress
    ) -> Result[
        tuple[StatementImport, list[DomainEvent]], HintNeeded | TooManyAccounts | Unavailable
    ]:
        """Post the rows of the file; return the import and the events besides it."""
        allowed = await self.imports.allow_long_transaction()
        if isinstance(allowed, Failure):
            return allowed
        posted = await self._post(prepared, import_id, progress)
        if isinstance(posted, Failure):
            return posted
        done, events = posted.value
        reconciled = await self.reconcile_accounts.after_import(done)
        if isinstance(reconciled, Failure):
            return reconciled
        done, unbalanced = reconciled.value
        return Success((done, [*events, *unbalanced]))

    async def _post(
        self, prepared: ParsedFile, import_id: ImportId, progress: Progress
    ) -> Result[
        tuple[StatementImport, list[DomainEvent]], HintNeeded | TooManyAccounts | Unavailable
    ]:
        resolved = await self._resolve_accounts(prepared)
        if isinstance(resolved, Failure):
            return resolved
        accounts, events = resolved.value
        outcomes = await self._post_with_rules(prepared, accounts, import_id, progress)
        if isinstance(outcomes, Failure):
            return outcomes
        ended = await self._end_abolished(outcomes.value, import_id, prepared.request.user_id)
        if isinstance(ended, Failure):
            return ended
        posted = [*outcomes.value, *ended.value]
        return Success((self._imported(prepared, import_id, posted), events))

    async def _end_abolished(
        self, outcomes: Sequence[StatementOutcome], import_id: ImportId, owner: UserId
    ) -> Result[list[StatementOutcome], Unavailable]:
        """Post the changeovers of accounts whose currency was abolished."""
        found = await self.find_changeovers(outcomes, owner=owner)
        if isinstance(found, Failure):
            return found
        locked = await self.accounts.lock({each.id for _, each in found.value}, owner=owner)
        if isinstance(locked, Failure):
            return locked
        ended: list[StatementOutcome] = []
        for place, (statement, account) in enumerate(found.value, len(outcomes) + 1):
            outline = Outline.of(statement, StatementRef(import_id, place))
            to = Destination(account=account, outline=outline)
            outcome = await self.post_statement(statement, to)
            if isinstance(outcome, Failure):
                return outcome
            ended.append(outcome.value)
        return Success(ended)

    async def _resolve_accounts(
        self, parsed: ParsedFile
    ) -> Result[
        tuple[list[Account], list[DomainEvent]], HintNeeded | TooManyAccounts | Unavailable
    ]:
        """Find or add the account of each statement, and lock them all; ask about all at once."""
        owner = parsed.request.user_id
        questions: list[Question] = []
        accounts: list[Account] = []
        events: list[DomainEvent] = []
        found: dict[AccountReference, Account] = {}
        for statement in parsed.file.statements:
            if statement.account in found:
                accounts.append(found[statement.account])
                continue
            resolved = await self.account_resolver.resolve(
                statement.account,
                user_id=owner,
                named=parsed.account,
                similar=parsed.request.hints.similar_accounts,
                distinct_from={each.subject_id for each in events if each.subject_id},
            )
            if isinstance(resolved, Failure):
                if not isinstance(resolved.error, HintNeeded):
                    return resolved
                asked = resolved.error.questions
                questions += [each for each in asked if each not in questions]
                continue
            account, happened = resolved.value
            found[statement.account] = account
            accounts.append(account)
            events.extend(happened)
        if questions:
            return Failure(HintNeeded.ask(*questions))
        locked = await self.accounts.lock({account.id for account in accounts}, owner=owner)
        return locked if isinstance(locked, Failure) else Success((accounts, events))

    async def _post_with_rules(
        self,
        parsed: ParsedFile,
        accounts: Sequence[Account],
        import_id: ImportId,
        progress: Progress,
    ) -> Result[list[StatementOutcome], Unavailable]:
        """Post all statements; an application of the user's rules belongs to the import."""
        owner = parsed.request.user_id
        rules = await self.rules_of_imports(owner)
        if isinstance(rules, Failure):
            return rules
        outcomes = await self._post_all(parsed, accounts, import_id, progress, rules.value)
        if isinstance(outcomes, Failure) or not rules.value.rules:
            return outcomes
        recorded = await self.rules_of_imports.complete(import_id, owner)
        return recorded if isinstance(recorded, Failure) else outcomes

    async def _post_all(
        self,
        parsed: ParsedFile,
        accounts: Sequence[Account],
        import_id: ImportId,
        progress: Progress,
        rules: ImportRules,
    ) -> Result[list[StatementOutcome], Unavailable]:
        await progress.begin(parsed.rows)
        outcomes: list[StatementOutcome] = []
        outlines = await asyncio.to_thread(_outlines, parsed.file.statements, import_id)
        of_account = defaultdict[AccountId, list[Outline]](list)
        for account, outline in zip(accounts, outlines, strict=True):
            of_account[account.id].append(outline)
        posted = defaultdict[AccountId, list[Outline]](list)
        for statement, account, outline in zip(
            parsed.file.statements, accounts, outlines, strict=True
        ):
            next_one = len(posted[account.id]) + 1
            to = Destination(
                account=account,
                outline=outline,
                posted=posted[account.id],
                coming=of_account[account.id][next_one : next_one + MOST_COMING],
                known_file=parsed.request.digest if parsed.is_known else None,
                revises=parsed.revises,
                rules=rules,
            )
            outcome = await self.post_statement(statement, to, progress)
            if isinstance(outcome, Failure):
                return outcome
            outcomes.append(outcome.value)
            posted[account.id].append(outline)
        return Success(outcomes)

    def _imported(
        self, parsed: ParsedFile, import_id: ImportId, outcomes: Sequence[StatementOutcome]
    ) -> StatementImport:
        request, file = parsed.request, parsed.file
        return StatementImport(
            id=import_id,
            user_id=request.user_id,
            file_name=request.file_name,
            digest=request.digest,
            size=len(request.content),
            format=file.format,
            imported_at=self.clock.now(),
            statements=outcomes,
            quarantined=file.quarantined,
            unread_holdings=file.unread_holdings,
            hints=parsed.hints,
            account_id=request.account_id,
            reader_version=self.find_earlier_import.reader_version,
        )


def _outlines(statements: Sequence[Statement], import_id: ImportId) -> list[Outline]:
    return [
        Outline.of(statement, StatementRef(import_id, place))
        for place, statement in enumerate(statements, 1)
    ]
