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
from domain.ledger.errors import CsvProfileExists, CsvProfileNotFound
from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder, ReadingHints
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
    return SavedProfile(
        id=ProfileId(row.id),
        user_id=UserId(row.user_id),
        name=row.name,
        profile=profile_of(row.profile),
    )


def document_of(profile: CsvProfile) -> dict[str, Any]:
    """Return a profile as a JSON document."""
    return {
        "delimiter": profile.delimiter,
        "encoding": profile.encoding,
        "header_rows": profile.header_rows,
        "header": list(profile.header),
        "date_order": profile.date_order.value,
        "decimal_mark": profile.decimal_mark,
        "charges_positive": profile.charges_positive,
        "balance_signs": profile.balance_signs,
        "columns": {column.value: at for column, at in profile.columns.items()},
    }


def profile_of(document: dict[str, Any]) -> CsvProfile:
    """Return the profile of a document. An invalid one is a defect: raise."""
    profile = CsvProfile(
        delimiter=document["delimiter"],
        encoding=document["encoding"],
        header_rows=document["header_rows"],
        header=tuple(document["header"]),
        date_order=DateOrder(document["date_order"]),
        decimal_mark=document["decimal_mark"],
        charges_positive=document["charges_positive"],
        balance_signs=document.get("balance_signs", False),
        columns={CsvColumn(name): at for name, at in document["columns"].items()},
    )
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
