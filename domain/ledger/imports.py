"""Files that were brought in, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self

from domain.ledger.events import ImportUndone, StatementImported, StatementPreviewed
from domain.ledger.hints import CsvProfile
from domain.ledger.values import BalanceKind, Proof, QuarantinedRow, StatedBalance, Statement
from domain.ledger.verdicts import Verdict
from domain.shared.events import Actor
from domain.shared.ids import AccountId, ImportId, StatementId, UserId


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
    proof: Proof
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
            proof=statement.proof,
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

    `undone_at` tells when all of it was taken back.
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
    undone_at: datetime | None = None
    #: How a CSV file was read; it is not kept with the import.
    csv_profile: CsvProfile | None = field(default=None, repr=False, compare=False)

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

    def previewed(self, *, at: datetime) -> StatementPreviewed:
        """Return the fact that this was looked at, and not done."""
        return StatementPreviewed(
            subject_id=None,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            format=self.format,
            sha256=self.digest.hex(),
        )

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
