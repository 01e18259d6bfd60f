"""CSV that was never meant to be read: the reader ends soon, and says how."""

import time
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.csv import CsvReader, find_profile
from domain.ledger.profile_flaws import flaw_of
from domain.shared.result import Failure, Success
from tests.adapters.statements.csv.reading import DAY_FIRST, EUROS, refused

HEADER = "Date,Amount,Payee\n"
ROW = "2026-03-13,-1.00,x\n"
CPU_SECONDS = 5
MEGABYTES = 512
CSV_BYTES = st.text(st.sampled_from('aD1290.-/,;\t|" \n\r€=(')).map(str.encode)


@given(st.binary(max_size=300) | CSV_BYTES)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for candidate in (content, HEADER.encode() + content, (HEADER + ROW * 3).encode() + content):
        assert isinstance(CsvReader().read(candidate, EUROS), Success | Failure)
        assert isinstance(find_profile(candidate, DAY_FIRST), Success | Failure)
        assert CsvReader().recognises(candidate) in (True, False)


@given(CSV_BYTES, st.booleans())
def test_what_is_found_can_be_kept(content: bytes, headed: bool) -> None:
    found = find_profile((HEADER + ROW).encode() + content if headed else content, DAY_FIRST)

    assert isinstance(found, Failure) or flaw_of(found.value) == ""


@given(CSV_BYTES)
def test_bytes_that_are_read_are_read_alike_by_what_was_found(content: bytes) -> None:
    profile = find_profile(content, DAY_FIRST)

    assert isinstance(profile, Failure) == isinstance(find_profile(content, DAY_FIRST), Failure)


HOSTILE = [
    HEADER + ROW * 3 + '2026-03-13,-1.00,"' + "x,y\n" * 400_000,
    HEADER + '"' + "x" * 5_000_000,
    HEADER + "," * 1_000_000,
    ("," * 99_000 + "\n") * 50,
    ("aa," * 20_000 + "\n") * 400,
    "\n" * 5_000_000,
    "\r" * 5_000_000,
    '"' * 5_000_000,
    '"\n' * 1_000_000,
    HEADER + 'x"y,"z\n' * 300_000,
    HEADER + "\0" * 5_000_000,
    (HEADER + "2026-03-13," + "1" * 90_000 + ",x\n") * 50,
    HEADER + ("2026-03-13," + "1," * 300 + ",x\n") * 2_000,
    ("Date,Amount" + " " * 90_000 + ",x\n") * 50,
    ("Date,Amount,x" + ("(" * 90_000) + "\n") + ROW,
    (",".join(f"Amount{number}" for number in range(5_000)) + "\n" + "1," * 5_000) * 20,
    HEADER + ROW + ('2026-03-13,"' + "a\n" * 40_000 + '"\n') * 20,
    HEADER * 50_000,
    "".join("a," * (number % 500) + "\n" for number in range(5_000)),
    ("DE12 " + "A " * 40_000 + ",x\n") * 50 + HEADER + ROW,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_file_ends_soon(text: str) -> None:
    content = text.encode()
    began = time.process_time()

    assert isinstance(CsvReader().read(content, EUROS), Success | Failure)
    CsvReader().recognises(content[:4096])

    # No measurement: quadratic work on these would take minutes.
    assert time.process_time() - began < CPU_SECONDS


@pytest.mark.parametrize("text", [HOSTILE[0], HOSTILE[5], HOSTILE[10]], ids=range(3))
def test_a_hostile_file_takes_little_memory(text: str) -> None:
    content = text.encode()
    tracemalloc.start()
    try:
        assert isinstance(CsvReader().read(content, EUROS), Success | Failure)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < MEGABYTES * 2**20


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HOSTILE[0], "A quote that opens on line 5 of the file is not closed."),
        (HOSTILE[1], "A line of the file is longer than 100,000 characters."),
        (HOSTILE[2], "A line of the file is longer than 100,000 characters."),
        (HOSTILE[4], "A file has at most 6,000,000 values."),
        (HOSTILE[5], "A file has at most 2,000,000 lines."),
        (HOSTILE[3], "The file has no columns."),
        (HEADER + "\n" * 2_000_000, "A file has at most 2,000,000 lines."),
    ],
    ids=range(7),
)
def test_it_is_told_what_is_too_much(text: str, told: str) -> None:
    assert refused(text) == told


def test_many_profiles_are_tried_soon() -> None:
    written = find_profile((HEADER + ROW).encode(), EUROS)
    assert isinstance(written, Success)
    kept = [replace(written.value, header=(f"Date {n}", "Amount", "Payee")) for n in range(200)]
    content = (HEADER + ROW * 50_000).encode()
    began = time.process_time()

    result = CsvReader().read(content, replace(EUROS, csv_profiles=kept))

    assert isinstance(result, Success)
    assert result.value.csv_profile == written.value
    assert time.process_time() - began < CPU_SECONDS
