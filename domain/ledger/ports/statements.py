"""Statements of accounts, as the imports tell them that stand. All is asked for with its owner."""

from collections.abc import Sequence
from typing import Protocol

from domain.ledger.breaks import ImportedStatement
from domain.ledger.values import Reconciliation
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Result


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
