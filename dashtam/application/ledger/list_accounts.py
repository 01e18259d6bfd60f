"""List accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.use_case import UseCase
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import Account, BalanceSnapshot
from domain.ledger.events import AccountsViewed
from domain.ledger.ports import AccountRepository, BalanceRepository
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOverview:
    """An account and its latest booked balance, if one was ever stated."""

    account: Account
    balance: BalanceSnapshot | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAccounts(UseCase):
    """List a user's accounts with their balances."""

    accounts: AccountRepository
    balances: BalanceRepository

    @audit_failures("accounts.view", ResourceType.ACCOUNT)
    async def __call__(
        self, *, user_id: UserId, as_of: AsOf = NOW
    ) -> Result[Sequence[AccountOverview], Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            accounts = await self.accounts.all(owner=user_id)
            if isinstance(accounts, Failure):
                return accounts
            latest = await self.balances.latest(owner=user_id, as_of=as_of)
            if isinstance(latest, Failure):
                return latest
            await uow.commit(
                AccountsViewed(
                    subject_id=None,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    count=len(accounts.value),
                )
            )
        return Success(
            [
                AccountOverview(account=account, balance=latest.value.get(account.id))
                for account in accounts.value
            ]
        )
