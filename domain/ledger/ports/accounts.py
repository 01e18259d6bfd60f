"""Ports for accounts, balances and holdings. Every call names the owner of the rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.ledger.accounts import AccountContents, AccountRemoval, Freshness
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.continuity import ImportedStatement
from domain.ledger.days import Days
from domain.ledger.entities import Account, AccountAlias, Holding
from domain.ledger.errors import AccountExists, AccountNotFound
from domain.ledger.evidence import Outline
from domain.ledger.imported import BalanceSnapshot
from domain.ledger.net_worth import NetWorth, NetWorthRange
from domain.ledger.reconciling import (
    AccountReconciliation,
    Addend,
    ReconciledStatement,
    StretchSum,
)
from domain.ledger.values import (
    AccountReference,
    LedgerReconciliation,
    Reconciliation,
    StatedHolding,
    StatementRef,
)
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, HoldingId, ImportId, StatementId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Result


class AccountRepository(Protocol):
    """All accounts; one for each user, currency and key (`domain.ledger.account_numbers`).

    An account that was removed is not found any more, and its aliases are free for other accounts.
    """

    async def get(
        self, account_id: AccountId, *, owner: UserId, moment: datetime | None = None
    ) -> Result[Account, AccountNotFound | Unavailable]:
        """Return an account: as it was at the moment, if it was there, or else as it is."""

    async def find(
        self, reference: AccountReference, *, owner: UserId
    ) -> Result[Account, AccountNotFound | Unavailable]:
        """Return the account that has an alias with the key of this reference."""

    async def all(
        self, *, owner: UserId, moment: datetime | None = None
    ) -> Result[Sequence[Account], Unavailable]:
        """List the accounts that a user has, or had at the moment, oldest first."""

    async def count(self, *, owner: UserId) -> Result[int, Unavailable]:
        """Count a user's accounts, and lock the count until the unit of work ends."""

    async def add(
        self, account: Account, reference: AccountReference | None = None
    ) -> Result[None, AccountExists | Unavailable]:
        """Add an account, to be found by the reference of a statement, or else by its own.

        Without a number it is found by its name and id alone.
        """

    async def update(self, account: Account) -> Result[None, Unavailable]:
        """Store the next version of an account; number, institution and currency stay."""

    async def remove(self, account: Account, removal: AccountRemoval) -> Result[None, Unavailable]:
        """Remove an account from the ledger."""

    async def contents(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[AccountContents, Unavailable]:
        """Return whether there is anything in an account."""

    async def add_alias(
        self, account: Account, reference: AccountReference
    ) -> Result[None, Unavailable]:
        """Add another name under which statements refer to the account, if no account has it."""

    async def aliases(self, *, owner: UserId) -> Result[Sequence[AccountAlias], Unavailable]:
        """List the aliases of all accounts of a user, oldest first."""

    async def lock(
        self, account_ids: Collection[AccountId], *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Lock these accounts against other writers until the unit of work ends.

        If one was removed meanwhile, that is a `ConcurrencyConflict`.
        """


class FreshnessRepository(Protocol):
    """How far the statements of accounts reach, and when they were imported."""

    async def by_account(
        self, *, owner: UserId
    ) -> Result[Mapping[AccountId, Freshness], Unavailable]:
        """Return the freshness of each account that has an active statement."""


class BalanceRepository(Protocol):
    """Balances of accounts by day. Snapshots are added, never changed."""

    async def add(self, snapshots: Sequence[BalanceSnapshot]) -> Result[int, Unavailable]:
        """Add the balances that an import states, each once; return how many were added."""

    async def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        after: Cursor | None,
        limit: int,
        as_of: AsOf = NOW,
    ) -> Result[Page[BalanceSnapshot], Unavailable]:
        """List up to `limit` snapshots of an account, latest day first, equal ones once."""


class HoldingRepository(Protocol):
    """Positions in securities. Holdings are added, never changed."""

    async def add(
        self,
        statement_id: StatementId,
        import_id: ImportId,
        account: Account,
        holdings: Sequence[StatedHolding],
    ) -> Result[None, Unavailable]:
        """Add the holdings of a statement; securities without a name get theirs from it."""

    async def page(
        self,
        *,
        owner: UserId,
        account_id: AccountId | None = None,
        as_of: AsOf = NOW,
        after: HoldingId | None,
        limit: int,
    ) -> Result[Sequence[Holding], Unavailable]:
        """List up to `limit` holdings of one account, or of all, in the order they were added.

        The holdings of an account are those of the latest day with a complete, active statement:
        what it does not list is gone. Of two statements for one day, the one recorded last counts.
        """


class NetWorthRepository(Protocol):
    """Net worth of users."""

    async def by_day(
        self, period: NetWorthRange, *, owner: UserId, moment: datetime | None = None
    ) -> Result[NetWorth, Unavailable]:
        """Return the net worth of each day, ordered by day and currency.

        The cash of an account is its balance of the day (`DailyBalanceRepository`).
        """


class StatementRepository(Protocol):
    """Statements of all imports, except those that were undone."""

    async def all(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[Sequence[ImportedStatement], Unavailable]:
        """Return all statements of an account, in no order."""

    async def near(
        self, statement: Outline, account_id: AccountId, *, owner: UserId
    ) -> Result[Sequence[Outline], Unavailable]:
        """Return statements of about the same days and the same currency.

        They have rows or a closing balance within a few days of it, or close last before it.
        """

    async def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        reconciliation: Reconciliation | None,
        after: Cursor | None,
        limit: int,
    ) -> Result[Page[ImportedStatement], Unavailable]:
        """List up to `limit` statements, latest day first; with one reconciliation, if given."""


class ReconciliationRepository(Protocol):
    """What the ledger has between the balances that statements state."""

    async def days_of(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[Mapping[int, Days], Unavailable]:
        """Return the days of an import's rows, by the place of their statement in the file."""

    async def changed_days(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[Mapping[int, Days], Unavailable]:
        """Return the days of transactions that an import has added or changed, in the same way.

        Rows that state what was known in the same words change nothing.
        """

    async def about(
        self, account_id: AccountId, days: Days, *, owner: UserId
    ) -> Result[Sequence[ReconciledStatement], Unavailable]:
        """Return the active statements that have rows or a closing balance on about these days.

        Also those that close last before, and first after them.
        """

    async def sums(
        self,
        account_id: AccountId,
        currency: str,
        addends: Sequence[Addend],
        places: Mapping[StatementRef, int],
        *,
        owner: UserId,
    ) -> Result[Mapping[int, StretchSum], Unavailable]:
        """Add up the booked transactions of stretches; `places` are those of all statements.

        A stretch is foreign if its own statement states a transaction in another currency.
        """

    async def store(
        self, ledgers: Mapping[StatementRef, LedgerReconciliation], *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Store how the ledger agrees with statements."""

    async def by_account(
        self, *, owner: UserId
    ) -> Result[Mapping[AccountId, AccountReconciliation], Unavailable]:
        """Count the stretches of each account; equal statements count once."""
