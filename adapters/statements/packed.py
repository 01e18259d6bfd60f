"""Files that come packed: gzip (RFC 1952), and zip archives that hold one file."""

import zlib
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.shared.result import Failure, Result, Success

#: How many times larger than it came a file may become: statements compress ten- or twentyfold.
MAX_RATIO = 100

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_ENCRYPTED = 1
_BROKEN = "The packed file is broken."


def unpack(
    content: bytes, max_bytes: int
) -> Result[bytes, UnreadableStatement | StatementTooLarge]:
    """Return what is packed, or the content as it is; no more than `max_bytes` are ever made."""
    most = min(max_bytes, len(content) * MAX_RATIO)
    if content.startswith(_GZIP):
        return _limited(_gunzip(content, most + 1), most)
    if content.startswith(_ZIP):
        return _limited(_unzip(content, most + 1), most)
    return Success(content)


def _limited(
    unpacked: Result[bytes, UnreadableStatement], most: int
) -> Result[bytes, UnreadableStatement | StatementTooLarge]:
    if isinstance(unpacked, Success) and len(unpacked.value) > most:
        told = f"The packed file holds more than {most:,} bytes, or {MAX_RATIO} times its own size."
        return Failure(StatementTooLarge(told))
    return unpacked


def _gunzip(content: bytes, most: int) -> Result[bytes, UnreadableStatement]:
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        unpacked = stream.decompress(content, most)
    except zlib.error:
        return Failure(UnreadableStatement(_BROKEN))
    if not stream.eof and len(unpacked) < most:
        return Failure(UnreadableStatement("The packed file is truncated."))
    return Success(unpacked)


def _unzip(content: bytes, most: int) -> Result[bytes, UnreadableStatement]:
    try:
        with ZipFile(BytesIO(content)) as archive:
            files = [entry for entry in archive.infolist() if _is_file(entry)]
            if len(files) != 1:
                told = f"The archive has to hold one file, and holds {len(files)}."
                return Failure(UnreadableStatement(told))
            if files[0].flag_bits & _ENCRYPTED:
                return Failure(UnreadableStatement("The archive is encrypted."))
            with archive.open(files[0]) as packed:
                return Success(packed.read(most))
    except (BadZipFile, zlib.error, NotImplementedError, EOFError, OSError):
        return Failure(UnreadableStatement(_BROKEN))


def _is_file(entry: ZipInfo) -> bool:
    """Leave out folders, and what macOS puts beside every file."""
    return not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
