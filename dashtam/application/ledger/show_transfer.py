"""Show one transfer."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.use_case import UseCase
from domain.ledger.errors import TransferNotFound
from domain.ledger.events import TransferViewed
from domain.ledger.ports import TransferRepository
from domain.ledger.transfers import Transfer
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import TransferId, UserId
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTransfer(UseCase):
    """Show one pair, and what was decided about it."""

    transfers: TransferRepository

    @audit_failures("transfer.view", ResourceType.TRANSFER)
    async def __call__(
        self, *, transfer_id: TransferId, user_id: UserId
    ) -> Result[Transfer, TransferNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.transfers.get(transfer_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            await uow.commit(
                TransferViewed(
                    subject_id=transfer_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                )
            )
        return found
