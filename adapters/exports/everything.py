"""Writes all data of a user as a ZIP of JSON, with the files that they imported."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from typing import IO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from domain.identity.personal_data import Part, PersonalData

VERSION = 1

README = """\
All your data in Dashtam, as of {at}. Format version {version}.

index.json      when this export was created, and how many rows or files it contains of each kind
audit.json      the audit trail about you: what you did, and what happened to your account
files/          the files that you imported, unchanged. Each is named by its SHA-256, which is the
                `digest` in ledger_import.json
*.json          one file for each other table: an array of objects, oldest first

Text is UTF-8. Amounts are exact and written as strings, times are ISO 8601 with their zone, and
binary values are hexadecimal. Credentials that Dashtam stores are left out: the hash of your
password, digests of tokens and recovery codes, and encrypted secrets.
"""


class EverythingWriter:
    """`PersonalDataWriter` of ZIP (APPNOTE 6.3.3), with ZIP64 where necessary."""

    media_type = "application/zip"
    suffix = ".zip"

    def write(self, data: PersonalData, into: IO[bytes], at: datetime) -> Mapping[str, int]:
        entry = partial(_entry, at)
        with ZipFile(into, "w") as archive:
            archive.writestr(entry("README.txt"), README.format(at=at.isoformat(), version=VERSION))
            counts = {
                part.name: _write_part(archive, entry(f"{part.name}.json"), part)
                for part in data.parts
            }
            counts["files"] = _write_files(archive, entry, data.files)
            index = {"format_version": VERSION, "exported_at": at.isoformat(), "counts": counts}
            archive.writestr(entry("index.json"), json.dumps(index, indent=2))
        return counts


def _entry(at: datetime, name: str) -> ZipInfo:
    entry = ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    # Unpacked files are readable by their owner only.
    entry.external_attr = 0o600 << 16
    return entry


def _write_part(archive: ZipFile, entry: ZipInfo, part: Part) -> int:
    count = 0
    # The size is not known in advance and may need ZIP64.
    with archive.open(entry, "w", force_zip64=True) as file:
        for row in part.rows:
            file.write(f"{',' if count else '['}\n{_ENCODER.encode(row)}".encode())
            count += 1
        file.write(b"\n]\n" if count else b"[]\n")
    return count


def _write_files(
    archive: ZipFile, entry: Callable[[str], ZipInfo], files: Iterable[tuple[bytes, bytes]]
) -> int:
    count = 0
    for digest, content in files:
        archive.writestr(entry(f"files/{digest.hex()}"), content)
        count += 1
    return count


def _plain(value: object) -> str:
    """Return a value that JSON cannot represent as text."""
    match value:
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case bytes() | memoryview():
            return value.hex()
        case UUID() | IPv4Address() | IPv6Address():
            return str(value)
        case _:
            raise TypeError(f"{type(value).__name__} cannot be written as JSON")


_ENCODER = json.JSONEncoder(default=_plain, ensure_ascii=False)
