"""CSV profiles: detect, save, list, change and delete them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.read_statement import ReadStatement
from dashtam.application.ledger.reading_queue import ReadingQueue
from dashtam.application.query import audited_query, count
from dashtam.application.use_case import UseCase
from domain.ledger.actions import CSV_PROFILE_DETECTED, CSV_PROFILE_VIEWED, CSV_PROFILES_VIEWED
from domain.ledger.errors import (
    CsvProfileExists,
    CsvProfileNotFound,
    InvalidCsvProfile,
    StatementTooLarge,
    TooManyCsvProfiles,
    UnreadableStatement,
)
from domain.ledger.hints import NO_HINTS, CsvProfile, ReadingHints
from domain.ledger.ports import CsvProfileRepository, CsvSampler
from domain.ledger.profiles import MAX_PROFILES, CsvSample, SavedProfile
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import ProfileId, UserId, new_id
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCsvProfiles(UseCase):
    """List a user's profiles by name: there are never many."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectCsvProfile(UseCase):
    """Detect how a file is written, and show its first rows as read so. Nothing is saved."""

    read_statement: ReadStatement
    reading_queue: ReadingQueue
    csv_sampler: CsvSampler

    @audit_failures("csv_profile.detect", ResourceType.CSV_PROFILE)
    async def __call__(
        self, *, user_id: UserId, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[CsvSample, UnreadableStatement | StatementTooLarge | Unavailable]:
        found = await self.reading_queue(user_id, partial(self._sample, content, hints))
        if isinstance(found, Failure):
            return found
        detected = CSV_PROFILE_DETECTED.record(
            subject_id=None,
            actor=Actor.user(user_id),
            occurred_at=self.clock.now(),
            open=bool(found.value.questions),
        )
        async with self.unit_of_work(owner=user_id) as uow:
            await uow.commit(detected)
        return found

    def _sample(
        self, content: bytes, hints: ReadingHints
    ) -> Result[CsvSample, UnreadableStatement | StatementTooLarge | Unavailable]:
        unpacked = self.read_statement.unpacked(content)
        return (
            unpacked if isinstance(unpacked, Failure) else self.csv_sampler(unpacked.value, hints)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveCsvProfile(UseCase):
    """Save a profile with a name: files with its header are read by it from now on."""

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
        stored, event = saved.value
        async with self.unit_of_work(owner=user_id) as uow:
            others = await self.csv_profiles.all(owner=user_id)
            if isinstance(others, Failure):
                return others
            if len(others.value) >= MAX_PROFILES:
                text = f"You may have at most {MAX_PROFILES} profiles. Delete one first."
                return Failure(TooManyCsvProfiles(text))
            added = await self.csv_profiles.add(stored)
            if isinstance(added, Failure):
                return added
            await uow.commit(event)
        return Success(stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCsvProfile(UseCase):
    """Replace the content and name of a profile; what was imported by it stays as it is."""

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
            stored, event = changed.value
            done = await self.csv_profiles.change(stored)
            if isinstance(done, Failure):
                return done
            await uow.commit(event)
        return Success(stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteCsvProfile(UseCase):
    """Delete a profile."""

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
