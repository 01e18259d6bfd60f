"""What accounts held. Everything is asked for with its owner."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import BalanceSnapshot
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Result


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
