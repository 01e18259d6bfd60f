"""Profiles of CSV files that a person keeps under names of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from domain.ledger.errors import InvalidCsvProfile
from domain.ledger.events import CsvProfileChanged, CsvProfileDeleted, CsvProfileSaved
from domain.ledger.hints import CsvProfile
from domain.ledger.profile_flaws import flaw_of, flaw_of_name
from domain.ledger.values import QuarantinedRow, StatementRow
from domain.shared.events import Actor
from domain.shared.ids import ProfileId, UserId
from domain.shared.result import Failure, Result, Success

#: Profiles of a person.
MAX_PROFILES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedProfile:
    """How one bank writes its CSV files, under a name that is unique for its user."""

    id: ProfileId
    user_id: UserId
    name: str = field(repr=False)
    profile: CsvProfile = field(repr=False)

    @classmethod
    def save(
        cls, name: str, profile: CsvProfile, *, id: ProfileId, user_id: UserId, at: datetime
    ) -> Result[tuple[Self, CsvProfileSaved], InvalidCsvProfile]:
        """Keep a profile under a name, if files can be read by it."""
        flaw = flaw_of_name(name) or flaw_of(profile)
        if flaw:
            return Failure(InvalidCsvProfile(flaw))
        event = CsvProfileSaved(subject_id=id, actor=Actor.user(user_id), occurred_at=at)
        return Success((cls(id=id, user_id=user_id, name=name, profile=profile), event))

    def change(
        self, name: str, profile: CsvProfile, *, at: datetime
    ) -> Result[tuple[Self, CsvProfileChanged], InvalidCsvProfile]:
        """Return the profile as it is to be from now on."""
        flaw = flaw_of_name(name) or flaw_of(profile)
        if flaw:
            return Failure(InvalidCsvProfile(flaw))
        event = CsvProfileChanged(
            subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at
        )
        return Success((replace(self, name=name, profile=profile), event))

    def deleted(self, *, at: datetime) -> CsvProfileDeleted:
        """Return the fact that it is no longer kept."""
        return CsvProfileDeleted(subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvSample:
    """What the first rows of a file say under a profile; without one, only what is still open."""

    profile: CsvProfile | None = None
    rows: Sequence[StatementRow] = field(default=(), repr=False)
    quarantined: Sequence[QuarantinedRow] = ()
    open_question: str = ""
