"""Entries about the trail itself, each with what speaks against believing it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from adapters.audit import checkpoints
from adapters.audit.checkpoints import Connection, Sealed
from adapters.audit.leaf import LEAF
from adapters.audit.mac import MacKeys
from adapters.audit.witness import Testimony
from domain.audit import merkle

_TOLD = f"""
SELECT id, txid, action, resource_id, {LEAF} FROM public.audit_entry
WHERE action = ANY(%s) AND result = 'success' ORDER BY txid, id
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry says; `doubt` says why it is not proved, and then there are no details.

    `checkpoint` is the one that seals it: until there is one, a keyed hash alone can prove it.
    """

    row: str
    action: str
    resource_id: UUID | None
    moment: datetime
    details: Mapping[str, Any]
    checkpoint: Testimony | None
    doubt: str | None


def told_by(connection: Connection, keys: MacKeys | None, actions: Sequence[str]) -> Iterator[Told]:
    """Yield the entries of some actions in the order of transactions, within one of ours."""
    sealed: Sealed | None = None
    with connection.cursor("told", binary=True) as cursor:
        rows = cursor.execute(_TOLD.encode(), (list(actions),))
        for entry_id, txid, action, resource_id, data in rows:
            if sealed is None or txid >= sealed.checkpoint.end_xid:
                sealed = checkpoints.of_transaction(connection, txid)
            doubt = _doubt(entry_id.bytes, data, sealed, keys)
            yield Told(
                row=str(entry_id),
                action=action,
                resource_id=resource_id,
                moment=datetime.fromtimestamp(
                    int.from_bytes(entry_id.bytes[:6], "big") / 1000, UTC
                ),
                # What nobody proves may be anything, and is not even read.
                details={} if doubt else _details(data),
                checkpoint=Testimony.of(sealed.signed) if sealed else None,
                doubt=doubt,
            )


def _doubt(entry_id: bytes, data: bytes, sealed: Sealed | None, keys: MacKeys | None) -> str | None:
    """Return why an entry is not proved."""
    if keys is not None and not keys.recognise_leaf(data):
        return "the application did not write the entry that says so"
    if sealed is None:
        unproved = "the entry that says so is not sealed yet, and no key proves it"
        return unproved if keys is None else None
    if keys is None and sealed.checkpoint.refused is None:
        return "the entry that says so was sealed unseen, and no key proves it"
    if (entry_id, merkle.leaf(data)) not in sealed.entries():
        return "the entry that says so is not under the checkpoint of its transaction"
    return None


def _details(data: bytes) -> Mapping[str, Any]:
    try:
        details = json.loads(data)["details"]
    except (ValueError, RecursionError):
        # Sealed by a thief of the key, and nobody here has the keys of entries.
        return {}
    return details if isinstance(details, dict) else {}
