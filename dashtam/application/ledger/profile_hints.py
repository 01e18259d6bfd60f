"""The profiles by which a file of a user is read."""

from dataclasses import dataclass, replace

from domain.ledger.errors import CsvProfileNotFound
from domain.ledger.hints import ReadingHints
from domain.ledger.ports import CsvProfileRepository
from domain.shared.errors import Unavailable
from domain.shared.ids import ProfileId, UserId
from domain.shared.ports import UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileHints:
    """Adds to what was said of a file the profile that was named, or all that its user keeps."""

    csv_profiles: CsvProfileRepository
    unit_of_work: UnitOfWorkFactory

    async def __call__(
        self, hints: ReadingHints, csv_profile_id: ProfileId | None, *, user_id: UserId
    ) -> Result[ReadingHints, CsvProfileNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id):
            if csv_profile_id is None:
                kept = await self.csv_profiles.all(owner=user_id)
                if isinstance(kept, Failure):
                    return kept
                known = [each.profile for each in kept.value]
                return Success(replace(hints, csv_profiles=known))
            named = await self.csv_profiles.get(csv_profile_id, owner=user_id)
        if isinstance(named, Failure):
            return named
        return Success(replace(hints, csv_profile=named.value.profile))
