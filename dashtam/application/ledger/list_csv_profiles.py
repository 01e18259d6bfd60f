"""List the profiles of CSV files that are kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.use_case import UseCase
from domain.ledger.events import CsvProfilesViewed
from domain.ledger.ports import CsvProfileRepository
from domain.ledger.profiles import SavedProfile
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCsvProfiles(UseCase):
    """List a user's profiles by their names: there are never many."""

    csv_profiles: CsvProfileRepository

    @audit_failures("csv_profiles.view", ResourceType.CSV_PROFILE)
    async def __call__(self, *, user_id: UserId) -> Result[Sequence[SavedProfile], Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.csv_profiles.all(owner=user_id)
            if isinstance(found, Failure):
                return found
            await uow.commit(
                CsvProfilesViewed(
                    subject_id=None,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    count=len(found.value),
                )
            )
        return found
