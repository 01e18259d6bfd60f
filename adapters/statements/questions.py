"""The questions that files of several formats leave open."""

from collections.abc import Sequence

from adapters.statements.encodings import Readings
from domain.ledger.hints import DateOrder
from domain.ledger.questions import ACCOUNT_ASKED, CURRENCY_ASKED, Asked, Question

#: So many values of a file are shown as examples, and so many characters of each.
_EXAMPLES, _EXAMPLE_LENGTH = 5, 40
# Of a line that shows how letters are read.
_LINE_LENGTH = 80


def date_order(examples: Sequence[str], orders: Sequence[DateOrder]) -> Question:
    """Ask for the order of dates that several orders fit."""
    return Question(
        field=Asked.DATE_ORDER,
        reason="The dates of the file can be read in two ways: say their order.",
        options=[order.value for order in orders],
        examples=shown(examples),
    )


def encoding(readings: Readings) -> Question:
    """Ask in which encoding a text makes sense, and show a line of it in each."""
    read = zip(readings.encodings, readings.lines, strict=True)
    return Question(
        field=Asked.ENCODING,
        reason=(
            "The letters of the file can be read in several encodings: say in which one. If none of"
            " these is right, say another one by its name, such as cp1250 or iso8859-7."
        ),
        options=readings.encodings,
        suggestion=readings.encodings[0],
        examples=[f"{name}: {line[:_LINE_LENGTH].strip()}" for name, line in read],
    )


def asked_at_once(
    *others: Question, lacks_account: bool, lacks_currency: bool
) -> Sequence[Question]:
    """Return what is asked about a file, with its account if nothing names that either.

    The import asks for the account alone: it knows whether the user has chosen one.
    """
    asked = [CURRENCY_ASKED, *others] if lacks_currency else [*others]
    return [ACCOUNT_ASKED, *asked] if asked and lacks_account else asked


def shown(values: Sequence[str]) -> list[str]:
    """Return the first values, each cut off where it is long."""
    return [value[:_EXAMPLE_LENGTH] for value in list(values)[:_EXAMPLES]]
