"""List transactions."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.use_case import UseCase
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import Transaction
from domain.ledger.errors import AccountNotFound
from domain.ledger.events import TransactionsViewed
from domain.ledger.ports import (
    AccountRepository,
    TransactionFilter,
    TransactionHistory,
    TransactionRepository,
)
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import AccountId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTransactions(UseCase):
    """List a page of an account's transactions, newest first, as they are or were."""

    accounts: AccountRepository
    transactions: TransactionRepository
    history: TransactionHistory

    @audit_failures("transactions.view", ResourceType.ACCOUNT)
    async def __call__(
        self,
        *,
        account_id: AccountId,
        user_id: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
        as_of: AsOf = NOW,
    ) -> Result[Page[Transaction], AccountNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            account = await self.accounts.get(account_id, owner=user_id)
            if isinstance(account, Failure):
                return account
            page = await self._page(
                account_id, user_id, as_of, where=where, after=after, limit=limit
            )
            if isinstance(page, Failure):
                return page
            await uow.commit(
                TransactionsViewed(
                    subject_id=account_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    count=len(page.value.items),
                )
            )
        return page

    async def _page(
        self,
        account_id: AccountId,
        user_id: UserId,
        as_of: AsOf,
        *,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
    ) -> Result[Page[Transaction], Unavailable]:
        if as_of.moment:
            return await self.history.page(
                account_id, owner=user_id, where=where, after=after, limit=limit, at=as_of.moment
            )
        where = where.until(as_of.day)
        return await self.transactions.page(
            account_id, owner=user_id, where=where, after=after, limit=limit
        )
