"""Ports for transactions, their history, transfers and exports. All rows are of one owner."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from domain.ledger.allocations import CategorySource, Split
from domain.ledger.changes import ChangesPage, CursorAhead, FeedCursor, HistoryChanged
from domain.ledger.entities import Transaction
from domain.ledger.errors import (
    AccountNotFound,
    AlreadyTransferred,
    MatchNotFound,
    TransactionNotFound,
    TransferNotFound,
)
from domain.ledger.exports import ExportScope, Ledger
from domain.ledger.imported import ImportedRow
from domain.ledger.kinds import TransactionKind
from domain.ledger.listing import BulkEdit, CurrencyTotal, TransactionFilter, TransactionSort
from domain.ledger.matches import MatchContext
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.search_window import SearchWindow
from domain.ledger.suggested_matches import (
    MatchStatus,
    NewSuggestion,
    SuggestedMatch,
)
from domain.ledger.transfers import Pair, Transfer, TransferCursor, TransferDecision, TransfersPage
from domain.ledger.values import (
    StatementRef,
    StatementRow,
    Trade,
    TransactionKey,
    TransactionStatus,
)
from domain.shared.errors import Unavailable
from domain.shared.ids import (
    AccountId,
    CategoryId,
    ImportId,
    MatchId,
    TransactionId,
    TransferId,
    UserId,
)
from domain.shared.money import Money
from domain.shared.pages import Cursor, IdPage, Page
from domain.shared.result import Result


class ListedTransaction(Protocol):
    """What lists show of a transaction; they read no more than that."""

    @property
    def id(self) -> TransactionId: ...
    @property
    def account_id(self) -> AccountId: ...
    @property
    def import_id(self) -> ImportId: ...
    @property
    def provider_id(self) -> str | None: ...
    @property
    def booking_date(self) -> date: ...
    @property
    def value_date(self) -> date | None: ...
    @property
    def amount(self) -> Money: ...
    @property
    def kind(self) -> TransactionKind: ...
    @property
    def status(self) -> TransactionStatus: ...
    @property
    def description(self) -> str: ...
    @property
    def payee(self) -> str: ...
    @property
    def counterparty_account(self) -> str: ...
    @property
    def reference(self) -> str: ...
    @property
    def memo(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def category_id(self) -> CategoryId | None: ...
    @property
    def category_source(self) -> CategorySource | None: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def tags_source(self) -> CategorySource | None: ...
    @property
    def splits(self) -> tuple[Split, ...]: ...
    @property
    def payee_name(self) -> str: ...
    @property
    def original_currency(self) -> str | None: ...
    @property
    def exchange_rate(self) -> Decimal | None: ...
    @property
    def trade(self) -> Trade | None: ...


class TransactionRepository(Protocol):
    """All transactions of all accounts."""

    async def get(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound | Unavailable]: ...

    async def lock(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        """Return a transaction, locked until the unit of work ends."""

    async def page(
        self,
        account_id: AccountId | None,
        *,
        owner: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
        sort: TransactionSort = TransactionSort.NEWEST,
    ) -> Result[Page[ListedTransaction], Unavailable]:
        """List up to `limit` transactions of an account, or of all of them.

        A cursor is one of a list with the same filter and order.
        """

    async def totals(
        self, account_id: AccountId | None, *, owner: UserId, where: TransactionFilter
    ) -> Result[Sequence[CurrencyTotal], Unavailable]:
        """Return the totals of a whole list, by currency in alphabetical order."""

    async def match_context(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        rows: Sequence[StatementRow],
        keys: Sequence[TransactionKey],
        near: Neighbourhood | None = None,
    ) -> Result[MatchContext, Unavailable]:
        """Return what the account has that matters to these rows.

        Without what is near their statement, nothing is known of what other statements state.
        """

    async def add(self, transactions: Sequence[Transaction]) -> Result[None, Unavailable]: ...

    async def update_from_import(
        self, transactions: Sequence[Transaction]
    ) -> Result[None, Unavailable]:
        """Set what an import states now; the previous content becomes a prior state.

        The owner's note, category and tags stay as they are. Transactions whose import was undone
        are restored.
        """

    async def refresh(
        self, transactions: Sequence[Transaction], digest: bytes
    ) -> Result[None, Unavailable]:
        """Set what a file says of these, if they have the state that an import of it stated.

        The digest is that of the file, which is read in another way than before.
        """

    async def add_prior_states(
        self, transactions: Sequence[Transaction]
    ) -> Result[None, Unavailable]:
        """Add the content of these as a prior state of the transactions with their ids."""

    async def record_rows(self, imported_rows: Sequence[ImportedRow]) -> Result[None, Unavailable]:
        """Record which transactions the rows of an import are matched with."""

    async def undo(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[tuple[int, int], Unavailable]:
        """Undo an import; return how many transactions were removed and how many restored.

        A transaction is what the remaining imports state: booked if one states so, in a prior state
        if none does, and removed if no import has it.
        """

    async def expire(
        self, account_ids: Collection[AccountId], *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Let transactions expire that their bank no longer states.

        These are pending ones that the latest list of all pending ones does not have, and booked
        ones that a statement replaces or deletes. Those that are stated again, or of which the
        statement was undone, return.
        """

    async def merge(
        self, duplicate: TransactionId, into: TransactionId, *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Remove a transaction for good, because it is another one in other words.

        Its states become prior states of the other one, which imports state in its stead. Note and
        category go there too, unless the other one has its own, and so do tags.
        """

    async def edit(self, transaction: Transaction) -> Result[None, Unavailable]:
        """Update note, category, tags and splits."""

    async def edit_all(
        self, edit: BulkEdit, *, owner: UserId
    ) -> Result[None, TransactionNotFound | Unavailable]:
        """Set note or category of several transactions, or of none if one is not the owner's."""

    async def delete(self, transaction: Transaction) -> Result[None, Unavailable]:
        """Mark a transaction as deleted by its user."""


class ChangeFeed(Protocol):
    """All changes of a user's ledger, in an order into which nothing is inserted later."""

    async def page(
        self, *, owner: UserId, after: FeedCursor | None, limit: int
    ) -> Result[ChangesPage, CursorAhead | HistoryChanged | Unavailable]:
        """List up to `limit` changes after a cursor, except those that others may still precede.

        Without a cursor, it begins at the beginning. A cursor of another history is refused.
        """


class TransactionHistory(Protocol):
    """Transactions as they were known at a moment, by the time of the database."""

    async def get(
        self, transaction_id: TransactionId, *, owner: UserId, at: datetime
    ) -> Result[Transaction, TransactionNotFound | Unavailable]: ...

    async def page(
        self,
        account_id: AccountId | None,
        *,
        owner: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
        at: datetime,
    ) -> Result[Page[ListedTransaction], Unavailable]:
        """List up to `limit` transactions as they were then, newest booking date first."""


class TransferRepository(Protocol):
    """Pairs of transactions, decided or not. A pair is hidden while one of the two is gone."""

    async def newest_booking(self, *, owner: UserId) -> Result[date | None, Unavailable]: ...

    async def suggestions(
        self, *, owner: UserId, period: SearchWindow, after: TransferCursor | None, limit: int
    ) -> Result[TransfersPage, Unavailable]:
        """List pairs that may be transfers: neither transaction is in one, and none was refused."""

    async def decided(
        self,
        decision: TransferDecision,
        *,
        owner: UserId,
        period: SearchWindow,
        after: TransferCursor | None,
        limit: int,
    ) -> Result[TransfersPage, Unavailable]: ...

    async def get(
        self, transfer_id: TransferId, *, owner: UserId
    ) -> Result[Transfer, TransferNotFound | Unavailable]: ...

    async def lock_pair(
        self, outgoing_id: TransactionId, incoming_id: TransactionId, *, owner: UserId
    ) -> Result[Pair, TransactionNotFound | Unavailable]:
        """Return two transactions, locked until the unit of work ends."""

    async def find(self, pair: Pair, *, owner: UserId) -> Result[Transfer | None, Unavailable]:
        """Return the decision about a pair."""

    async def upsert(
        self, transfer: Transfer
    ) -> Result[Sequence[TransferId], AlreadyTransferred | Unavailable]:
        """Store a decision about a pair that is locked; return the ids of decisions it replaces.

        A confirmed transfer replaces confirmed transfers of which the other transaction is gone.
        """

    async def withdraw(self, transfer: Transfer) -> Result[None, TransferNotFound | Unavailable]:
        """Delete a decision."""


class MatchRepository(Protocol):
    """Transactions that may be the same, and what their user has decided.

    A match is hidden while one of the two is gone, unless it was merged into the other.
    """

    async def suggest(self, suggestions: Sequence[NewSuggestion]) -> Result[None, Unavailable]:
        """Store suggestions, except pairs that were suggested before."""

    async def page(
        self, status: MatchStatus, *, owner: UserId, after: MatchId | None, limit: int
    ) -> Result[IdPage[SuggestedMatch], Unavailable]:
        """List up to `limit` matches, latest first."""

    async def get(
        self, match_id: MatchId, *, owner: UserId
    ) -> Result[SuggestedMatch, MatchNotFound | Unavailable]: ...

    async def lock(
        self, match_id: MatchId, *, owner: UserId
    ) -> Result[SuggestedMatch, MatchNotFound | Unavailable]:
        """Return a match; both transactions are locked until the unit of work ends."""

    async def listed_together(
        self, match: SuggestedMatch
    ) -> Result[Collection[StatementRef], Unavailable]:
        """Return the statements that state both transactions."""

    async def decide(self, match: SuggestedMatch) -> Result[None, Unavailable]:
        """Store the decision about a match that is locked.

        If it was confirmed, whatever may be the added transaction may be the existing one now.
        """


T = TypeVar("T")


class LedgerWriter(Protocol):
    """Writes one file format. Pure: the same ledger always gives the same bytes."""

    @property
    def format(self) -> str: ...

    @property
    def media_type(self) -> str: ...

    @property
    def suffix(self) -> str:
        """The suffix of file names, such as `.csv`."""

    def write(self, ledger: Ledger) -> Iterator[bytes]:
        """Yield the file in pieces, with no more than a batch of the ledger in memory."""


class LedgerSource(Protocol):
    """The whole ledger, however large, to export it."""

    async def read(
        self, use: Callable[[Ledger], T], *, owner: UserId, scope: ExportScope
    ) -> Result[T, AccountNotFound | Unavailable]:
        """Call `use` with the ledger, and return its result.

        `use` runs in a thread for as long as it takes; it is stopped between two batches if nobody
        waits for it any more. It reads transactions in batches, which are consistent only within a
        unit of work with a snapshot. The ledger can be read only until `use` returns.
        """
