"""What goes between server and worker: it arrives as it was, or not at all."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.reading.columns import RUN, Garbled, read_value, write_value
from adapters.reading.frames import (
    MAX_FRAME,
    REFUSED,
    send_documents,
)
from adapters.reading.frames import documents as documents_in
from adapters.reading.trouble import Refused, refusal
from adapters.reading.work import send_result
from adapters.statements.ofx import OfxReader
from adapters.statements.readers import statement_readers
from domain.ledger.errors import StatementTooLarge
from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder, ReadingHints
from domain.ledger.kinds import AccountKind, TransactionKind
from domain.ledger.values import AccountReference, Statement, StatementFile, StatementRow
from domain.shared.money import Money
from domain.shared.result import Success
from faults.hostile import HINTS, MAKERS, hostile
from tests.adapters.statements.examples import EXAMPLES
from tests.statements import days, ofx, statement

PROFILE = CsvProfile(
    date_order=DateOrder.DAY_FIRST,
    columns={CsvColumn.BOOKING_DATE: 0, CsvColumn.AMOUNT: 2},
    header=["Date", "Payee", "Amount"],
)


def documents(kind: type, value: object) -> list[Any]:
    """Return a value as it is after the transport through a pipe."""
    written: list[Any] = []
    write_value(kind, value, written.append)
    copy: list[Any] = json.loads(json.dumps(written))
    return copy


def through(kind: type, value: object) -> Any:
    return read_value(kind, iter(documents(kind, value)))


@pytest.mark.parametrize("format", EXAMPLES)
def test_a_file_survives_the_transport(format: str) -> None:
    (reader,) = [each for each in statement_readers() if each.format == format]
    read = reader.read(EXAMPLES[format], HINTS)
    assert isinstance(read, Success)

    assert repr(through(StatementFile, read.value)) == repr(read.value)
    assert through(StatementFile, read.value) == read.value


def test_more_rows_than_one_batch_survive() -> None:
    read = OfxReader().read(ofx(statement(*days(2 * RUN + 1))))
    assert isinstance(read, Success)

    assert through(StatementFile, read.value) == read.value


@pytest.mark.parametrize("name", MAKERS)
def test_readable_parts_of_hostile_files_survive(name: str) -> None:
    content = hostile(name, 20_000)
    for reader in statement_readers():
        if reader.recognises(content[:4096]):
            read = reader.read(content, HINTS)
            if isinstance(read, Success):
                assert through(StatementFile, read.value) == read.value


@given(st.text(), st.sampled_from([None, *DateOrder]), st.booleans(), st.lists(st.just(PROFILE)))
def test_hints_survive(
    account: str, order: DateOrder | None, known: bool, profiles: list[CsvProfile]
) -> None:
    for candidates in (profiles, tuple(profiles)):
        hints = ReadingHints(
            account=account,
            date_order=order,
            charges_positive=True if known else None,
            csv_profile=PROFILE if known else None,
            csv_profiles=candidates,
        )
        arrived = through(ReadingHints, hints)

        assert arrived == hints
        assert type(arrived.csv_profiles) is type(candidates)


def changed(value: Any) -> Iterator[Any]:
    """Yield a JSON value with one thing changed in it, in every place."""
    yield from (None, -1, 10**30, 0.5, "\ud800", [], {}, True)
    if isinstance(value, dict):
        yield {**value, "x": 1}
    if isinstance(value, list):
        yield value[1:]
        yield [*value, value]
        for at, each in enumerate(value):
            yield from ([*value[:at], other, *value[at + 1 :]] for other in changed(each))


def test_a_lying_worker_is_detected_or_yields_a_valid_file() -> None:
    """Whatever it sends, nothing but a `StatementFile` of the right types comes of it."""
    read = OfxReader().read(ofx(statement(*days(2))))
    assert isinstance(read, Success)
    sent = documents(StatementFile, read.value)
    refused = 0
    for lie in changed(sent):
        if not isinstance(lie, list):
            continue
        try:
            made = read_value(StatementFile, iter(lie))
        except Garbled:
            refused += 1
            continue
        assert type(made) is StatementFile
        rows = [row for each in made.statements for row in each.rows]
        assert all(type(row.amount.amount) is Decimal for row in rows)
        assert all(type(row.description) is str for row in rows)
    assert refused > 100


@pytest.mark.parametrize("lies", [[], [1], ["1"], [{}], [None] * 100, [["ofx"]], [["ofx"], [0]]])
def test_an_invalid_answer_is_refused(lies: list[Any]) -> None:
    with pytest.raises(Garbled):
        read_value(StatementFile, iter(lies))


def test_a_type_without_an_encoding_is_reported() -> None:
    with pytest.raises(TypeError, match="cannot be encoded"):
        write_value(dict, {}, print)


LONG = "ж" * 2_500
LONG_ROWS = [
    StatementRow(
        line=line,
        provider_id=None,
        booking_date=date(2026, 3, 1),
        amount=Money(Decimal(line), "EUR"),
        kind=TransactionKind.OTHER,
        description=LONG + "\x01\ud800",
        raw={LONG: LONG, "": ""},
    )
    for line in range(300)
]


def file_of(rows: list[StatementRow]) -> StatementFile:
    account = AccountReference(kind=AccountKind.CHECKING, number="1", currency="EUR")
    return StatementFile(format="ofx", statements=[Statement(account=account, rows=rows)])


def frames_of(file: StatementFile) -> list[bytes]:
    sent: list[bytes | memoryview] = []
    send_documents(sent.append, partial(write_value, StatementFile, file))
    # Each head is followed by what it announces.
    return [bytes(payload) for payload in sent[1::2]]


def test_frames_stay_small_for_texts_of_any_length() -> None:
    """Characters are limited as well as rows: 5,000 long rows do not fit into one frame."""
    file = file_of(LONG_ROWS)

    frames = frames_of(file)

    assert max(map(len, frames)) < 1_000_000
    # A character is not escaped, so it has its length in UTF-8.
    assert sum(map(len, frames)) < 300 * 2_500 * 2 * 3 * 1.05
    assert read_value(StatementFile, documents_in(frames)) == file


def test_short_texts_share_a_frame() -> None:
    assert len(frames_of(file_of([replace(row, description="", raw={}) for row in LONG_ROWS]))) == 1


def test_a_value_too_large_for_a_frame_is_a_refusal() -> None:
    sent: list[bytes | memoryview] = []
    giant = file_of([replace(LONG_ROWS[0], description="x" * MAX_FRAME)])

    send_result(sent.append, Success(giant), StatementFile)

    tag, payload = bytes(sent[-2])[:1], bytes(sent[-1])
    assert tag == REFUSED
    refused = refusal(payload)
    assert isinstance(refused, Refused)
    assert isinstance(refused.error, StatementTooLarge)
