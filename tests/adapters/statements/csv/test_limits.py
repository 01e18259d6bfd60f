"""How much of a CSV file is read at most, and the message about more."""

import time
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.csv.profile import find_profile
from adapters.statements.csv.reader import CsvReader
from domain.ledger.profile_validation import validate_profile
from domain.shared.result import Failure, Success
from tests.adapters.statements.csv.reading import DAY_FIRST, EUROS, refused
from tests.adapters.statements.hostile_files import hostile_file

HEADER = "Date,Amount,Payee\n"
ROW = "2026-03-13,-1.00,x\n"
CPU_SECONDS = 5
MEGABYTES = 512
CSV_BYTES = st.text(st.sampled_from('aD1290.-/,;\t|" \n\r€=(')).map(str.encode)


@given(CSV_BYTES | st.binary(max_size=300))
def test_any_bytes_yield_a_profile_or_a_refusal(content: bytes) -> None:
    for candidate in (content, HEADER.encode() + content, (HEADER + ROW * 3).encode() + content):
        assert isinstance(find_profile(candidate, DAY_FIRST), Success | Failure)


@given(CSV_BYTES, st.booleans())
def test_a_detected_profile_can_be_saved(content: bytes, headed: bool) -> None:
    found = find_profile((HEADER + ROW).encode() + content if headed else content, DAY_FIRST)

    assert isinstance(found, Failure) or validate_profile(found.value) == ""


@given(CSV_BYTES)
def test_a_detected_profile_reads_the_same_bytes_alike(content: bytes) -> None:
    profile = find_profile(content, DAY_FIRST)

    assert isinstance(profile, Failure) == isinstance(find_profile(content, DAY_FIRST), Failure)


@pytest.mark.parametrize("number", [0, 5, 10])
def test_a_hostile_file_uses_little_memory(number: int) -> None:
    content = hostile_file("csv", number)
    tracemalloc.start()
    try:
        assert isinstance(CsvReader().read(content, EUROS), Success | Failure)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < MEGABYTES * 2**20


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (0, "A quote that opens on line 5 of the file is not closed."),
        (1, "A line of the file is longer than 100,000 characters."),
        (2, "A line of the file is longer than 100,000 characters."),
        (4, "A file has at most 6,000,000 values."),
        (5, "A file has at most 2,000,000 lines."),
        (3, "The file has no columns."),
    ],
)
def test_an_exceeded_limit_is_reported(number: int, message: str) -> None:
    assert refused(hostile_file("csv", number)) == message


def test_empty_lines_are_counted() -> None:
    assert refused(HEADER + "\n" * 2_000_000) == "A file has at most 2,000,000 lines."


def test_many_profiles_are_tried_quickly() -> None:
    written = find_profile((HEADER + ROW).encode(), EUROS)
    assert isinstance(written, Success)
    saved = [replace(written.value, header=(f"Date {n}", "Amount", "Payee")) for n in range(200)]
    content = (HEADER + ROW * 50_000).encode()
    began = time.process_time()

    result = CsvReader().read(content, replace(EUROS, csv_profiles=saved))

    assert isinstance(result, Success)
    assert result.value.csv_profile == written.value
    assert time.process_time() - began < CPU_SECONDS
