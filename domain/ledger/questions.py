"""Questions: what a file leaves open, as data that a program can show and a person can answer."""

import dataclasses
from collections.abc import Sequence
from enum import StrEnum

from domain.ledger.hints import CsvColumn


class Asked(StrEnum):
    """The hints that questions ask for, beside the columns (`column_field`)."""

    ACCOUNT = "account_name"
    SIMILAR_ACCOUNTS = "similar_accounts"
    CURRENCY = "currency"
    DATE_ORDER = "date_order"
    DECIMAL_MARK = "decimal_mark"
    CHARGES_POSITIVE = "charges_positive"
    FEES_INCLUDED = "fees_included"
    ENCODING = "encoding"


def column_field(column: CsvColumn) -> str:
    """Return the field of the question which column of a CSV file holds this."""
    return f"columns.{column}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that neither the file nor a hint says.

    `field` is the hint that answers it: one of `Asked`, or that of a column. `reason` is a sentence
    that says what is not known, and names the columns it is about. `options` are the possible
    answers, if they can be listed, and `suggestion` is the likeliest. `columns` are the headings it
    is about, or `#3` for the third of those without one, and `examples` are values of the file.
    """

    field: str
    reason: str
    options: Sequence[str] = ()
    suggestion: str | None = None
    columns: Sequence[str] = ()
    examples: Sequence[str] = dataclasses.field(default=(), repr=False)


ACCOUNT_ASKED = Question(
    field=Asked.ACCOUNT, reason="The file names no account. Say which one it is."
)
CURRENCY_ASKED = Question(
    field=Asked.CURRENCY, reason="The file names no currency: say which one it is."
)
