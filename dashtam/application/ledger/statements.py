"""Read the statements of an account, and whether they follow on from one another."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import CONTINUITY_VIEWED, STATEMENTS_VIEWED
from domain.ledger.continuity import Continuity, ImportedStatement
from domain.ledger.errors import AccountNotFound
from domain.ledger.ports import AccountRepository, StatementRepository
from domain.ledger.values import Reconciliation
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ListStatements(UseCase):
    """List a page of an account's statements, latest day first."""

    accounts: AccountRepository
    statements: StatementRepository

    @audited_query("statements.view", STATEMENTS_VIEWED, count_items)
    async def __call__(
        self,
        *,
        account_id: AccountId,
        user_id: UserId,
        reconciliation: Reconciliation | None,
        after: Cursor | None,
        limit: int,
    ) -> Result[Page[ImportedStatement], AccountNotFound | Unavailable]:
        account = await self.accounts.get(account_id, owner=user_id)
        if isinstance(account, Failure):
            return account
        return await self.statements.page(
            account_id, owner=user_id, reconciliation=reconciliation, after=after, limit=limit
        )


def _count_breaks(continuity: Continuity) -> Mapping[str, object]:
    return {
        "gaps": continuity.gaps,
        "overlaps": len(continuity.discrepancies) - continuity.gaps,
        "failing": len(continuity.unbalanced),
        "ledger_unbalanced": len(continuity.ledger_unbalanced),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowContinuity(UseCase):
    """Show whether the statements of an account follow on from one another."""

    accounts: AccountRepository
    statements: StatementRepository

    @audited_query("continuity.view", CONTINUITY_VIEWED, _count_breaks)
    async def __call__(
        self, *, account_id: AccountId, user_id: UserId
    ) -> Result[Continuity, AccountNotFound | Unavailable]:
        account = await self.accounts.get(account_id, owner=user_id)
        if isinstance(account, Failure):
            return account
        statements = await self.statements.all(account_id, owner=user_id)
        if isinstance(statements, Failure):
            return statements
        return Success(await asyncio.to_thread(Continuity.of, statements.value))
