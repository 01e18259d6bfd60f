"""Takes a year out of the trail: what nobody must keep any longer, and an archive proves."""

from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import Error, connection, transaction

from adapters.persistence.audit import verify_archive
from adapters.persistence.audit.chain import PublicKeys
from adapters.persistence.audit.trail import DjangoAuditTrail
from domain.audit.entities import AuditEntry
from domain.audit.events import AuditYearRetired
from domain.audit.origin import origin


class NotRetired(Exception):
    """The year stays, and the reason is told."""


def retire(
    year: int, archive: Path, trail: DjangoAuditTrail, keys: PublicKeys, *, at: datetime
) -> int:
    """Detach a year whose entries are all in an export that holds; return how many there were."""
    exported = _entries_of(year, archive, keys)
    with archive.open("rb") as file:
        digest = file_digest(file, "sha256").digest()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_COUNT, [year, year + 1])
            (entries,) = cursor.fetchone()
            if entries != exported:
                raise NotRetired(f"{year} has {entries} entries, and the export {exported}.")
            cursor.execute("SELECT guard.retire_audit_year(%s, %s)", [year, digest])
            trail.write([_entry(year, entries, digest, at)])
    except Error as error:
        raise NotRetired(str(error).splitlines()[0]) from error
    return int(entries)


_COUNT = """
SELECT count(*) FROM audit_entry
WHERE id >= guard.uuid7_floor(make_timestamptz(%s, 1, 1, 0, 0, 0, 'UTC'))
AND id < guard.uuid7_floor(make_timestamptz(%s, 1, 1, 0, 0, 0, 'UTC'))
"""


def _entries_of(year: int, archive: Path, keys: PublicKeys) -> int:
    """Prove the export, and count its entries of a year."""
    raw = {key_id: key.public_bytes(Encoding.Raw, PublicFormat.Raw) for key_id, key in keys.items()}
    try:
        verify_archive.check_archive(archive, raw)
        with ZipFile(archive) as opened, opened.open("entries.jsonl") as lines:
            return sum(_year_of(line) == year for line in lines)
    except (verify_archive.Wrong, BadZipFile, OSError, KeyError, ValueError) as error:
        raise NotRetired(f"The export does not hold: {error}") from error


def _year_of(line: bytes) -> int:
    # The moment that the id carries: {"v" : 1, "id" : "…
    entry_id = line.split(b'"id" : "', 1)[1][:36].replace(b"-", b"")
    return datetime.fromtimestamp(int(entry_id[:12], 16) / 1000, UTC).year


def _entry(year: int, entries: int, digest: bytes, at: datetime) -> AuditEntry:
    came_from = origin.get()
    retired = AuditYearRetired(
        subject_id=None,
        actor=came_from.actor,
        occurred_at=at,
        year=year,
        entries=entries,
        export_sha256=digest.hex(),
    )
    return AuditEntry.of(retired, came_from)
