"""CSV profiles, and reading hints, which may contain one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Never
from uuid import UUID

from django.db import IntegrityError
from pydantic import TypeAdapter

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.insert import insert_unless_taken
from adapters.persistence.ledger.models import CsvProfileModel
from adapters.persistence.mapping import entity_of
from domain.ledger.errors import CsvProfileExists, CsvProfileNotFound
from domain.ledger.hints import CsvProfile, ReadingHints
from domain.ledger.profile_validation import validate_profile
from domain.ledger.profiles import SavedProfile
from domain.shared.ids import AccountId, ProfileId, UserId
from domain.shared.result import Failure, Result, Success

_NAME = "ledger_csv_profile_name"
_TAKEN = CsvProfileExists("There is already a profile with this name.")
_MISSING = CsvProfileNotFound("No such profile.")


class DjangoCsvProfileRepository(UsesDatabase):
    """`CsvProfileRepository` on the Django ORM."""

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
            # Another request took the name in between. The caller rolls back.
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
    return entity_of(SavedProfile, row, profile=profile_of(row.profile))


_PROFILE = TypeAdapter(CsvProfile)


def document_of(profile: CsvProfile) -> dict[str, Any]:
    """Return a profile as a JSON document."""
    document: dict[str, Any] = _PROFILE.dump_python(profile, mode="json")
    return document


def profile_of(document: dict[str, Any]) -> CsvProfile:
    """Return the profile of a document. An invalid one is a defect: raise."""
    read = _PROFILE.validate_python(document)
    profile = replace(read, header=tuple(read.header))
    invalid = validate_profile(profile)
    if invalid:
        raise ValueError(invalid)
    return profile


_HINTS = TypeAdapter(ReadingHints)
_SEPARATE = {"account_id", "csv_profile"}


def hints_document(hints: ReadingHints, account_id: AccountId | None) -> dict[str, Any]:
    """Return hints as a JSON document, without saved profiles: they are not part of a request."""
    stated = replace(hints, csv_profile=None, csv_profiles=())
    document: dict[str, Any] = _HINTS.dump_python(stated, mode="json", exclude_defaults=True)
    if hints.csv_profile:
        document["csv_profile"] = document_of(hints.csv_profile)
    if account_id:
        document["account_id"] = str(account_id)
    return document


def hints_of(document: dict[str, Any]) -> tuple[ReadingHints, AccountId | None]:
    stated = {name: value for name, value in document.items() if name not in _SEPARATE}
    account_id, profile = document.get("account_id"), document.get("csv_profile")
    hints = _HINTS.validate_python(stated)
    if profile:
        hints = replace(hints, csv_profile=profile_of(profile))
    return hints, AccountId(UUID(account_id)) if account_id else None
