"""What can happen to a file in a worker other than a response."""

import json

from adapters.reading.columns import Garbled
from domain.ledger.errors import (
    HintNeeded,
    StatementTooCostly,
    StatementTooLarge,
    UnreadableStatement,
)

_REFUSALS = {
    error.__name__: error for error in (HintNeeded, StatementTooLarge, UnreadableStatement)
}


class Refused(Exception):
    """The file cannot be read; `error` says why."""

    def __init__(self, error: UnreadableStatement | StatementTooLarge) -> None:
        super().__init__(type(error).__name__)
        self.error = error


class Killed(Exception):
    """The worker was ended from outside or hangs, which says nothing about the file."""


class ReaderDefect(Exception):
    """A reader raised an unexpected exception: a defect, with its location in the code."""


def too_costly(what: str) -> StatementTooCostly:
    detail = f"Reading the file takes more than {what}. Nothing of it was imported."
    return StatementTooCostly(f"{detail} Export a shorter period, or split the file.")


def refusal(payload: bytes) -> Exception:
    try:
        name, detail = json.loads(payload)
        return Refused(_REFUSALS[name](str(detail)))
    except (ValueError, KeyError, TypeError):
        return Garbled("an unknown refusal")
