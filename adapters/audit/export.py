"""Proofs for outsiders: archives of the trail, and the inclusion proof of one entry."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from adapters import private_files
from adapters.audit import checkpoints
from adapters.audit.checkpoints import LEAF, Connection, Sealed, leaves_between
from adapters.audit.mac import MacKeys
from adapters.audit.sealer import SealingKey
from domain.audit import merkle

_ENTRY = f"SELECT txid, {LEAF} FROM public.audit_entry WHERE id = %s"  # noqa: S608


class NoInclusionProof(Exception):
    """The entry does not exist, no checkpoint seals it, or the application did not write it."""


def inclusion_proof(connection: Connection, entry_id: UUID, keys: MacKeys | None) -> dict[str, Any]:
    """Return an entry, its checkpoint, and its path up the Merkle tree (RFC 6962).

    The proof needs no database to be verified: the public key is enough. Without `keys`, the
    sealer is trusted to have checked the keyed hash.
    """
    row = connection.cursor(binary=True).execute(_ENTRY.encode(), (entry_id,)).fetchone()
    if row is None:
        raise NoInclusionProof("There is no such entry in the trail.")
    txid, data = row
    sealed = checkpoints.of_transaction(connection, txid)
    if sealed is None:
        raise NoInclusionProof("No checkpoint seals this entry yet.")
    if entry_id.bytes in sealed.refused_ids():
        raise NoInclusionProof("The sealer refused this entry: the application did not write it.")
    entries = list(sealed.entries())
    try:
        index = [each for each, _ in entries].index(entry_id.bytes)
    except ValueError:
        raise NoInclusionProof(
            "The checkpoint of its transaction does not know this entry."
        ) from None
    if entries[index][1] != merkle.leaf(data):
        raise NoInclusionProof("This entry is not as it was sealed.")
    _require_author(data, sealed, keys)
    proof = merkle.inclusion_proof([leaf for _, leaf in entries], index)
    return {
        "form": "dashtam-audit-evidence/1",
        "entry": data.decode(),
        "index": index,
        "proof": [b64encode(sibling).decode() for sibling in proof],
        "checkpoint": sealed.checkpoint.text,
        "signature": b64encode(sealed.signed.signature).decode(),
    }


def _require_author(data: bytes, sealed: Sealed, keys: MacKeys | None) -> None:
    if keys is not None and not keys.recognise_leaf(data):
        raise NoInclusionProof("The application did not write this entry: its keyed hash is wrong.")


FORM = "dashtam-audit-export/1"
SCRIPT = Path(__file__).with_name("verify_archive.py")
README = """The audit trail of a Dashtam, or a part of it.

entries.jsonl      an entry a line, byte for byte as it was sealed
checkpoints.jsonl  the checkpoints that seal them, in order, each with its signature, and with the
                   ids of the entries that it refused to seal, which are not here
manifest.json      what belongs here, with the SHA-256 of each file; manifest.sig signs it
verify.py          python verify.py ARCHIVE KEY_ID:PUBLIC_KEY   (needs the package cryptography)

Take the public key from whoever runs that Dashtam, not from whoever gave you this archive.
"""

_YEAR = """
SELECT min(number), max(number) FROM public.audit_checkpoint WHERE end_xid > (
    SELECT min(txid) FROM public.audit_entry
    WHERE id >= guard.uuid7_floor(%(first)s) AND id < guard.uuid7_floor(%(last)s)
) AND first_xid <= (
    SELECT max(txid) FROM public.audit_entry
    WHERE id >= guard.uuid7_floor(%(first)s) AND id < guard.uuid7_floor(%(last)s)
)
"""


class NothingToExport(Exception):
    """No checkpoint seals an entry of the requested time."""


class ForgedEntry(Exception):
    """A checkpoint seals an entry with a wrong keyed hash, which must not be signed again."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The content of an archive; `sha256` is the digest of the archive itself."""

    first: int
    last: int
    entries: int
    sha256: bytes


class Exporter:
    """Exports complete checkpoints: all of them, or those with an entry of a year."""

    def __init__(
        self, connect: Callable[[], Connection], key: SealingKey, mac_keys: MacKeys
    ) -> None:
        self._connect = connect
        self._key = key
        self._mac_keys = mac_keys

    def export(self, path: Path, year: int | None = None) -> Exported:
        with self._connect() as connection, connection.transaction():
            first, last = _numbers(connection, year)
            try:
                with (
                    private_files.create(path) as file,
                    ZipFile(file, "w", ZIP_DEFLATED) as archive,
                ):
                    entries = self._write(archive, connection, first, last)
            except ForgedEntry:
                path.unlink()
                raise
        return Exported(first, last, entries, _digest(path))

    def _write(self, archive: ZipFile, connection: Connection, first: int, last: int) -> int:
        files: dict[str, str] = {}
        count = 0
        files["checkpoints.jsonl"] = _add(
            archive, "checkpoints.jsonl", map(_line, _sealed(connection, first, last))
        )

        def lines() -> Iterator[bytes]:
            nonlocal count
            for sealed in _sealed(connection, first, last):
                for data in _entries(connection, sealed, self._mac_keys):
                    count += 1
                    yield data + b"\n"

        files["entries.jsonl"] = _add(archive, "entries.jsonl", lines())
        files["verify.py"] = _add(archive, "verify.py", [SCRIPT.read_bytes()])
        files["README.txt"] = _add(archive, "README.txt", [README.encode()])
        self._sign(archive, {"first": first, "last": last, "entries": count, "files": files})
        return count

    def _sign(self, archive: ZipFile, content: dict[str, Any]) -> None:
        made = {"form": FORM, "made_at": datetime.now(UTC).isoformat(), "key": self._key.key_id}
        manifest = json.dumps({**made, **content}, indent=2).encode()
        archive.writestr("manifest.json", manifest)
        archive.writestr("manifest.sig", b64encode(self._key.key.sign(manifest)))


def _numbers(connection: Connection, year: int | None) -> tuple[int, int]:
    if year is None:
        statement, between = "SELECT min(number), max(number) FROM public.audit_checkpoint", {}
    else:
        first, last = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        statement, between = _YEAR, {"first": first, "last": last}
    row = connection.execute(statement.encode(), between).fetchone()
    if row is None or row[0] is None:
        raise NothingToExport("No checkpoint seals anything of that time.")
    return int(row[0]), int(row[1])


def _sealed(connection: Connection, first: int, last: int) -> Iterator[Sealed]:
    number = first - 1
    while number < last and (sealed := checkpoints.next_after(connection, number)):
        yield sealed
        number = sealed.checkpoint.number


def _entries(connection: Connection, sealed: Sealed, keys: MacKeys) -> Iterator[bytes]:
    here, refused = sealed.checkpoint, sealed.refused_ids()
    for entry_id, data in leaves_between(connection, here.first_xid, here.end_xid):
        if entry_id in refused:
            continue
        if not keys.recognise_leaf(data):
            row = UUID(bytes=entry_id)
            raise ForgedEntry(
                f"Checkpoint {here.number} has the entry {row}, whose keyed hash is wrong:"
                " the application did not write it as it is. Run manage.py audit verify."
            )
        yield data


def _line(sealed: Sealed) -> bytes:
    line = {
        "text": sealed.checkpoint.text,
        "signature": b64encode(sealed.signed.signature).decode(),
        "refused": b64encode(sealed.refused).decode(),
    }
    return json.dumps(line).encode() + b"\n"


def _add(archive: ZipFile, name: str, chunks: Any) -> str:
    """Write a file into the archive; return its SHA-256."""
    digest = sha256()
    with archive.open(name, "w", force_zip64=True) as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return file_digest(file, "sha256").digest()
