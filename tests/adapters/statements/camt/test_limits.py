"""What the camt reader makes of damaged messages, and how much it reads at most."""

import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.camt import CamtReader
from adapters.statements.camt.stream import MAX_PATH, Stream
from adapters.statements.garbage_collector import GcDisabled
from adapters.statements.limits import MAX_BALANCES, MAX_DEPTH
from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.shared.result import Failure, Success
from tests.camt import NTRY, balance, entry, message, statement

VALID = message(statement(entry(), entry()), statement(entry(), iban="DE02"))
LONG = "n" * 1_000
DEEP, UP = f"<{LONG}>" * 50, f"</{LONG}>" * 50
LAUGHS = b"<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]>"


@given(st.integers(0, len(VALID) - 1))
def test_a_truncated_file_is_refused(length: int) -> None:
    result = CamtReader().read(VALID[:length])

    assert isinstance(result, Failure)


@given(st.permutations([entry(), entry("<Amt>x</Amt>"), entry("")]))
def test_every_entry_counts_once(entries: list[str]) -> None:
    result = CamtReader().read(message(statement(*entries)))

    assert isinstance(result, Success)
    assert len(result.value.statements[0].rows) == 1
    assert len(result.value.quarantined) == 2


def test_entities_are_refused_before_expansion() -> None:
    result = CamtReader().read(LAUGHS + VALID)

    message = "The file declares a DOCTYPE or entities, which are not accepted."
    assert result == Failure(UnreadableStatement(message))


def test_nesting_is_limited() -> None:
    deep = message("<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH)

    result = CamtReader().read(deep)

    told = f"The XML is nested more than {MAX_DEPTH} levels deep."
    assert result == Failure(UnreadableStatement(told))


@pytest.mark.parametrize(
    "body",
    ["<Stmt/>" * (MAX_BALANCES + 1), statement(balances=balance("CLBD", "1") * MAX_BALANCES)],
)
def test_statements_and_balances_are_limited(body: str) -> None:
    result = CamtReader().read(message(body))

    told = "A file has at most 20,000 statements and balances."
    assert result == Failure(StatementTooLarge(told))


def test_paths_are_limited() -> None:
    result = CamtReader().read(message(statement(entry(NTRY + DEEP + "<X>y</X>" + UP))))

    assert isinstance(result, Success)
    (row,) = result.value.statements[0].rows
    assert max(map(len, row.raw)) < MAX_PATH


def test_parsing_leaves_no_memory_behind() -> None:
    stream = Stream(10)
    stream.read(VALID)
    entries = weakref.ref(stream.drafts[0].entries[0])

    with GcDisabled():
        del stream
        assert entries() is None
