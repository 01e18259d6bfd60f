"""Compressed files: gzip (RFC 1952), and zip archives that contain a single file."""

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.shared.result import Failure, Result, Success

#: The largest compression ratio that is accepted: statements compress ten- or twentyfold.
MAX_RATIO = 100
#: Members of a gzip file, each of which costs a copy of the rest; entries of a zip archive.
MAX_MEMBERS = 100

_GZIP, _ZIP, _ENTRY = b"\x1f\x8b", b"PK\x03\x04", b"PK\x01\x02"
_ENCRYPTED = 1
# What `zipfile` raises for corrupt archives.
_CORRUPT = (
    *(BadZipFile, zlib.error, struct.error, NotImplementedError),
    *(EOFError, OSError, ValueError, IndexError),
)
_BROKEN = "The compressed file is corrupt."


def unpack(
    content: bytes, max_bytes: int
) -> Result[bytes, UnreadableStatement | StatementTooLarge]:
    """Return the uncompressed content; never allocate more than `max_bytes` for it."""
    most = min(max_bytes, len(content) * MAX_RATIO)
    if content.startswith(_GZIP):
        return _limited(_gunzip(content, most + 1), most)
    if content.startswith(_ZIP):
        return _limited(_unzip(content, most + 1), most)
    return Success(content)


def is_packed(content: bytes) -> bool:
    return content.startswith((_GZIP, _ZIP))


def _limited(
    unpacked: Result[bytes, UnreadableStatement], most: int
) -> Result[bytes, UnreadableStatement | StatementTooLarge]:
    if isinstance(unpacked, Success) and len(unpacked.value) > most:
        detail = (
            f"The compressed file unpacks to more than {most:,} bytes, or {MAX_RATIO} times its"
            " own size."
        )
        return Failure(StatementTooLarge(detail))
    return unpacked


def _gunzip(content: bytes, most: int) -> Result[bytes, UnreadableStatement]:
    """Decompress every member of the file and concatenate them."""
    unpacked, members = bytearray(), 0
    while content.startswith(_GZIP) and len(unpacked) < most and members < MAX_MEMBERS:
        stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            unpacked += stream.decompress(content, most - len(unpacked))
        except zlib.error:
            return Failure(UnreadableStatement(_BROKEN))
        if not stream.eof and len(unpacked) < most:
            return Failure(UnreadableStatement("The compressed file is truncated."))
        # Some media pad files with zero bytes.
        content, members = stream.unused_data.lstrip(b"\0"), members + 1
    if content and len(unpacked) < most:
        return Failure(UnreadableStatement(_BROKEN))
    return Success(bytes(unpacked))


def _unzip(content: bytes, most: int) -> Result[bytes, UnreadableStatement]:
    if content.count(_ENTRY) > MAX_MEMBERS:
        detail = "The archive must contain exactly one file, and contains many."
        return Failure(UnreadableStatement(detail))
    try:
        with ZipFile(BytesIO(content)) as archive:
            files = [entry for entry in archive.infolist() if _is_file(entry)]
            if len(files) != 1:
                detail = f"The archive must contain exactly one file, and contains {len(files)}."
                return Failure(UnreadableStatement(detail))
            if files[0].flag_bits & _ENCRYPTED:
                return Failure(UnreadableStatement("The archive is encrypted."))
            if files[0].compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                detail = "The archive's compression is not supported: use deflate."
                return Failure(UnreadableStatement(detail))
            with archive.open(files[0]) as packed:
                return Success(packed.read(most))
    except _CORRUPT:
        return Failure(UnreadableStatement(_BROKEN))


def _is_file(entry: ZipInfo) -> bool:
    """Return whether the entry is neither a folder nor metadata of macOS."""
    return not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
