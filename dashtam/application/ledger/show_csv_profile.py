"""Show a profile of CSV files."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.use_case import UseCase
from domain.ledger.errors import CsvProfileNotFound
from domain.ledger.events import CsvProfileViewed
from domain.ledger.ports import CsvProfileRepository
from domain.ledger.profiles import SavedProfile
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import ProfileId, UserId
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCsvProfile(UseCase):
    """Show one profile."""

    csv_profiles: CsvProfileRepository

    @audit_failures("csv_profile.view", ResourceType.CSV_PROFILE)
    async def __call__(
        self, *, csv_profile_id: ProfileId, user_id: UserId
    ) -> Result[SavedProfile, CsvProfileNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.csv_profiles.get(csv_profile_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            await uow.commit(
                CsvProfileViewed(
                    subject_id=csv_profile_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                )
            )
        return found
