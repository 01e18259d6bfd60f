"""Saved CSV profiles."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from domain.ledger.errors import InvalidCsvProfile
from domain.ledger.events import CsvProfileChanged, CsvProfileDeleted, CsvProfileSaved
from domain.ledger.hints import CsvProfile
from domain.ledger.profile_validation import validate_name, validate_profile
from domain.ledger.questions import Question
from domain.ledger.values import QuarantinedRow, StatementRow
from domain.shared.events import Actor
from domain.shared.ids import ProfileId, UserId
from domain.shared.result import Failure, Result, Success

#: How many profiles a user may have.
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
        """Make a profile with a name, if both are valid."""
        invalid = validate_name(name) or validate_profile(profile)
        if invalid:
            return Failure(InvalidCsvProfile(invalid))
        event = CsvProfileSaved(subject_id=id, actor=Actor.user(user_id), occurred_at=at)
        return Success((cls(id=id, user_id=user_id, name=name, profile=profile), event))

    def change(
        self, name: str, profile: CsvProfile, *, at: datetime
    ) -> Result[tuple[Self, CsvProfileChanged], InvalidCsvProfile]:
        """Return the profile with another name and content, if both are valid."""
        invalid = validate_name(name) or validate_profile(profile)
        if invalid:
            return Failure(InvalidCsvProfile(invalid))
        event = CsvProfileChanged(
            subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at
        )
        return Success((replace(self, name=name, profile=profile), event))

    def deleted(self, *, at: datetime) -> CsvProfileDeleted:
        """Return the event that the profile was deleted."""
        return CsvProfileDeleted(subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvSample:
    """The first rows of a file as read by a profile, and the questions that are open.

    Without a profile, there are questions alone.
    """

    profile: CsvProfile | None = None
    rows: Sequence[StatementRow] = field(default=(), repr=False)
    quarantined: Sequence[QuarantinedRow] = ()
    questions: Sequence[Question] = ()
