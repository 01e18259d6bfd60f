"""Files that were brought in, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from domain.ledger.actions import STATEMENT_PREVIEWED
from domain.ledger.events import (
    ImportUndone,
    StatementImported,
    StatementReceived,
    StatementRefused,
)
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.values import (
    BalanceKind,
    QuarantinedRow,
    Reconciliation,
    StatedBalance,
    Statement,
)
from domain.ledger.verdicts import Verdict
from domain.shared.errors import DomainError
from domain.shared.events import Actor, AuditRecord
from domain.shared.ids import AccountId, ImportId, StatementId, UserId


class ImportStatus(StrEnum):
    """Where an import stands. It is running while rows are entered that nobody sees yet."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file could not be brought in: the code of an error, and its sentence."""

    code: str
    detail: str

    @classmethod
    def of(cls, error: DomainError) -> Self:
        return cls(error.code, error.detail)


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How many rows a file has, and how many of them are entered."""

    rows: int
    entered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementOutcome:
    """What a statement of a file covers, whether it adds up, and what became of its rows.

    Rows are counted by verdict; `balances` are those that were added.
    """

    id: StatementId
    account_id: AccountId
    currency: str
    number: str = ""
    first_day: date | None = None
    last_day: date | None = None
    opening: StatedBalance | None = None
    closing: StatedBalance | None = None
    holdings_day: date | None = None
    reconciliation: Reconciliation
    new: int
    same: int
    updates: int
    conflict: int
    deleted: int
    balances: int

    @classmethod
    def of(
        cls,
        statement: Statement,
        verdicts: Sequence[Verdict],
        *,
        id: StatementId,
        account_id: AccountId,
        balances: int,
    ) -> Self:
        return cls(
            id=id,
            account_id=account_id,
            currency=statement.account.currency,
            number=statement.number,
            first_day=statement.first_day,
            last_day=statement.last_day,
            opening=statement.balance(BalanceKind.OPENING),
            closing=statement.balance(BalanceKind.BOOKED),
            holdings_day=statement.holdings_day,
            reconciliation=statement.reconciliation,
            new=verdicts.count(Verdict.NEW),
            same=verdicts.count(Verdict.SAME),
            updates=verdicts.count(Verdict.UPDATES),
            conflict=verdicts.count(Verdict.CONFLICT),
            deleted=verdicts.count(Verdict.DELETED),
            balances=balances,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementImport:
    """One file brought in: what it was (SHA-256, size in bytes), and what became of each row.

    `hints` and `account_id` are what was said along with it. One that waits has neither format nor
    statements, and `imported_at` is when it came. `undone_at` tells when all of it was taken back.
    `edition` is that of the readers: the same one reads the same bytes in the same way.
    `unread_holdings` are positions that could not be read; they are no rows.
    """

    id: ImportId
    user_id: UserId
    file_name: str = field(repr=False)
    digest: bytes
    size: int
    format: str
    imported_at: datetime
    statements: Sequence[StatementOutcome]
    quarantined: Sequence[QuarantinedRow]
    unread_holdings: Sequence[QuarantinedRow] = ()
    undone_at: datetime | None = None
    status: ImportStatus = ImportStatus.DONE
    error: Refusal | None = None
    progress: ImportProgress | None = None
    hints: ReadingHints = NO_HINTS
    account_id: AccountId | None = None
    edition: str = ""

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to be brought in."""
        return self.status in (ImportStatus.WAITING, ImportStatus.RUNNING)

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

    def previewed(self, *, at: datetime) -> AuditRecord:
        """Record that this was looked at, and not done."""
        return STATEMENT_PREVIEWED.record(
            subject_id=None,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            format=self.format,
            sha256=self.digest.hex(),
        )

    def received(self) -> StatementReceived:
        """Return the fact that it was taken, to be brought in later."""
        return StatementReceived(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=self.imported_at,
            sha256=self.digest.hex(),
            size=self.size,
        )

    def refuse(self, error: DomainError, *, at: datetime) -> tuple[Self, StatementRefused]:
        """Fail for good, because the file cannot be brought in."""
        failed = replace(
            self,
            status=ImportStatus.FAILED,
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

    def take_back(self, *, at: datetime) -> Self:
        """Return it as it is when all of it was taken back."""
        return replace(self, status=ImportStatus.UNDONE, progress=None, undone_at=at)

    def undone(self, *, removed: int, restored: int, at: datetime) -> ImportUndone:
        """Return the fact that it was taken back."""
        return ImportUndone(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            removed=removed,
            restored=restored,
        )

    def imported(self) -> StatementImported:
        """Return the fact."""
        return StatementImported(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=self.imported_at,
            format=self.format,
            sha256=self.digest.hex(),
            accounts=tuple(sorted({statement.account_id for statement in self.statements})),
            new=self.new,
            same=self.same,
            updates=self.updates,
            conflict=self.conflict,
            deleted=self.deleted,
            quarantined=len(self.quarantined),
        )
