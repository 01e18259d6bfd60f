"""Keep a profile of CSV files."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.use_case import UseCase
from domain.ledger.errors import (
    CsvProfileExists,
    InvalidCsvProfile,
    TooManyCsvProfiles,
)
from domain.ledger.hints import CsvProfile
from domain.ledger.ports import CsvProfileRepository
from domain.ledger.profiles import MAX_PROFILES, SavedProfile
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import ProfileId, UserId, new_id
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveCsvProfile(UseCase):
    """Keep a profile under a name: files with its header are read by it from now on."""

    csv_profiles: CsvProfileRepository

    @audit_failures("csv_profile.save", ResourceType.CSV_PROFILE)
    @retry_on_conflict
    async def __call__(
        self, *, user_id: UserId, name: str, profile: CsvProfile
    ) -> Result[
        SavedProfile, InvalidCsvProfile | CsvProfileExists | TooManyCsvProfiles | Unavailable
    ]:
        saved = SavedProfile.save(
            name, profile, id=ProfileId(new_id()), user_id=user_id, at=self.clock.now()
        )
        if isinstance(saved, Failure):
            return saved
        kept, event = saved.value
        async with self.unit_of_work(owner=user_id) as uow:
            others = await self.csv_profiles.all(owner=user_id)
            if isinstance(others, Failure):
                return others
            if len(others.value) >= MAX_PROFILES:
                told = f"At most {MAX_PROFILES} profiles are kept: delete one first."
                return Failure(TooManyCsvProfiles(told))
            added = await self.csv_profiles.add(kept)
            if isinstance(added, Failure):
                return added
            await uow.commit(event)
        return Success(kept)
