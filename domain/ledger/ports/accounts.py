"""Accounts and what they hold. Everything is asked for with its owner."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from domain.ledger.as_of import NOW, AsOf
from domain.ledger.continuity import ImportedStatement
from domain.ledger.entities import Account, BalanceSnapshot, Holding
from domain.ledger.errors import AccountExists, AccountNotFound
from domain.ledger.net_worth import NetWorth, Period
from domain.ledger.values import AccountReference, Reconciliation, StatedHolding
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, HoldingId, ImportId, StatementId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Result


class AccountRepository(Protocol):
    """All accounts; one for each person, institution and number."""

    async def get(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[Account, AccountNotFound | Unavailable]: ...

    async def find(
        self, reference: AccountReference, *, owner: UserId
    ) -> Result[Account, AccountNotFound | Unavailable]: ...

    async def all(self, *, owner: UserId) -> Result[Sequence[Account], Unavailable]: ...

    async def count(self, *, owner: UserId) -> Result[int, Unavailable]:
        """Count a person's accounts; whoever else counts them waits until the unit of work ends."""

    async def add(self, account: Account) -> Result[None, AccountExists | Unavailable]: ...

    async def add_alias(
        self, account: Account, reference: AccountReference
    ) -> Result[None, Unavailable]:
        """Add a name that statements give the account, unless an account has it already."""

    async def lock(
        self, account_ids: Collection[AccountId], *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Let nobody else write to these accounts until the unit of work ends."""


class BalanceRepository(Protocol):
    """What accounts held, and when. Snapshots are added, never changed."""

    async def add(self, snapshots: Sequence[BalanceSnapshot]) -> Result[int, Unavailable]:
        """Add what an import states, each once; return how many these were."""

    async def of_account(
        self, account_id: AccountId, *, owner: UserId, limit: int, as_of: AsOf = NOW
    ) -> Result[Sequence[BalanceSnapshot], Unavailable]:
        """Return the snapshots of an account, latest day first."""

    async def latest(
        self, *, owner: UserId, as_of: AsOf = NOW
    ) -> Result[Mapping[AccountId, BalanceSnapshot], Unavailable]:
        """Return the latest booked balance of every account that has one."""


class HoldingRepository(Protocol):
    """What accounts held of which security. Holdings are added, never changed."""

    async def add(
        self,
        statement_id: StatementId,
        import_id: ImportId,
        account: Account,
        holdings: Sequence[StatedHolding],
    ) -> Result[None, Unavailable]:
        """Add what a statement tells; of its securities, what was not known by name is learnt."""

    async def page(
        self,
        *,
        owner: UserId,
        account_id: AccountId | None = None,
        as_of: AsOf = NOW,
        after: HoldingId | None,
        limit: int,
    ) -> Result[Sequence[Holding], Unavailable]:
        """Return up to `limit` holdings of one account, or of all, in the order they were added.

        An account holds what the active statement of the latest day tells in full: what that
        does not list is gone. Of two for one day, the one recorded last counts.
        """


class NetWorthRepository(Protocol):
    """What all accounts of a person come to."""

    async def over(self, period: Period, *, owner: UserId) -> Result[NetWorth, Unavailable]:
        """Return each day's worth, in the order of days and currencies.

        An account's cash is what its last active balance says, and what was booked after that
        day; before the first one, what was booked until then is taken off it. That is the booked
        balance, or the available one of an investment account that has no booked one.
        """


class StatementRepository(Protocol):
    """Statements of all imports that were not undone."""

    async def all(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[Sequence[ImportedStatement], Unavailable]:
        """Return all of an account, in no order."""

    async def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        reconciliation: Reconciliation | None,
        after: Cursor | None,
        limit: int,
    ) -> Result[Page[ImportedStatement], Unavailable]:
        """Return up to `limit` of an account, latest day first; of one reconciliation, if given."""
