"""The years of the trail: each has a partition, made ahead and retired after seven years."""

import json
from base64 import b64decode
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import Error, transaction
from django.db import connection as django_connection

from adapters.audit import verify_archive
from adapters.audit.checkpoints import Connection, time_of
from adapters.audit.claims import ClaimVerifier
from adapters.audit.findings import Report
from adapters.audit.mac import MacKeys
from adapters.audit.trail import DjangoAuditTrail
from adapters.audit.verifier import PublicKeys
from adapters.persistence.plain import connect
from domain.audit.actions import YEAR_RETIRED
from domain.audit.entities import AuditEntry
from domain.audit.origin import origin

_COUNT = """
SELECT count(*) FROM audit_entry
WHERE id >= guard.uuid7_floor(make_timestamptz(%s, 1, 1, 0, 0, 0, 'UTC'))
AND id < guard.uuid7_floor(make_timestamptz(%s, 1, 1, 0, 0, 0, 'UTC'))
"""
_EXISTING = "SELECT year FROM guard.audit_year WHERE year = ANY(%s)"


class NotRetired(Exception):
    """The year was not retired, for the reason given."""


def retire(
    year: int,
    archive: Path,
    trail: DjangoAuditTrail,
    keys: PublicKeys,
    mac_keys: MacKeys,
    *,
    at: datetime,
) -> int:
    """Detach a year whose entries are all in a valid export; return how many there were."""
    exported, refused = _entries_of(year, archive, keys)
    with archive.open("rb") as file:
        digest = file_digest(file, "sha256").digest()
    _require_valid_claims(mac_keys)
    try:
        with transaction.atomic(), django_connection.cursor() as cursor:
            cursor.execute(_COUNT, [year, year + 1])
            (entries,) = cursor.fetchone()
            if entries != exported + refused:
                raise NotRetired(f"{year} has {entries} entries, and the export {exported}.")
            cursor.execute("SELECT guard.retire_audit_year(%s, %s)", [year, digest])
            cursor.execute("SELECT xid_offset, restored_below FROM guard.state")
            trail.write([_entry(year, exported, digest, cursor.fetchone(), at)])
    except Error as error:
        raise NotRetired(str(error).splitlines()[0]) from error
    return exported


def _require_valid_claims(mac_keys: MacKeys) -> None:
    # The entry will repeat the numbering of transactions, which has to be proved before.
    report = Report()
    with connect() as plain, plain.transaction():
        ClaimVerifier(plain, mac_keys, None).verify(report)
    if not report.is_clean:
        raise NotRetired(f"The trail does not hold: {report.findings[0].detail}.")


def _entries_of(year: int, archive: Path, keys: PublicKeys) -> tuple[int, int]:
    """Verify the export; count the entries of a year in it, and those that were refused."""
    raw = {key_id: key.public_bytes(Encoding.Raw, PublicFormat.Raw) for key_id, key in keys.items()}
    try:
        verify_archive.check_archive(archive, raw)
        with ZipFile(archive) as opened:
            with opened.open("entries.jsonl") as lines:
                exported = sum(_year_of(line) == year for line in lines)
            with opened.open("checkpoints.jsonl") as lines:
                refused = sum(_refused_of(line, year) for line in lines)
    except (verify_archive.Wrong, BadZipFile, OSError, KeyError, ValueError) as error:
        raise NotRetired(f"The export does not hold: {error}") from error
    return exported, refused


def _refused_of(line: bytes, year: int) -> int:
    ids = b64decode(json.loads(line)["refused"])
    return sum(time_of(ids[place : place + 6]).year == year for place in range(0, len(ids), 16))


def _year_of(line: bytes) -> int:
    # The time in the id: {"v" : 1, "id" : "…
    entry_id = line.split(b'"id" : "', 1)[1][:36].replace(b"-", b"")
    return time_of(bytes.fromhex(entry_id[:12].decode())).year


def _entry(
    year: int, entries: int, digest: bytes, numbering: tuple[int, int], at: datetime
) -> AuditEntry:
    came_from = origin.get()
    retired = YEAR_RETIRED.record(
        subject_id=None,
        actor=came_from.actor,
        occurred_at=at,
        year=year,
        entries=entries,
        export_sha256=digest.hex(),
        xid_offset=numbering[0],
        restored_below=numbering[1],
    )
    return AuditEntry.of(retired, came_from)


def add_years(connection: Connection) -> list[int]:
    """Make the partitions of this year and the next; return the years that were missing."""
    added = missing_years(connection)
    for year in added:
        connection.execute("SELECT guard.add_audit_year(%s)", (year,))
    return added


def missing_years(connection: Connection) -> list[int]:
    """Return this year and the next, if they have no partition: their entries would be refused."""
    this_year = datetime.now(UTC).year
    needed = [this_year, this_year + 1]
    existing = {year for (year,) in connection.execute(_EXISTING, (needed,))}
    return [year for year in needed if year not in existing]
