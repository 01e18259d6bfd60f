"""Files that come packed: gzip (RFC 1952), and zip archives that hold one file."""

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.shared.result import Failure, Result, Success

#: How many times larger than it came a file may become: statements compress ten- or twentyfold.
MAX_RATIO = 100
#: Members of a gzip file: each costs a copy of those behind it. Entries of an archive.
MAX_MEMBERS = 100

_GZIP, _ZIP, _ENTRY = b"\x1f\x8b", b"PK\x03\x04", b"PK\x01\x02"
_ENCRYPTED = 1
# How an archive shows to be broken, however deep in it.
_BREAKS = (
    *(BadZipFile, zlib.error, struct.error, NotImplementedError),
    *(EOFError, OSError, ValueError, IndexError),
)
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


def is_packed(content: bytes) -> bool:
    return content.startswith((_GZIP, _ZIP))


def _limited(
    unpacked: Result[bytes, UnreadableStatement], most: int
) -> Result[bytes, UnreadableStatement | StatementTooLarge]:
    if isinstance(unpacked, Success) and len(unpacked.value) > most:
        told = f"The packed file holds more than {most:,} bytes, or {MAX_RATIO} times its own size."
        return Failure(StatementTooLarge(told))
    return unpacked


def _gunzip(content: bytes, most: int) -> Result[bytes, UnreadableStatement]:
    """Unpack every member of the file: several that stand behind each other are one."""
    unpacked, members = bytearray(), 0
    while content.startswith(_GZIP) and len(unpacked) < most and members < MAX_MEMBERS:
        stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            unpacked += stream.decompress(content, most - len(unpacked))
        except zlib.error:
            return Failure(UnreadableStatement(_BROKEN))
        if not stream.eof and len(unpacked) < most:
            return Failure(UnreadableStatement("The packed file is truncated."))
        # Tapes and discs fill up with noughts.
        content, members = stream.unused_data.lstrip(b"\0"), members + 1
    if content and len(unpacked) < most:
        return Failure(UnreadableStatement(_BROKEN))
    return Success(bytes(unpacked))


def _unzip(content: bytes, most: int) -> Result[bytes, UnreadableStatement]:
    if content.count(_ENTRY) > MAX_MEMBERS:
        return Failure(UnreadableStatement("The archive has to hold one file, and holds many."))
    try:
        with ZipFile(BytesIO(content)) as archive:
            files = [entry for entry in archive.infolist() if _is_file(entry)]
            if len(files) != 1:
                told = f"The archive has to hold one file, and holds {len(files)}."
                return Failure(UnreadableStatement(told))
            if files[0].flag_bits & _ENCRYPTED:
                return Failure(UnreadableStatement("The archive is encrypted."))
            if files[0].compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                told = "The archive is compressed in a way that is not read: deflate is."
                return Failure(UnreadableStatement(told))
            with archive.open(files[0]) as packed:
                return Success(packed.read(most))
    except _BREAKS:
        return Failure(UnreadableStatement(_BROKEN))


def _is_file(entry: ZipInfo) -> bool:
    """Leave out folders, and what macOS puts beside every file."""
    return not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
