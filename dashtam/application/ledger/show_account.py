"""Show an account."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.ledger.list_accounts import AccountOverview
from dashtam.application.use_case import UseCase
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.errors import AccountNotFound
from domain.ledger.events import AccountViewed
from domain.ledger.ports import AccountRepository, BalanceRepository
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowAccount(UseCase):
    """Show one account with its balance."""

    accounts: AccountRepository
    balances: BalanceRepository

    @audit_failures("account.view", ResourceType.ACCOUNT)
    async def __call__(
        self, *, account_id: AccountId, user_id: UserId, as_of: AsOf = NOW
    ) -> Result[AccountOverview, AccountNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            account = await self.accounts.get(account_id, owner=user_id)
            if isinstance(account, Failure):
                return account
            latest = await self.balances.latest(owner=user_id, as_of=as_of)
            if isinstance(latest, Failure):
                return latest
            await uow.commit(
                AccountViewed(
                    subject_id=account_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                )
            )
        return Success(AccountOverview(account=account.value, balance=latest.value.get(account_id)))
