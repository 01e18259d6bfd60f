"""Say of two transactions that they are one movement, or that they are not."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.use_case import UseCase
from domain.ledger.errors import AlreadyTransferred, NotATransfer, TransactionNotFound
from domain.ledger.events import TransferViewed
from domain.ledger.ports import TransferRepository
from domain.ledger.transfers import Pair, Transfer, TransferDecision, withdrawn
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import TransactionId, TransferId, UserId, new_id
from domain.shared.ports import UnitOfWork
from domain.shared.result import Failure, Result, Success

DecideTransferError = TransactionNotFound | NotATransfer | AlreadyTransferred | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideTransfer(UseCase):
    """Keep what a person says of a pair; saying the same again changes nothing."""

    transfers: TransferRepository

    @audit_failures("transfer.decide", ResourceType.TRANSFER)
    @retry_on_conflict
    async def __call__(
        self,
        *,
        outgoing_id: TransactionId,
        incoming_id: TransactionId,
        decision: TransferDecision,
        user_id: UserId,
    ) -> Result[Transfer, DecideTransferError]:
        async with self.unit_of_work(owner=user_id) as uow:
            pair = await self.transfers.pair(outgoing_id, incoming_id, owner=user_id)
            if isinstance(pair, Failure):
                return pair
            known = await self.transfers.find(pair.value, owner=user_id)
            if isinstance(known, Failure):
                return known
            if known.value and known.value.decision is decision:
                return await self._leave(known.value, uow)
            decided = self._decide(known.value, pair.value, decision, user_id)
            if isinstance(decided, Failure):
                return decided
            return await self._keep(decided.value, uow)

    def _decide(
        self, known: Transfer | None, pair: Pair, decision: TransferDecision, user_id: UserId
    ) -> Result[Transfer, NotATransfer]:
        now = self.clock.now()
        if known:
            return known.decide(decision, at=now)
        return Transfer.of(pair, decision, id=TransferId(new_id()), user_id=user_id, at=now)

    async def _leave(self, known: Transfer, uow: UnitOfWork) -> Success[Transfer]:
        actor, now = Actor.user(known.user_id), self.clock.now()
        await uow.commit(TransferViewed(subject_id=known.id, actor=actor, occurred_at=now))
        return Success(known)

    async def _keep(
        self, decided: Transfer, uow: UnitOfWork
    ) -> Result[Transfer, AlreadyTransferred | Unavailable]:
        displaced = await self.transfers.keep(decided)
        if isinstance(displaced, Failure):
            return displaced
        whose, now = decided.user_id, decided.decided_at
        gone = [withdrawn(each, owner=whose, at=now) for each in displaced.value]
        await uow.commit(decided.decided(), *gone)
        return Success(decided)
