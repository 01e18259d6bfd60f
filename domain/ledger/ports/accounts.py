"""Ports for accounts, balances and holdings. Every call names the owner of the rows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from domain.ledger.as_of import NOW, AsOf
from domain.ledger.continuity import ImportedStatement
from domain.ledger.entities import Account, AccountAlias, BalanceSnapshot, Holding
from domain.ledger.errors import AccountExists, AccountNotFound
from domain.ledger.evidence import Outline
from domain.ledger.net_worth import NetWorth, NetWorthRange
from domain.ledger.values import AccountReference, Reconciliation, StatedHolding
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, HoldingId, ImportId, StatementId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Result


class AccountRepository(Protocol):
    """All accounts; one for each user, currency and key (`domain.ledger.account_numbers`)."""

    async def get(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[Account, AccountNotFound | Unavailable]: ...

    async def find(
        self, reference: AccountReference, *, owner: UserId
    ) -> Result[Account, AccountNotFound | Unavailable]:
        """Return the account that has an alias with the key of this reference."""

    async def all(self, *, owner: UserId) -> Result[Sequence[Account], Unavailable]: ...

    async def count(self, *, owner: UserId) -> Result[int, Unavailable]:
        """Count a user's accounts, and lock the count until the unit of work ends."""

    async def add(self, account: Account) -> Result[None, AccountExists | Unavailable]: ...

    async def add_alias(
        self, account: Account, reference: AccountReference
    ) -> Result[None, Unavailable]:
        """Add another name under which statements refer to the account, if no account has it."""

    async def aliases(self, *, owner: UserId) -> Result[Sequence[AccountAlias], Unavailable]:
        """List the aliases of all accounts of a user, oldest first."""

    async def lock(
        self, account_ids: Collection[AccountId], *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Lock these accounts against other writers until the unit of work ends."""


class BalanceRepository(Protocol):
    """Balances of accounts by day. Snapshots are added, never changed."""

    async def add(self, snapshots: Sequence[BalanceSnapshot]) -> Result[int, Unavailable]:
        """Add the balances that an import states, each once; return how many were added."""

    async def of_account(
        self, account_id: AccountId, *, owner: UserId, limit: int, as_of: AsOf = NOW
    ) -> Result[Sequence[BalanceSnapshot], Unavailable]:
        """List the snapshots of an account, latest day first."""

    async def latest(
        self, *, owner: UserId, as_of: AsOf = NOW
    ) -> Result[Mapping[AccountId, BalanceSnapshot], Unavailable]:
        """Return the latest booked balance of every account that has one."""


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
        self, period: NetWorthRange, *, owner: UserId
    ) -> Result[NetWorth, Unavailable]:
        """Return the net worth of each day, ordered by day and currency.

        The cash of an account is its last active balance plus what was booked after that day;
        before the first balance, what was booked until then is subtracted. The booked balance
        counts, or the available one for an investment account without a booked one.
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
