"""Merges: two accounts are one, and the imports of one of them are made into the other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from domain.ledger.actions import ACCOUNT_MERGE_PREVIEWED, ACCOUNT_MERGE_UNDONE, ACCOUNTS_MERGED
from domain.ledger.entities import Account
from domain.ledger.imports import StatementImport
from domain.shared.errors import Conflict, NotFound
from domain.shared.events import Actor, AuditRecord
from domain.shared.ids import AccountId, ImportId, MergeId, TransactionId, UserId

#: So many imports are made again at once, and so many rows.
MOST_IMPORTS = 1000
MOST_ROWS = 50_000


class AccountsNotMergeable(Conflict):
    """The two accounts cannot be one: of two currencies, say, or with two opening balances."""

    code = "accounts-not-mergeable"


@dataclass(frozen=True)
class MergeNotFound(NotFound):
    """The user has merged no such accounts."""

    code = "account-merge-not-found"
    detail: str = "No such merge of accounts."


class MergeIsUndone(Conflict):
    """The merge has already been undone."""

    code = "account-merge-is-undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedRows:
    """What became of the rows of the merged account, by result.

    Of the new ones, `suggested` may be transactions that the other account has in other words.
    """

    new: int = 0
    same: int = 0
    updates: int = 0
    conflict: int = 0
    deleted: int = 0
    suggested: int = 0

    @property
    def total(self) -> int:
        return self.new + self.same + self.updates + self.conflict + self.deleted

    @classmethod
    def of(
        cls, imports: Iterable[tuple[StatementImport, StatementImport]], merged_id: AccountId
    ) -> Self:
        """Add up the statements that were of the merged account: a file may have those of both."""
        statements = [
            now
            for former, present in imports
            for was, now in zip(former.statements, present.statements, strict=False)
            if was.account_id == merged_id
        ]
        names = [each.name for each in fields(cls)]
        return cls(**{name: sum(getattr(each, name) for each in statements) for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What moved from one account to the other, so that it can move back.

    `annotated` are transactions that have since what their owner had said of duplicates of them,
    each with its version before.
    """

    transactions: Sequence[TransactionId] = ()
    aliases: Sequence[UUID] = ()
    annotated: Mapping[TransactionId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMerge:
    """A merge of the account `merged` into another one; it is undone when that has a time.

    `imports` are those that were undone, each with the one that was made of the same file instead.
    """

    id: MergeId
    user_id: UserId
    account_id: AccountId
    merged: Account
    merged_at: datetime
    imports: Mapping[ImportId, ImportId]
    rows: MergedRows
    moved: Moved
    undone_at: datetime | None = None

    def done(self) -> AuditRecord:
        """Record that the accounts were merged."""
        return ACCOUNTS_MERGED.record(
            subject_id=self.account_id,
            actor=Actor.user(self.user_id),
            occurred_at=self.merged_at,
            merged_id=self.merged.id,
            imports=len(self.imports),
            merge_id=self.id,
            rows=self.rows.total,
        )

    def previewed(self) -> AuditRecord:
        """Record that this was looked at, and not done."""
        return ACCOUNT_MERGE_PREVIEWED.record(
            subject_id=self.account_id,
            actor=Actor.user(self.user_id),
            occurred_at=self.merged_at,
            merged_id=self.merged.id,
            imports=len(self.imports),
            rows=self.rows.total,
        )

    def undo(self, *, at: datetime) -> tuple[Self, AuditRecord]:
        """Return the merge as it is when it is undone, and the record of that."""
        undone = ACCOUNT_MERGE_UNDONE.record(
            subject_id=self.account_id,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            merged_id=self.merged.id,
            imports=len(self.imports),
            merge_id=self.id,
        )
        return replace(self, undone_at=at), undone


def refuse_merge(
    account: Account, merged: Account, imports: Sequence[StatementImport]
) -> AccountsNotMergeable | None:
    """Return why an account cannot be merged into another one, if it cannot."""
    if account.id == merged.id:
        return AccountsNotMergeable("These are one account already.")
    if account.currency != merged.currency:
        return AccountsNotMergeable(
            f"The accounts have different currencies: {account.currency} and {merged.currency}."
        )
    rows = sum(statement.rows for each in imports for statement in each.statements)
    if len(imports) > MOST_IMPORTS or rows > MOST_ROWS:
        return AccountsNotMergeable(
            f"An account that is merged has at most {MOST_IMPORTS:,} imports with {MOST_ROWS:,}"
            " rows. Merge the other one of the two, if it has fewer."
        )
    return None
