"""What the tests of the OFX reader share."""

from adapters.statements.ofx import OfxReader
from domain.ledger.values import (
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.result import Success
from tests.statements import ofx, statement


def read(content: bytes | str) -> StatementFile:
    result = OfxReader().read(content if isinstance(content, bytes) else content.encode())
    assert isinstance(result, Success), result
    return result.value


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
