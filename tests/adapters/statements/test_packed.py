"""Archives are unpacked within limits."""

import gzip
import time
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.packed import MAX_MEMBERS, MAX_RATIO, unpack
from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.shared.result import Failure, Result, Success
from tests.statements import days, ofx, statement

MARCH = ofx(statement(*days(20)))
LIMIT = 1_000_000
CPU_SECONDS = 5
BROKEN = "The compressed file is corrupt."


def zipped(**files: bytes) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def refused(result: Result[bytes, object]) -> str:
    assert isinstance(result, Failure)
    assert isinstance(result.error, UnreadableStatement)
    return result.error.detail


@pytest.mark.parametrize(
    "packed",
    [
        MARCH,
        gzip.compress(MARCH),
        gzip.compress(MARCH[:500]) + gzip.compress(MARCH[500:]),
        gzip.compress(MARCH) + bytes(512),
        zipped(march=MARCH),
    ],
)
def test_returns_the_content(packed: bytes) -> None:
    assert unpack(packed, LIMIT) == Success(MARCH)


def test_ignores_what_is_not_a_file() -> None:
    archive = zipped(**{"folder/": b"", "__MACOSX/march": b"x", "folder/march": MARCH})

    assert unpack(archive, LIMIT) == Success(MARCH)


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (gzip.compress(MARCH)[:-20], "The compressed file is truncated."),
        (b"\x1f\x8bnothing", BROKEN),
        (gzip.compress(MARCH) + b"and more", BROKEN),
        (gzip.compress(MARCH) + gzip.compress(MARCH)[:9], "The compressed file is truncated."),
        (gzip.compress(b"") * (MAX_MEMBERS + 1), BROKEN),
        (zipped(march=MARCH)[:-10], BROKEN),
        (
            zipped(march=MARCH, april=MARCH),
            "The archive must contain exactly one file, and contains 2.",
        ),
        (
            zipped(**{f"f{n}": b"" for n in range(MAX_MEMBERS + 1)}),
            "The archive must contain exactly one file, and contains many.",
        ),
        (zipped(march=MARCH)[:-6] + b"\xff\xff\xff\0\0\0", BROKEN),
        (zipped(märz=MARCH).replace(b"m\xc3\xa4", b"m\xff\xff"), BROKEN),
        (zipped(**{"folder/": b""}), "The archive must contain exactly one file, and contains 0."),
    ],
)
def test_refuses_what_it_cannot_unpack(packed: bytes, message: str) -> None:
    assert refused(unpack(packed, LIMIT)) == message


@pytest.mark.parametrize("way", [ZIP_BZIP2, ZIP_LZMA])
def test_refuses_compression_methods_without_a_memory_bound(way: int) -> None:
    buffer = BytesIO()
    with ZipFile(buffer, "w", way) as archive:
        archive.writestr("march", MARCH)

    message = "The archive's compression is not supported: use deflate."
    assert refused(unpack(buffer.getvalue(), LIMIT)) == message


def test_refuses_encrypted_files() -> None:
    archive = bytearray(zipped(march=MARCH))
    # The flag is in the entry and in the directory.
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        archive[archive.index(mark) + offset] |= 1

    assert refused(unpack(bytes(archive), LIMIT)) == "The archive is encrypted."


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped(march=content)])
def test_a_decompression_bomb_is_refused(pack: object) -> None:
    assert callable(pack)
    bomb = pack(b"\0" * 50_000_000)
    began = time.process_time()

    result = unpack(bomb, 10**9)

    assert isinstance(result, Failure)
    assert isinstance(result.error, StatementTooLarge)
    assert f"{len(bomb) * MAX_RATIO:,} bytes" in result.error.detail
    assert time.process_time() - began < CPU_SECONDS


def test_no_more_is_unpacked_than_is_read() -> None:
    result = unpack(gzip.compress(bytes(range(256)) * 40), 10_000)

    assert isinstance(result, Failure)
    assert isinstance(result.error, StatementTooLarge)


@given(st.binary(max_size=300))
def test_any_bytes_are_unpacked_or_refused(content: bytes) -> None:
    for candidate in (content, b"\x1f\x8b" + content, b"PK\x03\x04" + content):
        assert isinstance(unpack(candidate, LIMIT), Success | Failure)


@given(st.integers(0, 300), st.binary(min_size=1, max_size=8))
def test_a_damaged_archive_is_never_misread(place: int, noise: bytes) -> None:
    for whole in (gzip.compress(MARCH, mtime=0), zipped(march=MARCH)):
        damaged = whole[:place] + noise + whole[place + len(noise) :]

        result = unpack(damaged, LIMIT)

        assert isinstance(result, Failure) or result.value in (MARCH, damaged)
