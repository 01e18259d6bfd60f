"""List what an account held."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.use_case import UseCase
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import BalanceSnapshot
from domain.ledger.errors import AccountNotFound
from domain.ledger.events import BalancesViewed
from domain.ledger.ports import AccountRepository, BalanceRepository
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBalances(UseCase):
    """List what an account held, latest day first."""

    accounts: AccountRepository
    balances: BalanceRepository

    @audit_failures("balances.view", ResourceType.ACCOUNT)
    async def __call__(
        self, *, account_id: AccountId, user_id: UserId, limit: int, as_of: AsOf = NOW
    ) -> Result[Sequence[BalanceSnapshot], AccountNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            account = await self.accounts.get(account_id, owner=user_id)
            if isinstance(account, Failure):
                return account
            balances = await self.balances.of_account(
                account_id, owner=user_id, limit=limit, as_of=as_of
            )
            if isinstance(balances, Failure):
                return balances
            await uow.commit(
                BalancesViewed(
                    subject_id=account_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    count=len(balances.value),
                )
            )
        return balances
