"""Files that were made to harm: every reader reads or refuses them, and is soon done."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashtam.container import container
from domain.ledger.ports import StatementReader
from domain.shared.result import Failure, Success
from tests.adapters.statements.examples import EXAMPLES
from tests.adapters.statements.hostile_files import HOSTILE, STEMS, hostile_file
from tests.contracts.statement_reader import HINTS

READERS = container.ports.statement_readers
CPU_SECONDS = 5
#: Quadratic work on so many bytes takes a minute.
INFLATED = 300_000
#: Characters that mean something in one format or another.
MARKS = st.text(st.sampled_from('aD1290.-/,;:\t|" \n\r€=(<>&^!\0')).map(str.encode)

every_reader = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.format)


def read(reader: StatementReader, content: bytes) -> None:
    assert reader.recognises(content[:4096]) in (True, False)
    assert isinstance(reader.read(content, HINTS), Success | Failure)


def read_soon(reader: StatementReader, content: bytes) -> None:
    began = time.process_time()
    read(reader, content)
    # No measurement: quadratic work on these would take minutes.
    assert time.process_time() - began < CPU_SECONDS, content[:80]


@every_reader
@given(noise=st.binary(max_size=500) | MARKS)
def test_any_bytes_are_read_or_refused(reader: StatementReader, noise: bytes) -> None:
    for stem in (b"", *STEMS.get(reader.format, ())):
        read(reader, stem + noise)


@every_reader
@given(offset=st.floats(0, 1), length=st.integers(0, 50), noise=st.binary(max_size=500) | MARKS)
def test_a_damaged_file_is_read_or_refused(
    reader: StatementReader, offset: float, length: int, noise: bytes
) -> None:
    valid = EXAMPLES[reader.format]
    at = int(offset * len(valid))

    read(reader, valid[:at] + noise + valid[at + length :])


def inflated(valid: bytes) -> Iterator[bytes]:
    """Yield a file over and over, and with each of its lines and marks over and over."""
    yield valid * (INFLATED // len(valid))
    for line in dict.fromkeys(valid.splitlines(keepends=True)):
        yield valid.replace(line, line * (INFLATED // len(line)), 1)
    for mark in (bytes([byte]) for byte in dict.fromkeys(valid)):
        if not mark.isalpha():
            yield valid.replace(mark, mark * INFLATED, 1)


@every_reader
def test_no_part_of_a_file_is_expensive(reader: StatementReader) -> None:
    for content in inflated(EXAMPLES[reader.format]):
        read_soon(reader, content)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reader", "number"),
    [(reader, each) for reader in READERS for each in range(len(HOSTILE.get(reader.format, ())))],
    ids=lambda each: str(getattr(each, "format", each)),
)
def test_a_hostile_file_is_read_or_refused_quickly(reader: StatementReader, number: int) -> None:
    read_soon(reader, hostile_file(reader.format, number))
