"""Securities that accounts held, and what all of it came to. Everything is asked with its owner."""

from collections.abc import Sequence
from typing import Protocol

from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import Account
from domain.ledger.holdings import Holding
from domain.ledger.net_worth import NetWorth, Period
from domain.ledger.values import StatedHolding
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, HoldingId, ImportId, StatementId, UserId
from domain.shared.result import Result


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

        An account holds what the standing statement of the latest day tells in full: what that
        does not list is gone. Of two for one day, the one recorded last counts.
        """


class NetWorthRepository(Protocol):
    """What all accounts of a person come to."""

    async def over(self, period: Period, *, owner: UserId) -> Result[NetWorth, Unavailable]:
        """Return each day's worth, in the order of days and currencies.

        An account's cash is what its last standing balance says, and what was booked after that
        day; before the first one, what was booked until then is taken off it. That is the booked
        balance, or the available one of an investment account that has no booked one.
        """
