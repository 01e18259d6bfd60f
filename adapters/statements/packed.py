"""Compressed files: gzip (RFC 1952), and ZIP archives."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.other_files import refusal_of_archive
from domain.shared.result import Failure, Result, Success

#: The largest compression ratio that is accepted: statements compress ten- or twentyfold.
MAX_RATIO = 100
#: Members of a gzip file, each of which costs a copy of the rest.
MAX_MEMBERS = 100
#: Entries of a ZIP archive: enough for the daily statements of a year.
MAX_FILES = 400

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
    """Return the uncompressed content; never allocate more than `max_bytes` for it.

    An archive of several files is returned as it is: they are read together, as an archive.
    """
    most = min(max_bytes, len(content) * MAX_RATIO)
    if content.startswith(_GZIP):
        unpacked = _gunzip(content, most + 1)
        is_large = isinstance(unpacked, Success) and len(unpacked.value) > most
        return too_large(most) if is_large else unpacked
    if content.startswith(_ZIP):
        return _unzip(content, most)
    return Success(content)


def is_packed(content: bytes) -> bool:
    return content.startswith((_GZIP, _ZIP))


def is_zip(content: bytes) -> bool:
    return content.startswith(_ZIP)


def too_large(most: int) -> Failure[StatementTooLarge]:
    detail = (
        f"The compressed file unpacks to more than {most:,} bytes, or {MAX_RATIO} times its own"
        " size."
    )
    return Failure(StatementTooLarge(detail))


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


def _unzip(content: bytes, most: int) -> Result[bytes, UnreadableStatement | StatementTooLarge]:
    """Return the only file of an archive, or the archive if it has several."""
    opened = Archive.open(content, most)
    if isinstance(opened, Failure):
        return opened
    files = opened.value.files
    return opened.value.read(files[0]) if len(files) == 1 else Success(content)


@dataclass(frozen=True, slots=True)
class Archive:
    """The files of a ZIP archive that may be statements, in the order of their names."""

    files: Sequence[ZipInfo]
    _opened: ZipFile

    @classmethod
    def open(
        cls, content: bytes, most: int
    ) -> Result[Self, UnreadableStatement | StatementTooLarge]:
        """Open an archive whose files have at most so many bytes together."""
        if content.count(_ENTRY) > MAX_FILES:
            return Failure(UnreadableStatement(f"An archive has at most {MAX_FILES} files."))
        try:
            opened = ZipFile(BytesIO(content))
            files = sorted(filter(_is_file, opened.infolist()), key=lambda file: file.filename)
        except _CORRUPT:
            return Failure(UnreadableStatement(_BROKEN))
        refused = refusal_of_archive(opened.namelist()) or _refusal(files)
        if refused:
            return Failure(UnreadableStatement(refused))
        # No file yields more than it states.
        if sum(file.file_size for file in files) > most:
            return too_large(most)
        return Success(cls(files, opened))

    def read(self, file: ZipInfo) -> Result[bytes, UnreadableStatement]:
        try:
            return Success(self._opened.read(file))
        except _CORRUPT:
            return Failure(UnreadableStatement(_BROKEN))


def _refusal(files: Sequence[ZipInfo]) -> str:
    """Return why none of the files of an archive can be read, or nothing."""
    if not files:
        return "The archive contains no file."
    if any(file.flag_bits & _ENCRYPTED for file in files):
        return "The archive is encrypted."
    if any(file.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for file in files):
        return "The archive's compression is not supported: use deflate."
    return ""


def _is_file(entry: ZipInfo) -> bool:
    """Return whether the entry is neither a folder, nor empty, nor a file that systems hide."""
    hidden = entry.filename.startswith("__MACOSX/") or "/." in f"/{entry.filename}"
    return bool(entry.file_size) and not entry.is_dir() and not hidden
