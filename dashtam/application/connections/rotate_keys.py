"""Encrypt a user's secrets and files with the key in use."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.use_case import UseCase
from domain.audit.origin import origin
from domain.connections.actions import CREDENTIALS_REWRAPPED
from domain.connections.ports import KeyRotation
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateKeys(UseCase):
    """Re-encrypt all secrets and files of a user in one transaction."""

    key_rotation: KeyRotation

    @audit_failures("credentials.rewrap", ResourceType.USER)
    @retry_on_conflict
    async def __call__(self, *, user_id: UserId) -> Result[int, Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            done = await self.key_rotation.rewrap(owner=user_id)
            if isinstance(done, Failure) or not done.value:
                return done
            rewrapped = CREDENTIALS_REWRAPPED.record(
                subject_id=user_id,
                actor=origin.get().actor,
                occurred_at=self.clock.now(),
                count=done.value,
            )
            await uow.commit(rewrapped)
        return done
