"""Take a decision about a pair back."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.use_case import UseCase
from domain.ledger.errors import TransferNotFound
from domain.ledger.ports import TransferRepository
from domain.ledger.transfers import withdrawn
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import TransferId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawTransfer(UseCase):
    """Forget what was decided about a pair: it may be suggested again."""

    transfers: TransferRepository

    @audit_failures("transfer.withdraw", ResourceType.TRANSFER)
    @retry_on_conflict
    async def __call__(
        self, *, transfer_id: TransferId, user_id: UserId
    ) -> Result[None, TransferNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.transfers.get(transfer_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            forgotten = await self.transfers.withdraw(found.value)
            if isinstance(forgotten, Failure):
                return forgotten
            await uow.commit(withdrawn(transfer_id, owner=user_id, at=self.clock.now()))
        return Success(None)
