"""What the OFX reader makes of damaged files, and how much it reads at most."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.limits import MAX_BALANCES
from adapters.statements.ofx import OfxReader
from domain.ledger.errors import StatementTooLarge
from domain.ledger.values import StatementFile
from domain.shared.result import Failure, Result, Success
from tests.statements import days, ofx, statement

VALID = ofx(statement(*days(5)), statement(*days(3), number="2"))


def read(content: bytes) -> Result[StatementFile, object]:
    return OfxReader().read(content)


def rows(result: Result[StatementFile, object]) -> int:
    assert isinstance(result, Success)
    file = result.value
    return sum(len(each.rows) for each in file.statements) + len(file.quarantined)


@given(st.integers(0, len(VALID)))
def test_a_truncated_file_is_never_taken_for_complete(length: int) -> None:
    result = read(VALID[:length])

    # Without its last line break the file is complete; before a statement begins nothing is lost.
    assert isinstance(result, Failure) or rows(result) in (0, 8)


@given(st.permutations(list(days(5))))
def test_every_row_counts_once(transactions: list[str]) -> None:
    assert rows(read(ofx(statement(*transactions)))) == 5


@pytest.mark.parametrize("tag", ["<STMTRS>", "<STMTRS><LEDGERBAL>", "<LEDGERBAL></LEDGERBAL>"])
def test_statements_and_balances_are_limited(tag: str) -> None:
    result = read(f"<OFX><STMTRS>{tag * (MAX_BALANCES + 1)}</OFX>".encode())

    message = "A file has at most 20,000 statements and balances."
    assert result == Failure(StatementTooLarge(message))
