"""What may be said along with a file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from pydantic import Field

from dashtam.api.http import Fields, read_fields
from dashtam.api.uploads import Upload, read_upload
from domain.ledger.hints import DateOrder, ReadingHints
from domain.ledger.imports import ImportRequest
from domain.shared.ids import AccountId, ProfileId, UserId


class CsvForm(Fields):
    """What may be said along with a file that leaves it open."""

    account_name: Annotated[str, Field(max_length=255)] = ""
    currency: Annotated[str, Field(max_length=3, pattern=r"^[A-Z]{3}$")] | None = None
    date_order: DateOrder | None = None
    decimal_mark: Literal[".", ","] | None = None
    charges_positive: bool | None = None

    def hints(self) -> ReadingHints:
        return ReadingHints(
            account=self.account_name,
            currency=self.currency,
            date_order=self.date_order,
            decimal_mark=self.decimal_mark,
            charges_positive=self.charges_positive,
        )


class ImportForm(CsvForm):
    """The same, and which account a file is for, and by which profile it is read."""

    account_id: UUID | None = None
    csv_profile_id: UUID | None = None
    background: bool = False

    def request(self, upload: Upload, user_id: UserId) -> ImportRequest:
        return ImportRequest(
            user_id=user_id,
            file_name=upload.name,
            content=upload.content,
            hints=self.hints(),
            account_id=AccountId(self.account_id) if self.account_id else None,
            csv_profile_id=ProfileId(self.csv_profile_id) if self.csv_profile_id else None,
            background=self.background,
        )


@asynccontextmanager
async def read_import(request: HttpRequest, user_id: UserId) -> AsyncIterator[ImportRequest]:
    """Read the file in the part `file` of a multipart form, and what is said along with it."""
    async with read_upload(request, "file", settings.IMPORT_MAX_BYTES) as upload:
        yield read_fields(upload.fields, ImportForm).request(upload, user_id)
