"""Proof of one entry, which needs no database to be checked: the public key is enough."""

from base64 import b64encode
from typing import Any
from uuid import UUID

from adapters.audit import checkpoints
from adapters.audit.checkpoints import Connection, Sealed
from adapters.audit.leaf import LEAF
from adapters.audit.mac import MacKeys
from domain.audit import merkle

_ENTRY = f"SELECT txid, {LEAF} FROM public.audit_entry WHERE id = %s"  # noqa: S608


class NoEvidence(Exception):
    """There is no such entry, no checkpoint seals it yet, or nobody with a key wrote it."""


def evidence(connection: Connection, entry_id: UUID, keys: MacKeys | None) -> dict[str, Any]:
    """Return an entry, the checkpoint that seals it, and its way up the Merkle tree (RFC 6962).

    Without keys, what is believed is that the sealer has looked.
    """
    row = connection.cursor(binary=True).execute(_ENTRY.encode(), (entry_id,)).fetchone()
    if row is None:
        raise NoEvidence("There is no such entry in the trail.")
    txid, data = row
    sealed = checkpoints.of_transaction(connection, txid)
    if sealed is None:
        raise NoEvidence("No checkpoint seals this entry yet.")
    if entry_id.bytes in sealed.refused_ids():
        raise NoEvidence("The sealer refused this entry: the application did not write it.")
    entries = list(sealed.entries())
    try:
        index = [each for each, _ in entries].index(entry_id.bytes)
    except ValueError:
        raise NoEvidence("The checkpoint of its transaction does not know this entry.") from None
    if entries[index][1] != merkle.leaf(data):
        raise NoEvidence("This entry is not as it was sealed.")
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
    if keys is None and sealed.checkpoint.refused is None:
        raise NoEvidence("This entry was sealed unseen: AUDIT_MAC_KEYS are needed to judge it.")
    if keys is not None and not keys.recognise_leaf(data):
        raise NoEvidence("The application did not write this entry: its keyed hash is wrong.")
