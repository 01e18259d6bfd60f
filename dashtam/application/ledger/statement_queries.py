"""Read what statements an account has, and whether they follow one another."""

import asyncio
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.use_case import UseCase
from domain.ledger.breaks import ImportedStatement
from domain.ledger.continuity import Continuity
from domain.ledger.errors import AccountNotFound
from domain.ledger.events import ContinuityViewed, StatementsViewed
from domain.ledger.ports import AccountRepository, StatementRepository
from domain.ledger.values import Proof
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import AccountId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ListStatements(UseCase):
    """List a page of an account's statements, latest day first."""

    accounts: AccountRepository
    statements: StatementRepository

    @audit_failures("statements.view", ResourceType.ACCOUNT)
    async def __call__(
        self,
        *,
        account_id: AccountId,
        user_id: UserId,
        proof: Proof | None,
        after: Cursor | None,
        limit: int,
    ) -> Result[Page[ImportedStatement], AccountNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            account = await self.accounts.get(account_id, owner=user_id)
            if isinstance(account, Failure):
                return account
            page = await self.statements.page(
                account_id, owner=user_id, proof=proof, after=after, limit=limit
            )
            if isinstance(page, Failure):
                return page
            await uow.commit(
                StatementsViewed(
                    subject_id=account_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    count=len(page.value.items),
                )
            )
        return page


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowContinuity(UseCase):
    """Show whether the statements of an account follow one another, and what is missing."""

    accounts: AccountRepository
    statements: StatementRepository

    @audit_failures("continuity.view", ResourceType.ACCOUNT)
    async def __call__(
        self, *, account_id: AccountId, user_id: UserId
    ) -> Result[Continuity, AccountNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            account = await self.accounts.get(account_id, owner=user_id)
            if isinstance(account, Failure):
                return account
            told = await self.statements.all(account_id, owner=user_id)
            if isinstance(told, Failure):
                return told
            continuity = await asyncio.to_thread(Continuity.of, told.value)
            await uow.commit(
                ContinuityViewed(
                    subject_id=account_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    gaps=continuity.gaps,
                    overlaps=len(continuity.breaks) - continuity.gaps,
                    failing=len(continuity.failing),
                )
            )
        return Success(continuity)
