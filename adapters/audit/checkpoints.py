"""Checkpoints and the entries that they seal, as they are stored in the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
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

    `refused` are the ids of the entries that it does not seal, 16 bytes each.
    """

    signed: SignedCheckpoint
    ids: bytes
    leaves: bytes
    refused: bytes

    @property
    def checkpoint(self) -> Checkpoint:
        return self.signed.checkpoint

    def entries(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the id and the leaf of each entry."""
        for place in range(self.checkpoint.entries):
            yield self.ids[place * 16 : place * 16 + 16], self.leaf(place)

    def refused_ids(self) -> frozenset[bytes]:
        """Return the ids of the entries whose keyed hash was wrong at the time of sealing."""
        places = range(0, len(self.refused), 16)
        return frozenset(self.refused[place : place + 16] for place in places)

    def leaf(self, place: int) -> bytes:
        return self.leaves[place * 32 : place * 32 + 32]


def last(connection: Connection) -> Sealed | None:
    """Return the newest checkpoint."""
    return _read(connection, f"{_SELECT} ORDER BY number DESC LIMIT 1")


def next_after(connection: Connection, number: int) -> Sealed | None:
    """Return the first checkpoint after a number."""
    return _read(connection, f"{_SELECT} WHERE number > %s ORDER BY number LIMIT 1", number)


def of_transaction(connection: Connection, txid: int) -> Sealed | None:
    """Return the checkpoint that seals a transaction."""
    return _read(connection, f"{_SELECT} WHERE first_xid <= %s AND end_xid > %s", txid, txid)


def add(connection: Connection, sealed: Sealed) -> None:
    made = sealed.checkpoint
    values = (
        *(made.number, made.first_xid, made.end_xid, made.entries, made.total),
        *(made.root, made.previous, made.sealed_at, made.key_id),
        *(sealed.signed.signature, sealed.ids, sealed.leaves, sealed.refused),
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
        refused=Refused.of(refused),
    )
    return Sealed(SignedCheckpoint(checkpoint, signature), ids, leaves, refused)


#: An entry as it is sealed: one line of JSON, whose hash is the leaf. The server has to produce the
#: same bytes forever: times are UTC, and nothing depends on settings of the session.
LEAF = """
convert_to(json_build_object(
    'v', 1,
    'id', id,
    'txid', txid,
    'action', action,
    'actor_kind', actor_kind,
    'actor_id', actor_id,
    'resource_type', resource_type,
    'resource_id', resource_id,
    'result', result,
    'occurred_at', to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
    'trace_id', trace_id,
    'ip_address', host(ip_address),
    'user_agent', user_agent,
    'details', details,
    'mac', encode(mac, 'hex')
)::text, 'UTF8')
"""

_BETWEEN = f"""
SELECT uuid_send(id), {LEAF} FROM public.audit_entry
WHERE txid >= %s AND txid < %s ORDER BY id
"""  # noqa: S608
#: How many entries are fetched at a time.
_FETCHED = 1000


def leaves_between(connection: Connection, first: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the id and the JSON of the entries of a range of transactions.

    The caller must have a transaction open.
    """
    with connection.cursor("leaves", binary=True) as cursor:
        cursor.itersize = _FETCHED
        yield from cursor.execute(_BETWEEN.encode(), (first, end))


def time_of(entry_id: bytes) -> datetime:
    """Return the time in a UUIDv7 (RFC 9562, section 5.7)."""
    return datetime.fromtimestamp(int.from_bytes(entry_id[:6], "big") / 1000, UTC)
