"""Checkpoints as they stand in the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias

import psycopg

from domain.audit.checkpoint import Checkpoint, Refused, SignedCheckpoint

Connection: TypeAlias = "psycopg.Connection[Any]"

_COLUMNS = (
    "number, first_xid, end_xid, entries, total, root, previous, sealed_at, key_id, signature"
)
_SELECT = f"SELECT {_COLUMNS}, ids, leaves, refused FROM public.audit_checkpoint"  # noqa: S608
_INSERT = f"""
INSERT INTO public.audit_checkpoint ({_COLUMNS}, ids, leaves, refused)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Sealed:
    """A checkpoint with the ids and the leaves of its entries: 16 and 32 bytes each.

    `refused` are the ids of the entries that it does not seal.
    """

    signed: SignedCheckpoint
    ids: bytes
    leaves: bytes
    refused: bytes

    @property
    def checkpoint(self) -> Checkpoint:
        return self.signed.checkpoint

    def entries(self) -> Iterator[tuple[bytes, bytes]]:
        """Return id and leaf of each entry."""
        for place in range(self.checkpoint.entries):
            yield self.ids[place * 16 : place * 16 + 16], self.leaf(place)

    def refused_ids(self) -> frozenset[bytes]:
        """Return the ids of the entries whose keyed hash was wrong when it was made."""
        places = range(0, len(self.refused), 16)
        return frozenset(self.refused[place : place + 16] for place in places)

    def leaf(self, place: int) -> bytes:
        return self.leaves[place * 32 : place * 32 + 32]


def last(connection: Connection) -> Sealed | None:
    """Return the newest checkpoint."""
    return _read(connection, f"{_SELECT} ORDER BY number DESC LIMIT 1")


def next_after(connection: Connection, number: int) -> Sealed | None:
    """Return the checkpoint with the smallest number greater than this."""
    return _read(connection, f"{_SELECT} WHERE number > %s ORDER BY number LIMIT 1", number)


def of_transaction(connection: Connection, txid: int) -> Sealed | None:
    """Return the checkpoint that seals a transaction."""
    return _read(connection, f"{_SELECT} WHERE first_xid <= %s AND end_xid > %s", txid, txid)


def add(connection: Connection, sealed: Sealed) -> None:
    made = sealed.checkpoint
    values = (
        *(made.number, made.first_xid, made.end_xid, made.entries, made.total),
        *(made.root, made.previous, made.sealed_at, made.key_id),
        *(sealed.signed.signature, sealed.ids, sealed.leaves),
        None if made.refused is None else sealed.refused,
    )
    connection.execute(_INSERT.encode(), values)


def _read(connection: Connection, statement: str, *parameters: int) -> Sealed | None:
    row = connection.cursor(binary=True).execute(statement.encode(), parameters).fetchone()
    if row is None:
        return None
    number, first, end, entries, total, root, previous, sealed_at, key_id, signature, *rest = row
    ids, leaves, refused = rest
    checkpoint = Checkpoint(
        number=number,
        first_xid=first,
        end_xid=end,
        entries=entries,
        total=total,
        root=root,
        ids=sha256(ids).digest(),
        previous=previous,
        sealed_at=sealed_at,
        key_id=key_id,
        refused=None if refused is None else Refused.of(refused),
    )
    return Sealed(SignedCheckpoint(checkpoint, signature), ids, leaves, refused or b"")
