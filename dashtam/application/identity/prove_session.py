"""Prove once more who is there."""

from dataclasses import dataclass
from functools import partial

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.identity.proof import TOLD, Given, Proof, ProofError, Refusal
from dashtam.application.identity.prove import Prover
from dashtam.application.use_case import UseCase
from domain.identity.errors import SessionNotFound, UserNotFound
from domain.identity.ports import SessionRepository, UserRepository
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import SessionId, UserId
from domain.shared.limits import GuessKey
from domain.shared.result import Failure, Result, Success

ProveSessionError = ProofError | SessionNotFound | UserNotFound | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveSession(UseCase):
    """Note on a session that its user proved again who they are (RFC 9470); its tokens stay."""

    users: UserRepository
    sessions: SessionRepository
    prover: Prover

    @audit_refusals("session.prove", ResourceType.SESSION, told=TOLD)
    @begun_anew
    async def __call__(
        self, *, session_id: SessionId, user_id: UserId, password: str, code: str | None = None
    ) -> Result[None, ProveSessionError]:
        async with self.unit_of_work(owner=user_id):
            found = await self.users.get(user_id)
        if isinstance(found, Failure):
            return found
        keep = partial(self._keep, session_id)
        # No stranger uses these guesses up, and who stole the session has no more of them.
        given = Given((GuessKey.of_holder(session_id),), password, code)
        return await self.prover.prove(found.value, given, keep)

    async def _keep(
        self, session_id: SessionId, proof: Proof
    ) -> Result[None, Refusal | SessionNotFound | Unavailable]:
        now, owner = self.clock.now(), proof.user.id
        async with self.unit_of_work(owner=owner) as uow:
            taken = await self.prover.take(proof, now)
            if isinstance(taken, Failure):
                return taken
            found = await self.sessions.lock(session_id, owner=owner)
            if isinstance(found, Failure):
                return found
            if not found.value.is_active(now):
                return Failure(SessionNotFound("No such session."))
            session, proved = found.value.prove(now)
            kept = await self.sessions.update(session)
            if isinstance(kept, Failure):
                return kept
            await uow.commit(proved, *taken.value)
        return Success(None)
