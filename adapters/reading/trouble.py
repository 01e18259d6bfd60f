"""What may become of a file that a worker was given, other than an answer."""

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
    """The file is not read; `error` says why."""

    def __init__(self, error: UnreadableStatement | StatementTooLarge) -> None:
        super().__init__(type(error).__name__)
        self.error = error


class Killed(Exception):
    """The worker was ended from outside, or does not go on: nothing is known of the file."""


class ReaderDefect(Exception):
    """A reader raised what it should not: a defect of ours, with the place where it is."""


def too_costly(what: str) -> StatementTooCostly:
    told = f"Reading the file takes more than {what}. Nothing of it was imported."
    return StatementTooCostly(f"{told} Export a shorter period, or split the file.")


def refusal(payload: bytes) -> Exception:
    try:
        name, detail = json.loads(payload)
        return Refused(_REFUSALS[name](str(detail)))
    except (ValueError, KeyError, TypeError):
        return Garbled("an unknown refusal")
