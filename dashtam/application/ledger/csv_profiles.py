"""Read profiles of CSV files."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.query import audited_query, count
from dashtam.application.use_case import UseCase
from domain.ledger.actions import CSV_PROFILE_VIEWED, CSV_PROFILES_VIEWED
from domain.ledger.errors import CsvProfileNotFound
from domain.ledger.ports import CsvProfileRepository
from domain.ledger.profiles import SavedProfile
from domain.shared.errors import Unavailable
from domain.shared.ids import ProfileId, UserId
from domain.shared.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCsvProfiles(UseCase):
    """List a user's profiles by their names: there are never many."""

    csv_profiles: CsvProfileRepository

    @audited_query("csv_profiles.view", CSV_PROFILES_VIEWED, count)
    async def __call__(self, *, user_id: UserId) -> Result[Sequence[SavedProfile], Unavailable]:
        return await self.csv_profiles.all(owner=user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCsvProfile(UseCase):
    """Show one profile."""

    csv_profiles: CsvProfileRepository

    @audited_query("csv_profile.view", CSV_PROFILE_VIEWED)
    async def __call__(
        self, *, csv_profile_id: ProfileId, user_id: UserId
    ) -> Result[SavedProfile, CsvProfileNotFound | Unavailable]:
        return await self.csv_profiles.get(csv_profile_id, owner=user_id)
