"""What the tests of the OFX reader share."""

from adapters.statements.ofx import OfxReader
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.questions import Question
from domain.ledger.values import (
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.result import Failure, Success
from tests.statements import ofx, statement


def read(content: bytes | str, hints: ReadingHints = NO_HINTS) -> StatementFile:
    result = OfxReader().read(content if isinstance(content, bytes) else content.encode(), hints)
    assert isinstance(result, Success), result
    return result.value


def questions(content: bytes | str, hints: ReadingHints = NO_HINTS) -> list[Question]:
    """Return what is asked about a file."""
    result = OfxReader().read(content if isinstance(content, bytes) else content.encode(), hints)
    assert isinstance(result, Failure), result
    assert isinstance(result.error, HintNeeded)
    return list(result.error.questions)


def one_statement(content: bytes | str) -> Statement:
    (only,) = read(content).statements
    return only


def row_of(leaves: str) -> StatementRow:
    """Return the row that these leaves make."""
    (row,) = one_statement(ofx(statement(f"<STMTTRN>{leaves}</STMTTRN>"))).rows
    return row


def reason_of(leaves: str) -> str:
    """Return why these leaves make no row."""
    (row,) = read(ofx(statement(f"<STMTTRN>{leaves}</STMTTRN>"))).quarantined
    return row.reason


LEAVES = "<TRNTYPE>DEBIT<DTPOSTED>20260301<TRNAMT>-1.00<FITID>F1<NAME>Shop"
