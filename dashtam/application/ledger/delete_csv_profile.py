"""Keep a profile of CSV files no longer."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.use_case import UseCase
from domain.ledger.errors import CsvProfileNotFound
from domain.ledger.ports import CsvProfileRepository
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import ProfileId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteCsvProfile(UseCase):
    """Keep a profile no longer."""

    csv_profiles: CsvProfileRepository

    @audit_failures("csv_profile.delete", ResourceType.CSV_PROFILE)
    @retry_on_conflict
    async def __call__(
        self, *, csv_profile_id: ProfileId, user_id: UserId
    ) -> Result[None, CsvProfileNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.csv_profiles.get(csv_profile_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            done = await self.csv_profiles.delete(found.value)
            if isinstance(done, Failure):
                return done
            await uow.commit(found.value.deleted(at=self.clock.now()))
        return Success(None)
