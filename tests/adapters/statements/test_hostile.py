"""Files that were never meant to be read: the reader ends, and says how."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.limits import MAX_BALANCES
from adapters.statements.ofx import OfxReader
from domain.ledger.errors import StatementTooLarge
from domain.ledger.values import StatementFile
from domain.shared.result import Failure, Result, Success
from tests.adapters.statements.ofx_investments import file, investment, position
from tests.statements import days, ofx, statement

VALID = ofx(statement(*days(5)), statement(*days(3), number="2"))
CPU_SECONDS = 5


def read(content: bytes) -> Result[StatementFile, object]:
    return OfxReader().read(content)


def rows(result: Result[StatementFile, object]) -> int:
    assert isinstance(result, Success)
    file = result.value
    return sum(len(each.rows) for each in file.statements) + len(file.quarantined)


@given(st.binary(max_size=500))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for candidate in (content, b"<OFX>" + content, VALID[:300] + content + VALID[300:]):
        assert isinstance(read(candidate), Success | Failure)


@given(st.integers(0, len(VALID)), st.integers(0, 50), st.binary(max_size=20))
def test_a_damaged_file_is_read_or_refused(place: int, length: int, noise: bytes) -> None:
    damaged = VALID[:place] + noise + VALID[place + length :]

    assert isinstance(read(damaged), Success | Failure)


@given(st.integers(0, len(VALID)))
def test_what_is_cut_off_is_never_taken_for_the_whole(length: int) -> None:
    result = read(VALID[:length])

    # Without its last line break the file is whole; before a statement begins nothing is lost.
    assert isinstance(result, Failure) or rows(result) in (0, 8)


@given(st.permutations(list(days(5))))
def test_every_row_counts_once(transactions: list[str]) -> None:
    assert rows(read(ofx(statement(*transactions)))) == 5


@pytest.mark.parametrize("tag", ["<STMTRS>", "<STMTRS><LEDGERBAL>", "<LEDGERBAL></LEDGERBAL>"])
def test_statements_and_balances_end_somewhere(tag: str) -> None:
    result = read(f"<OFX><STMTRS>{tag * (MAX_BALANCES + 1)}</OFX>".encode())

    told = "A file has at most 20,000 statements and balances."
    assert result == Failure(StatementTooLarge(told))


@pytest.mark.parametrize(
    "content",
    [
        b"<OFX>" + b"<STMTRS>" * 200_000,
        b"<OFX><STMTRS>" + b"<STMTTRN>" * 200_000,
        b"<OFX>" + b"<A" * 500_000,
        b"<OFX><" + b"A" * 1_000_000,
        b"<OFX><" + b"A:" * 500_000,
        b"<OFX><A" + b" " * 1_000_000,
        b"<OFX>" + b"<" * 1_000_000,
        b"<OFX>" + b"&" * 1_000_000,
        b"<OFX><NAME>" + b"&#" * 500_000,
        b"<OFX>" + b"<![CDATA[" * 200_000,
        b"<OFX>" + b"<!--" * 300_000,
        b"<OFX>" + b"<PAYEE>" * 200_000,
        b"<OFX><STMTRS><STMTTRN>" + b"<PAYEE>" * 200_000,
        b"<OFX><TRNAMT>" + b"1," * 500_000,
        b"<OFX>" + b"<TRNAMT>" * 200_000,
        b"<OFX><TRNAMT>" + b"1" * 1_000_000,
        b"<OFX>" + b"<TRNAMT>1,234 " * 100_000,
        b"<OFX>" + b"<a b='" * 200_000,
        b"<OFX><INVSTMTRS>" + b"<INVPOSLIST><POSMF><INVPOS>" * 100_000,
        b"<OFX><INVSTMTRS>" + b"<POSMF><INVPOS><SECID><UNIQUEID>1<UNITS>1" * 50_000,
        b"<OFX><SECLIST>" + b"<SECINFO><SECID>" * 200_000,
        file(investment(positions=position(worth=f"<UNITPRICE>{'1' * 1_000_000}"))).encode(),
        file(investment(positions=position(worth=f"<UNITPRICE>{'.1' * 500_000}"))).encode(),
        b"<OFX>" + b"\n" * 2_000_000,
        b"CHARSET:" + b"x" * 1_000_000 + b"<OFX>\xff",
    ],
)
def test_a_hostile_file_ends_soon(content: bytes) -> None:
    began = time.process_time()

    assert isinstance(read(content), Success | Failure)

    # No measurement: quadratic work on these would take minutes.
    assert time.process_time() - began < CPU_SECONDS
