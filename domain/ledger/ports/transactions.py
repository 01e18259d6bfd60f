"""Transactions: now, as they changed, as transfers, in exports. Everything is of one owner."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from domain.ledger.changes import ChangesPage, CursorAhead, FeedCursor, HistoryChanged
from domain.ledger.entities import ImportedRow, Transaction, TransactionStatus
from domain.ledger.errors import (
    AccountNotFound,
    AlreadyTransferred,
    TransactionNotFound,
    TransferNotFound,
)
from domain.ledger.exports import ExportScope, Ledger
from domain.ledger.matching import MatchContext
from domain.ledger.periods import Period
from domain.ledger.transfers import Pair, Transfer, TransferCursor, TransferDecision, TransfersPage
from domain.ledger.values import StatementRow, TransactionKey, TransactionKind
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ImportId, TransactionId, TransferId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFilter:
    """Which transactions are wanted; bounds are inclusive."""

    booked_from: date | None = None
    booked_to: date | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    status: TransactionStatus | None = None
    kind: TransactionKind | None = None

    def until(self, day: date | None) -> "TransactionFilter":
        """Want nothing that was booked after a day."""
        days = [each for each in (self.booked_to, day) if each]
        return replace(self, booked_to=min(days, default=None))


class TransactionRepository(Protocol):
    """All transactions of all accounts."""

    async def get(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound | Unavailable]: ...

    async def lock(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        """Return it as it is now, and keep others from changing it until the transaction ends."""

    async def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
    ) -> Result[Page[Transaction], Unavailable]:
        """Return up to `limit` transactions, newest booking date first."""

    async def match_context(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        rows: Sequence[StatementRow],
        keys: Sequence[TransactionKey],
    ) -> Result[MatchContext, Unavailable]:
        """Return what the account holds that bears on these rows."""

    async def add(self, transactions: Sequence[Transaction]) -> Result[None, Unavailable]: ...

    async def update_from_import(
        self, transactions: Sequence[Transaction]
    ) -> Result[None, Unavailable]:
        """Let these say what an import states now; what they said before becomes a prior state.

        Note and category stay as they are; what was undone is back.
        """

    async def add_prior_states(
        self, transactions: Sequence[Transaction]
    ) -> Result[None, Unavailable]:
        """Add what these say as a prior state of the transactions that have their ids."""

    async def record_rows(self, imported_rows: Sequence[ImportedRow]) -> Result[None, Unavailable]:
        """Record which transactions the rows of an import are."""

    async def undo(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[tuple[int, int], Unavailable]:
        """Undo an import; return how many were removed and how many restored.

        A transaction is what the imports that are left say of it: booked where one says so, in a
        prior state where none does, and not in the ledger where none knows it.
        """

    async def edit(self, transaction: Transaction) -> Result[None, Unavailable]:
        """Keep note and category."""

    async def delete(self, transaction: Transaction) -> Result[None, Unavailable]:
        """Keep that its owner has deleted it."""


class ChangeFeed(Protocol):
    """All changes of a person's ledger, in an order in which nothing ever comes in between."""

    async def page(
        self, *, owner: UserId, after: FeedCursor | None, limit: int
    ) -> Result[ChangesPage, CursorAhead | HistoryChanged | Unavailable]:
        """Return up to `limit` changes behind a place, without those that may still be joined.

        Without a place it is the beginning. A place of another history is refused.
        """


class TransactionHistory(Protocol):
    """What was known of transactions at a moment. Times are those of the store."""

    async def get(
        self, transaction_id: TransactionId, *, owner: UserId, at: datetime
    ) -> Result[Transaction, TransactionNotFound | Unavailable]: ...

    async def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
        at: datetime,
    ) -> Result[Page[Transaction], Unavailable]:
        """Return up to `limit` transactions as they were then, newest booking date first."""


class TransferRepository(Protocol):
    """Pairs of transactions, decided about or not; none is shown while an end of it is gone."""

    async def newest_booking(self, *, owner: UserId) -> Result[date | None, Unavailable]: ...

    async def suggestions(
        self, *, owner: UserId, period: Period, after: TransferCursor | None, limit: int
    ) -> Result[TransfersPage, Unavailable]:
        """Return pairs that may be transfers, of which neither is in one and none was refused."""

    async def decided(
        self,
        decision: TransferDecision,
        *,
        owner: UserId,
        period: Period,
        after: TransferCursor | None,
        limit: int,
    ) -> Result[TransfersPage, Unavailable]: ...

    async def get(
        self, transfer_id: TransferId, *, owner: UserId
    ) -> Result[Transfer, TransferNotFound | Unavailable]: ...

    async def pair(
        self, outgoing_id: TransactionId, incoming_id: TransactionId, *, owner: UserId
    ) -> Result[Pair, TransactionNotFound | Unavailable]:
        """Return two transactions, which nobody else changes until the unit of work ends."""

    async def find(self, pair: Pair, *, owner: UserId) -> Result[Transfer | None, Unavailable]:
        """Return what was decided about a pair."""

    async def keep(
        self, transfer: Transfer
    ) -> Result[Sequence[TransferId], AlreadyTransferred | Unavailable]:
        """Keep a decision about a pair that is held.

        What is confirmed takes the place of confirmed transfers whose other end is gone: those are
        forgotten, and their ids returned.
        """

    async def withdraw(self, transfer: Transfer) -> Result[None, TransferNotFound | Unavailable]:
        """Forget what was decided."""


T = TypeVar("T")


class LedgerWriter(Protocol):
    """Writes one file format. Pure: the same ledger always gives the same bytes."""

    @property
    def format(self) -> str: ...

    @property
    def media_type(self) -> str: ...

    @property
    def suffix(self) -> str:
        """How the names of such files end: `.csv`."""

    def write(self, ledger: Ledger) -> Iterator[bytes]:
        """Yield the file piece by piece, with no more of the ledger in memory than a batch."""


class LedgerSource(Protocol):
    """The ledger in one piece, however much is in it."""

    async def read(
        self, use: Callable[[Ledger], T], *, owner: UserId, scope: ExportScope
    ) -> Result[T, AccountNotFound | Unavailable]:
        """Show `use` what stands, and return what it makes of it.

        `use` is not run on the event loop, and takes as long as it takes; it is stopped between two
        batches when nobody waits for it any more. It sees movements in batches, which are of one
        moment only within a unit of work that is a snapshot. The ledger ends when `use` does.
        """
