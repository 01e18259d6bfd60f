"""Profiles of CSV files that people keep."""

from collections.abc import Sequence
from typing import Never

from django.db import IntegrityError

from adapters.persistence.database import Database, in_database
from adapters.persistence.insert import insert_unless_taken
from adapters.persistence.ledger.csv_profiles import document_of, profile_of
from adapters.persistence.ledger.models import CsvProfileModel
from domain.ledger.errors import CsvProfileExists, CsvProfileNotFound
from domain.ledger.profiles import SavedProfile
from domain.shared.ids import ProfileId, UserId
from domain.shared.result import Failure, Result, Success

_NAME = "ledger_csv_profile_name"
_TAKEN = CsvProfileExists("There is already a profile with this name.")
_MISSING = CsvProfileNotFound("No such profile.")


class DjangoCsvProfileRepository:
    """`CsvProfileRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def get(
        self, profile_id: ProfileId, *, owner: UserId
    ) -> Result[SavedProfile, CsvProfileNotFound]:
        row = CsvProfileModel.objects.filter(id=profile_id, user_id=owner).first()
        return Success(_entity(row)) if row else Failure(_MISSING)

    @in_database
    def all(self, *, owner: UserId) -> Result[Sequence[SavedProfile], Never]:
        rows = CsvProfileModel.objects.filter(user_id=owner).order_by("name", "id")
        return Success([_entity(row) for row in rows])

    @in_database
    def add(self, profile: SavedProfile) -> Result[None, CsvProfileExists]:
        row = CsvProfileModel(
            id=profile.id,
            user_id=profile.user_id,
            name=profile.name,
            profile=document_of(profile.profile),
        )
        return Success(None) if insert_unless_taken(row, _NAME) else Failure(_TAKEN)

    @in_database
    def change(self, profile: SavedProfile) -> Result[None, CsvProfileExists | CsvProfileNotFound]:
        mine = CsvProfileModel.objects.filter(user_id=profile.user_id)
        if mine.filter(name=profile.name).exclude(id=profile.id).exists():
            return Failure(_TAKEN)
        try:
            changed = mine.filter(id=profile.id).update(
                name=profile.name, profile=document_of(profile.profile)
            )
        except IntegrityError as error:
            # Someone took the name meanwhile: what began here is rolled back by whoever asked.
            if _NAME not in str(error):
                raise
            return Failure(_TAKEN)
        return Success(None) if changed else Failure(_MISSING)

    @in_database
    def delete(self, profile: SavedProfile) -> Result[None, CsvProfileNotFound]:
        mine = CsvProfileModel.objects.filter(user_id=profile.user_id, id=profile.id)
        deleted, _ = mine.delete()
        return Success(None) if deleted else Failure(_MISSING)


def _entity(row: CsvProfileModel) -> SavedProfile:
    return SavedProfile(
        id=ProfileId(row.id),
        user_id=UserId(row.user_id),
        name=row.name,
        profile=profile_of(row.profile),
    )
