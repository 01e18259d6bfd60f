"""Bodies of requests and responses about profiles of CSV files."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from dashtam.api.http import Body
from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder
from domain.ledger.profile_flaws import MAX_COLUMNS, MAX_HEADER, MAX_NAME
from domain.ledger.profiles import SavedProfile


class CsvProfileBody(Body):
    """How a bank writes its files: columns by the names of what they hold, counted from 0."""

    delimiter: Annotated[str, Field(max_length=1)] = ","
    encoding: Annotated[str, Field(max_length=40)] | None = None
    header_rows: Annotated[int, Field(ge=0, lt=MAX_COLUMNS)] = 1
    header: Annotated[
        list[Annotated[str, Field(max_length=MAX_HEADER)]], Field(max_length=MAX_COLUMNS)
    ] = []
    date_order: DateOrder
    decimal_mark: Annotated[str, Field(max_length=1)] = "."
    charges_positive: bool = False
    balance_signs: bool = False
    columns: Annotated[
        dict[CsvColumn, Annotated[int, Field(ge=0, lt=MAX_COLUMNS)]],
        Field(max_length=len(CsvColumn)),
    ]

    def profile(self) -> CsvProfile:
        return CsvProfile(**{**dict(self), "header": tuple(self.header)})

    @classmethod
    def of(cls, profile: CsvProfile) -> "CsvProfileBody":
        # What was found in a file may be longer than what may be kept.
        return cls.model_construct(
            delimiter=profile.delimiter,
            encoding=profile.encoding,
            header_rows=profile.header_rows,
            header=list(profile.header),
            date_order=profile.date_order,
            decimal_mark=profile.decimal_mark,
            charges_positive=profile.charges_positive,
            balance_signs=profile.balance_signs,
            columns=dict(profile.columns),
        )


class CsvProfileRequest(Body):
    """A profile, and the name that it is to have."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    profile: CsvProfileBody


class CsvProfileResponse(BaseModel):
    """A profile that is kept."""

    id: UUID
    name: str
    profile: CsvProfileBody

    @classmethod
    def of(cls, saved: SavedProfile) -> "CsvProfileResponse":
        return cls(id=saved.id, name=saved.name, profile=CsvProfileBody.of(saved.profile))


class CsvProfilesResponse(BaseModel):
    """All profiles of a user, by their names."""

    items: list[CsvProfileResponse]

    @classmethod
    def of(cls, profiles: Sequence[SavedProfile]) -> "CsvProfilesResponse":
        return cls(items=[CsvProfileResponse.of(each) for each in profiles])
