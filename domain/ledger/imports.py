"""Files that users submit, and what became of them and of each of their rows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Self

from domain.ledger.actions import STATEMENT_PREVIEWED, STATEMENT_RESUBMITTED
from domain.ledger.errors import HintNeeded, NoQuestionOpen, Refusal
from domain.ledger.events import (
    ImportUndone,
    StatementImported,
    StatementReceived,
    StatementRefused,
)
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import (
    UNRECONCILED,
    LedgerReconciliation,
    MatchResult,
    QuarantinedRow,
    Reconciliation,
    StatedBalance,
    Statement,
)
from domain.shared.errors import DomainError
from domain.shared.events import Actor, AuditRecord
from domain.shared.ids import AccountId, ImportId, ProfileId, StatementId, TransactionId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """A file to import or to preview, and what was said along with it.

    In the `background`, it is processed later, whatever its size.
    """

    user_id: UserId
    file_name: str = field(repr=False)
    content: bytes = field(repr=False)
    hints: ReadingHints = NO_HINTS
    account_id: AccountId | None = None
    csv_profile_id: ProfileId | None = None
    background: bool = False

    @property
    def says_nothing(self) -> bool:
        """Whether nothing was said along with the file; saved profiles are no word about it."""
        said = replace(self.hints, csv_profiles=()), self.account_id, self.csv_profile_id
        return said == (NO_HINTS, None, None)

    @cached_property
    def digest(self) -> bytes:
        """The SHA-256 of the file. For a large one, first compute it off the event loop."""
        return sha256(self.content).digest()


class ImportStatus(StrEnum):
    """The state of an import.

    While it is running, nobody else sees the rows that it has posted. One that is `ASKED` has
    questions open: its file is stored until they are answered, or the import is deleted.
    """

    WAITING = "waiting"
    RUNNING = "running"
    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How many rows a file has, and how many of them are entered."""

    rows: int
    entered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementOutcome:
    """What a statement of a file covers, whether it adds up, and what became of its rows.

    Rows are counted by result; `balances` are those that were added, and of the new rows,
    `suggested` may be transactions that the account has already. `withdrawn` are the pending ones
    that will not be booked. `reconciliation` is that of its own rows, and `ledger` that of what the
    ledger has up to its closing balance.
    """

    id: StatementId
    account_id: AccountId
    currency: str
    report_type: str = ""
    number: str = ""
    first_day: date | None = None
    last_day: date | None = None
    opening: StatedBalance | None = None
    closing: StatedBalance | None = None
    pending_day: date | None = None
    holdings_day: date | None = None
    corrected_ids: tuple[str, ...] = ()
    reconciliation: Reconciliation
    new: int
    same: int
    updates: int
    conflict: int
    deleted: int
    balances: int
    suggested: int
    withdrawn: tuple[TransactionId, ...] = ()
    ledger: LedgerReconciliation = UNRECONCILED

    @property
    def rows(self) -> int:
        return self.new + self.same + self.updates + self.conflict + self.deleted

    @classmethod
    def of(
        cls,
        statement: Statement,
        results: Iterable[MatchResult],
        *,
        id: StatementId,
        account_id: AccountId,
        balances: int,
        suggested: int,
        withdrawn: tuple[TransactionId, ...] = (),
    ) -> Self:
        rows = Counter(results)
        return cls(
            id=id,
            account_id=account_id,
            currency=statement.account.currency,
            report_type=statement.report_type,
            number=statement.number,
            first_day=statement.first_day,
            last_day=statement.last_day,
            opening=statement.balance(BalanceKind.OPENING),
            closing=statement.balance(BalanceKind.BOOKED),
            pending_day=statement.pending_day,
            holdings_day=statement.holdings_day,
            corrected_ids=tuple(statement.corrected_ids),
            reconciliation=statement.reconciliation,
            new=rows[MatchResult.NEW],
            same=rows[MatchResult.SAME],
            updates=rows[MatchResult.UPDATES],
            conflict=rows[MatchResult.CONFLICT],
            deleted=rows[MatchResult.DELETED],
            balances=balances,
            suggested=suggested,
            withdrawn=withdrawn,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedFile:
    """A file as it was submitted (SHA-256, size in bytes), and how far it has been processed.

    `hints` and `account_id` are what was said along with it.
    """

    id: ImportId
    user_id: UserId
    file_name: str = field(repr=False)
    digest: bytes
    size: int
    hints: ReadingHints = NO_HINTS
    account_id: AccountId | None = None
    status: ImportStatus = ImportStatus.WAITING
    error: Refusal | None = None
    progress: ImportProgress | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to be processed."""
        return self.status in (ImportStatus.WAITING, ImportStatus.RUNNING)

    def request(self, content: bytes) -> ImportRequest:
        """Return the request that this file came with, to process it now or again."""
        return ImportRequest(
            user_id=self.user_id,
            file_name=self.file_name,
            content=content,
            hints=self.hints,
            account_id=self.account_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementImport(SubmittedFile):
    """One imported file, and what became of each row.

    One that waits has neither format nor statements, and `imported_at` is when it was submitted.
    `undone_at` is when all of it was undone. Readers of the same `reader_version` read the same
    bytes in the same way. `unread_holdings` are positions that could not be read; they are no rows.
    `is_resubmitted` says that it answers a request whose file was submitted before.
    """

    format: str
    imported_at: datetime
    statements: Sequence[StatementOutcome]
    quarantined: Sequence[QuarantinedRow]
    unread_holdings: Sequence[QuarantinedRow] = ()
    undone_at: datetime | None = None
    status: ImportStatus = ImportStatus.DONE
    reader_version: str = ""
    is_resubmitted: bool = field(default=False, compare=False)

    @classmethod
    def enqueue(
        cls, request: ImportRequest, *, id: ImportId, hints: ReadingHints, at: datetime
    ) -> Self:
        """Let a file wait for its import; `hints` are those of the request with its profile."""
        return cls(
            id=id,
            user_id=request.user_id,
            file_name=request.file_name,
            digest=request.digest,
            size=len(request.content),
            hints=hints,
            account_id=request.account_id,
            status=ImportStatus.WAITING,
            format="",
            imported_at=at,
            statements=[],
            quarantined=[],
        )

    @property
    def accounts(self) -> frozenset[AccountId]:
        return frozenset(statement.account_id for statement in self.statements)

    @property
    def new(self) -> int:
        return sum(statement.new for statement in self.statements)

    @property
    def same(self) -> int:
        return sum(statement.same for statement in self.statements)

    @property
    def updates(self) -> int:
        return sum(statement.updates for statement in self.statements)

    @property
    def conflict(self) -> int:
        return sum(statement.conflict for statement in self.statements)

    @property
    def deleted(self) -> int:
        return sum(statement.deleted for statement in self.statements)

    @property
    def suggested(self) -> int:
        return sum(statement.suggested for statement in self.statements)

    def previewed(self, *, at: datetime) -> AuditRecord:
        """Record that this was looked at, and not done."""
        return STATEMENT_PREVIEWED.record(
            subject_id=None,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            format=self.format,
            sha256=self.digest.hex(),
        )

    def submitted(self) -> StatementReceived:
        """Return the event that the file was submitted, to be imported later."""
        return StatementReceived(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=self.imported_at,
            sha256=self.digest.hex(),
            size=self.size,
        )

    def resubmitted(self, *, at: datetime) -> tuple[Self, AuditRecord]:
        """Return it as it answers a request with the same file, and a record of that request."""
        record = STATEMENT_RESUBMITTED.record(
            subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at
        )
        return replace(self, is_resubmitted=True), record

    def refuse(self, error: DomainError, *, at: datetime) -> tuple[Self, StatementRefused]:
        """Fail for good, because the file cannot be imported, or wait for answers."""
        asked = isinstance(error, HintNeeded)
        failed = replace(
            self,
            status=ImportStatus.ASKED if asked else ImportStatus.FAILED,
            error=Refusal.of(error),
            progress=None,
            imported_at=at,
        )
        refused = StatementRefused(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            error=error.code,
        )
        return failed, refused

    def answer(
        self, hints: ReadingHints, account_id: AccountId | None, *, at: datetime
    ) -> Result[Self, NoQuestionOpen]:
        """Let the file wait again with these answers, if it has a question open."""
        if self.status is not ImportStatus.ASKED:
            return Failure(NoQuestionOpen("No question about this file is open."))
        return Success(self.wait_again(hints, account_id, at=at))

    def wait_again(
        self, hints: ReadingHints, account_id: AccountId | None, *, at: datetime
    ) -> Self:
        """Return it as it waits with these hints beside the earlier ones."""
        return replace(
            self,
            status=ImportStatus.WAITING,
            error=None,
            imported_at=at,
            hints=self.hints.joined(hints),
            account_id=account_id or self.account_id,
        )

    def undo(self, *, at: datetime) -> Self:
        """Return it as it is when all of it is undone."""
        statements = [replace(each, ledger=UNRECONCILED) for each in self.statements]
        return replace(
            self,
            status=ImportStatus.UNDONE,
            progress=None,
            undone_at=at,
            statements=statements,
        )

    def undone(self, *, removed: int, restored: int, at: datetime) -> ImportUndone:
        """Return the event that it was undone."""
        return ImportUndone(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            removed=removed,
            restored=restored,
        )

    def imported(self) -> StatementImported:
        """Return the event that the file was imported."""
        return StatementImported(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=self.imported_at,
            format=self.format,
            sha256=self.digest.hex(),
            accounts=tuple(sorted(self.accounts)),
            new=self.new,
            same=self.same,
            updates=self.updates,
            conflict=self.conflict,
            deleted=self.deleted,
            quarantined=len(self.quarantined),
        )
