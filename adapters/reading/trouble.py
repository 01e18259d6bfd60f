"""What can happen to a file in a worker other than a response."""

import json
from collections.abc import Sequence
from typing import Any

from adapters.reading.columns import Garbled, read_value, write_value
from domain.ledger.errors import (
    HintNeeded,
    StatementTooCostly,
    StatementTooLarge,
    UnreadableStatement,
)
from domain.ledger.questions import Question
from domain.shared.errors import DomainError

_REFUSALS = {error.__name__: error for error in (StatementTooLarge, UnreadableStatement)}


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


def refusal_document(error: DomainError) -> bytes:
    """Return an error with its questions, to be read by `refusal`."""
    documents: list[Any] = []
    if isinstance(error, HintNeeded):
        write_value(Sequence[Question], error.questions, documents.append)
    return json.dumps([type(error).__name__, error.detail, documents]).encode()


def refusal(payload: bytes) -> Exception:
    try:
        name, detail, documents = json.loads(payload)
        if name == HintNeeded.__name__:
            questions = read_value(Sequence[Question], iter(documents))
            return Refused(HintNeeded(str(detail), questions))
        return Refused(_REFUSALS[name](str(detail)))
    except (ValueError, KeyError, TypeError):
        return Garbled("an unknown refusal")
