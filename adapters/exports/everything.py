"""Writes everything of a person's as a ZIP of JSON, with the files they brought as they were."""

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
Everything that Dashtam keeps of you, as of {at}. Format version {version}.

index.json      when this was made, and how many rows or files there are of each sort
audit.json      what the audit trail tells of you: what you did, and what was done to your account
files/          the files that you brought, as they were, named by their SHA-256: the `digest` of
                ledger_import.json tells which is which
*.json          each other table, as an array of objects, oldest first

Text is UTF-8. Amounts are strings, exact to the last digit; times are ISO 8601 with their zone;
binary values are hexadecimal. What only proves who you are is left out, though it is kept: the hash
of the password, digests of tokens and recovery codes, and secrets, which are sealed.
"""


class EverythingWriter:
    """`PersonalDataWriter` of ZIP (APPNOTE 6.3.3), with ZIP64 where it has to be."""

    media_type = "application/zip"
    suffix = ".zip"

    def write(self, data: PersonalData, into: IO[bytes], at: datetime) -> Mapping[str, int]:
        entry = partial(_entry, at)
        with ZipFile(into, "w") as archive:
            told = {"at": at.isoformat(), "version": VERSION}
            archive.writestr(entry("README.txt"), README.format(**told))
            counts = {
                part.name: _write_part(archive, entry(f"{part.name}.json"), part)
                for part in data.parts
            }
            counts["files"] = _write_files(archive, entry, data.files)
            index = {"format_version": VERSION, "exported_at": told["at"], "counts": counts}
            archive.writestr(entry("index.json"), json.dumps(index, indent=2))
        return counts


def _entry(at: datetime, name: str) -> ZipInfo:
    entry = ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    # Whoever unpacks it alone reads it.
    entry.external_attr = 0o600 << 16
    return entry


def _write_part(archive: ZipFile, entry: ZipInfo, part: Part) -> int:
    count = 0
    # How much it will be is not known: it may be more than ZIP could say without ZIP64.
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
    """Return what JSON has no form for as text."""
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
            raise TypeError(f"{type(value).__name__} has no form in JSON")


_ENCODER = json.JSONEncoder(default=_plain, ensure_ascii=False)
