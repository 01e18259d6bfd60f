"""Takes a year out of the trail: what nobody must keep any longer, and an archive proves."""

import json
from base64 import b64decode
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import Error, connection, transaction

from adapters.audit import verify_archive
from adapters.audit.chain import PublicKeys
from adapters.audit.claims import Claims
from adapters.audit.entries import time_of
from adapters.audit.findings import Report
from adapters.audit.mac import MacKeys
from adapters.audit.trail import DjangoAuditTrail
from adapters.persistence.plain import connect
from domain.audit.entities import AuditEntry
from domain.audit.events import AuditYearRetired
from domain.audit.origin import origin


class NotRetired(Exception):
    """The year stays, and the reason is told."""


def retire(
    year: int,
    archive: Path,
    trail: DjangoAuditTrail,
    keys: PublicKeys,
    mac_keys: MacKeys,
    *,
    at: datetime,
) -> int:
    """Detach a year whose entries are all in an export that holds; return how many there were."""
    exported, refused = _ids_of(year, archive, keys)
    with archive.open("rb") as file:
        digest = file_digest(file, "sha256").digest()
    _require_claims_to_hold(mac_keys)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
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


def _require_claims_to_hold(mac_keys: MacKeys) -> None:
    # The entry will say how transactions are numbered: not without knowing that it is so.
    report = Report()
    with connect() as plain, plain.transaction():
        Claims(plain, mac_keys, None).judge(report)
    if not report.is_clean:
        raise NotRetired(f"The trail does not hold: {report.findings[0].detail}.")


_COUNT = """
SELECT count(*) FROM audit_entry
WHERE id >= guard.uuid7_floor(make_timestamptz(%s, 1, 1, 0, 0, 0, 'UTC'))
AND id < guard.uuid7_floor(make_timestamptz(%s, 1, 1, 0, 0, 0, 'UTC'))
"""


def _ids_of(year: int, archive: Path, keys: PublicKeys) -> tuple[int, int]:
    """Prove the export; count a year's entries in it, and those that were refused."""
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
    ids = b64decode(json.loads(line).get("refused", ""))
    return sum(time_of(ids[place : place + 6]).year == year for place in range(0, len(ids), 16))


def _year_of(line: bytes) -> int:
    # The moment that the id carries: {"v" : 1, "id" : "…
    entry_id = line.split(b'"id" : "', 1)[1][:36].replace(b"-", b"")
    return time_of(bytes.fromhex(entry_id[:12].decode())).year


def _entry(
    year: int, entries: int, digest: bytes, numbering: tuple[int, int], at: datetime
) -> AuditEntry:
    came_from = origin.get()
    retired = AuditYearRetired(
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
