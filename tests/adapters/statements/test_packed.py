"""Archives are unpacked within limits."""

import gzip
import time
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.packed import MAX_FILES, MAX_MEMBERS, MAX_RATIO, unpack
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
    hidden = {"folder/": b"", "__MACOSX/march": b"x", ".DS_Store": b"x", "folder/._march": b"x"}
    archive = zipped(**hidden, **{"empty": b"", "folder/march": MARCH})

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
            zipped(**{f"f{n}": b"" for n in range(MAX_FILES + 1)}),
            "An archive has at most 400 files.",
        ),
        (zipped(march=MARCH)[:-6] + b"\xff\xff\xff\0\0\0", BROKEN),
        (zipped(märz=MARCH).replace(b"m\xc3\xa4", b"m\xff\xff"), BROKEN),
        (zipped(**{"folder/": b"", "empty.csv": b""}), "The archive contains no file."),
    ],
)
def test_refuses_what_it_cannot_unpack(packed: bytes, message: str) -> None:
    assert refused(unpack(packed, LIMIT)) == message


def test_an_archive_of_several_files_stays_one() -> None:
    archive = zipped(march=MARCH, april=MARCH)

    assert unpack(archive, LIMIT) == Success(archive)


def test_the_files_of_an_archive_together_are_limited() -> None:
    archive = zipped(march=MARCH, april=MARCH)

    for most, kind in ((2 * len(MARCH), Success), (2 * len(MARCH) - 1, Failure)):
        assert isinstance(unpack(archive, most), kind)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["[Content_Types].xml", "xl/workbook.xml"], "Excel workbook (.xlsx). Open it, export"),
        (["[Content_Types].xml", "word/document.xml"], "Word document (.docx). Download"),
        (["mimetype", "content.xml"], "OpenDocument spreadsheet (.ods), or similar. Open it"),
        (["Index/Document.iwa", "preview.jpg"], "Apple Numbers spreadsheet, or similar. Open it"),
    ],
)
def test_a_document_is_refused_by_what_it_is(names: list[str], words: str) -> None:
    archive = zipped(**dict.fromkeys(names, b"x"))

    message = refused(unpack(archive, LIMIT))

    assert words in message
    assert "CSV" in message


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
