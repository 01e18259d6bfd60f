"""Correct a profile of CSV files, or give it another name."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.use_case import UseCase
from domain.ledger.errors import (
    CsvProfileExists,
    CsvProfileNotFound,
    InvalidCsvProfile,
)
from domain.ledger.hints import CsvProfile
from domain.ledger.ports import CsvProfileRepository
from domain.ledger.profiles import SavedProfile
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import ProfileId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCsvProfile(UseCase):
    """Give a profile another content or name; what was imported by it stays as it is."""

    csv_profiles: CsvProfileRepository

    @audit_failures("csv_profile.change", ResourceType.CSV_PROFILE)
    @retry_on_conflict
    async def __call__(
        self, *, csv_profile_id: ProfileId, user_id: UserId, name: str, profile: CsvProfile
    ) -> Result[
        SavedProfile, InvalidCsvProfile | CsvProfileNotFound | CsvProfileExists | Unavailable
    ]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.csv_profiles.get(csv_profile_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            changed = found.value.change(name, profile, at=self.clock.now())
            if isinstance(changed, Failure):
                return changed
            kept, event = changed.value
            done = await self.csv_profiles.change(kept)
            if isinstance(done, Failure):
                return done
            await uow.commit(event)
        return Success(kept)
