"""Profiles of CSV files in memory."""

from collections.abc import Sequence

from domain.ledger.errors import CsvProfileExists, CsvProfileNotFound
from domain.ledger.profiles import SavedProfile
from domain.shared.errors import Unavailable
from domain.shared.ids import ProfileId, UserId
from domain.shared.result import Failure, Result, Success
from tests.fakes import Store, one, owned


class InMemoryCsvProfileRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(
        self, profile_id: ProfileId, *, owner: UserId
    ) -> Result[SavedProfile, CsvProfileNotFound | Unavailable]:
        found = owned(self._store.csv_profiles.get(profile_id), owner)
        return one(found, CsvProfileNotFound("No such profile."))

    async def all(self, *, owner: UserId) -> Result[Sequence[SavedProfile], Unavailable]:
        mine = [each for each in self._store.csv_profiles.values() if each.user_id == owner]
        return Success(sorted(mine, key=lambda profile: profile.name))

    async def add(self, profile: SavedProfile) -> Result[None, CsvProfileExists | Unavailable]:
        return await self._put(profile)

    async def change(
        self, profile: SavedProfile
    ) -> Result[None, CsvProfileExists | CsvProfileNotFound | Unavailable]:
        found = await self.get(profile.id, owner=profile.user_id)
        return found if isinstance(found, Failure) else await self._put(profile)

    async def delete(self, profile: SavedProfile) -> Result[None, CsvProfileNotFound | Unavailable]:
        found = await self.get(profile.id, owner=profile.user_id)
        if isinstance(found, Failure):
            return found
        del self._store.csv_profiles[profile.id]
        return Success(None)

    async def _put(self, profile: SavedProfile) -> Result[None, CsvProfileExists]:
        key = (profile.user_id, profile.name)
        for each in self._store.csv_profiles.values():
            if (each.user_id, each.name) == key and each.id != profile.id:
                return Failure(CsvProfileExists("There is already a profile with this name."))
        self._store.csv_profiles[profile.id] = profile
        return Success(None)
