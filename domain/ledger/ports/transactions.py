"""What happened on accounts. Everything is asked for with its owner."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Protocol

from domain.ledger.entities import (
    Sighting,
    Transaction,
    TransactionStatus,
)
from domain.ledger.errors import (
    TransactionNotFound,
)
from domain.ledger.identity import Identity
from domain.ledger.values import StatementRow, TransactionKind
from domain.ledger.verdicts import Evidence
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFilter:
    """Which transactions are wanted; bounds are inclusive."""

    booked_from: date | None = None
    booked_to: date | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    status: TransactionStatus | None = None
    kind: TransactionKind | None = None

    def until(self, day: date | None) -> "TransactionFilter":
        """Want nothing that was booked after a day."""
        days = [each for each in (self.booked_to, day) if each]
        return replace(self, booked_to=min(days, default=None))


class TransactionRepository(Protocol):
    """All transactions of all accounts."""

    async def get(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound | Unavailable]: ...

    async def lock(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        """Return it as it is now, and keep others from changing it until the transaction ends."""

    async def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
    ) -> Result[Page[Transaction], Unavailable]:
        """Return up to `limit` transactions, newest booking date first."""

    async def evidence(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        rows: Sequence[StatementRow],
        identities: Sequence[Identity],
    ) -> Result[Evidence, Unavailable]:
        """Return what the account holds that bears on these rows."""

    async def add(self, transactions: Sequence[Transaction]) -> Result[None, Unavailable]: ...

    async def restate(self, transactions: Sequence[Transaction]) -> Result[None, Unavailable]:
        """Let these say what an import states now; what they said before is kept as a stage.

        Note and category stay as they are; what was undone is back.
        """

    async def add_stages(self, transactions: Sequence[Transaction]) -> Result[None, Unavailable]:
        """Keep what these say as an earlier stage of the transactions that have their ids."""

    async def see(self, sightings: Sequence[Sighting]) -> Result[None, Unavailable]:
        """Keep which transactions the rows of an import are."""

    async def undo(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[tuple[int, int], Unavailable]:
        """Take back what an import brought; return how many were removed and how many restored.

        A transaction is what the imports that are left say of it: booked where one says so, at an
        earlier stage where none does, and not in the ledger where none knows it.
        """

    async def edit(self, transaction: Transaction) -> Result[None, Unavailable]:
        """Keep note and category."""

    async def delete(self, transaction: Transaction) -> Result[None, Unavailable]:
        """Keep that its owner has deleted it."""
