"""Reading what identity knows."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.use_case import UseCase
from domain.identity.entities import User
from domain.identity.errors import UserNotFound
from domain.identity.events import ProfileViewed
from domain.identity.ports import UserRepository
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowProfile(UseCase):
    """Show a user what is known of them."""

    users: UserRepository

    @audit_refusals("user.view", ResourceType.USER)
    async def __call__(self, *, user_id: UserId) -> Result[User, UserNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.users.get(user_id)
            if isinstance(found, Failure):
                return found
            viewed = ProfileViewed(
                subject_id=user_id, actor=Actor.user(user_id), occurred_at=self.clock.now()
            )
            await uow.commit(viewed)
        return found
