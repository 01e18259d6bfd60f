"""What is said about transactions in the bodies of requests."""

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from dashtam.api.http import MAX_ITEMS, Body, Changes
from dashtam.api.ledger.parameters import Day
from domain.ledger.allocations import Annotation, CategoryChoice, Split
from domain.ledger.by_hand import Entry
from domain.ledger.categories import MAX_SPLITS
from domain.ledger.kinds import TransactionKind
from domain.ledger.listing import BulkEdit
from domain.ledger.tags import MAX_TAG, MAX_TAGS
from domain.shared.ids import CategoryId, TransactionId
from domain.shared.money import parse_decimal

Note = Annotated[str, Field(max_length=10_000)]
Tag = Annotated[str, Field(max_length=MAX_TAG)]
Tags = Annotated[list[Tag], Field(max_length=MAX_TAGS)]
Text = Annotated[str, Field(max_length=1_000)]
Reference = Annotated[str, Field(max_length=255)]


def _is_text(value: Any) -> Any:
    """Refuse seconds since 1970."""
    if not isinstance(value, str):
        raise PydanticCustomError("day", "This is not a date (2026-03-01)")
    return value


BookingDay = Annotated[
    Day,
    Field(strict=False, ge=date(1900, 1, 1), le=date(2200, 12, 31)),
    BeforeValidator(_is_text),
]


def _exact(value: Any) -> Any:
    """Read an amount from a string, so that it is exact."""
    amount = parse_decimal(value) if isinstance(value, str) else None
    if amount is None:
        raise PydanticCustomError("amount", 'Send a decimal number as a string, such as "-4.50"')
    return amount


Kind = Annotated[TransactionKind, Field(strict=False)]
WrittenAmount = Annotated[Decimal, BeforeValidator(_exact)]


class AnnotationBody(Body):
    """What an owner says of a transaction; a field that is left out stays as it is.

    A category of null is none. Notes and tags are cleared by what is empty.
    """

    note: Note | None = None
    category_id: UUID | None = None
    tags: Tags | None = None

    @property
    def annotation(self) -> Annotation:
        said = self.model_dump(include={"note", "category_id", "tags"}, exclude_unset=True)
        if "category_id" in said:
            chosen = said.pop("category_id")
            said["category"] = CategoryChoice(CategoryId(chosen) if chosen else None)
        return Annotation(**said)

    @field_validator("*", mode="before")
    @classmethod
    def _is_not_null(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.field_name != "category_id":
            raise PydanticCustomError("null", "Send something empty to clear this, not null")
        return value


class SplitRequest(Body):
    """A part of a transaction."""

    amount: WrittenAmount
    category_id: UUID | None = None
    memo: Text = ""

    def split(self) -> Split:
        category_id = CategoryId(self.category_id) if self.category_id else None
        return Split(amount=self.amount, category_id=category_id, memo=self.memo)


class DividedBody(AnnotationBody):
    """The same of one transaction, which may be split into parts."""

    splits: Annotated[list[SplitRequest], Field(max_length=MAX_SPLITS)] | None = None

    @property
    def annotation(self) -> Annotation:
        said = super().annotation
        if self.splits is None:
            return said
        return dataclasses.replace(said, splits=[each.split() for each in self.splits])

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.splits is not None and "category_id" in self.model_fields_set:
            raise PydanticCustomError("splits", "The parts have categories, or the whole has one")
        return self


#: The fields of an annotation.
ANNOTATED = set(DividedBody.model_fields)


class AddTransactionRequest(DividedBody):
    """A transaction that its user writes by hand, in the currency of the account."""

    booking_date: BookingDay
    amount: WrittenAmount
    value_date: BookingDay | None = None
    kind: Kind | None = None
    description: Text = ""
    payee: Text = ""
    counterparty_account: Reference = ""
    reference: Reference = ""
    memo: Text = ""

    def entry(self) -> Entry:
        return Entry(**self.model_dump(exclude=ANNOTATED))


class EditTransactionRequest(DividedBody, Changes):
    """What changes; a field that is left out stays as it is.

    All but the annotation can be changed only of what was written by hand.
    """

    booking_date: BookingDay | None = None
    amount: WrittenAmount | None = None
    value_date: BookingDay | None = None
    kind: Kind | None = None
    description: Text | None = None
    payee: Text | None = None
    counterparty_account: Reference | None = None
    reference: Reference | None = None
    memo: Text | None = None

    @property
    def stated(self) -> dict[str, Any]:
        """What changes of a transaction that was written by hand."""
        return self.model_dump(exclude_unset=True, exclude=ANNOTATED)


class EditTransactionsRequest(AnnotationBody, Changes):
    """The same note, category or tags for several transactions."""

    whose = frozenset({"ids"})

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_ITEMS)]

    def edit(self) -> BulkEdit:
        ids = frozenset(TransactionId(each) for each in self.ids)
        return BulkEdit(transaction_ids=ids, annotation=self.annotation)
