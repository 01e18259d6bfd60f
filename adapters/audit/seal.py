"""Closes ranges of transactions: each checkpoint seals all entries that they committed.

Ids are not in the order of commits: who reads "what is greater than the last one seen" misses
entries. But below the oldest transaction that still runs (`pg_snapshot_xmin`) everything has either
committed, and is seen, or never will: that set of entries is closed for ever.

A checkpoint speaks for the entries under its root. One whose keyed hash is wrong was not written by
the application: it is named as refused, and the others are sealed without it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import psycopg
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.audit import checkpoints
from adapters.audit.checkpoints import Connection, Sealed
from adapters.audit.leaf import leaves_between
from adapters.audit.mac import MacKeys
from adapters.audit.witness import Testimony, Witness
from domain.audit import merkle
from domain.audit.checkpoint import BEGINNING, Checkpoint, Refused, SignedCheckpoint

logger = structlog.get_logger(__name__)

#: The most entries that one checkpoint seals, unless one transaction wrote more.
MOST_ENTRIES = 16384
#: The most refused entries that a line of the log names.
NAMED = 20

_SNAPSHOT = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + xid_offset,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint + xid_offset, clock_timestamp()
FROM guard.state
"""
_CUT = """
SELECT txid FROM public.audit_entry WHERE txid >= %s AND txid < %s
ORDER BY txid OFFSET %s LIMIT 1
"""
_WAITING = """
SELECT count(*) FROM public.audit_entry
WHERE txid >= coalesce((SELECT max(end_xid) FROM public.audit_checkpoint), 0)
AND created_at < clock_timestamp() - interval '1 minute'
"""
_NEWEST_FIRST = "SELECT number, signature FROM public.audit_checkpoint ORDER BY number DESC"


class RestoredElsewhere(Exception):
    """This server counts transactions from further back than the trail: entries would be missed."""


class NothingHolds(Exception):
    """No entry that waits was written with a key of the sealer: old keys, or forged entries alone.

    Nothing is sealed until one holds, or a sealer with old keys would refuse all that is genuine.
    """


@dataclass(frozen=True, slots=True)
class SealingKey:
    """The key that signs checkpoints; the sealer's alone."""

    key_id: str
    key: Ed25519PrivateKey


@dataclass(slots=True)
class _Judged:
    """Entries whose keyed hash holds, with their leaves, and the ids of the others."""

    entries: list[tuple[bytes, bytes]] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)


class Sealer:
    """Any number may run: of those that make the same checkpoint, the first one has made it.

    No lock decides that which others could take. `refused` counts what was not sealed.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        key: SealingKey,
        witness: Witness | None,
        mac_keys: MacKeys,
    ) -> None:
        self._connection = connect()
        self._key = key
        self._witness = witness
        self._mac_keys = mac_keys
        self._witnessed: int | None = None
        self.refused = 0

    def close(self) -> None:
        self._connection.close()

    def seal_all(self) -> int:
        """Seal everything that can be; return how many entries that were."""
        total = 0
        while sealed := self.seal():
            total += sealed
        self._tell_waiting()
        return total

    def seal(self) -> int:
        """Make one checkpoint if there is anything to seal; return how many entries it seals."""
        made = self._seal()
        self._tell_witness()
        if made is None:
            return 0
        logger.info("audit.sealed", number=made.checkpoint.number, entries=made.checkpoint.entries)
        self._tell_refused(made)
        return made.checkpoint.entries

    def _seal(self) -> Sealed | None:
        try:
            with self._connection.transaction():
                made = self._make()
                if made:
                    checkpoints.add(self._connection, made)
                return made
        except psycopg.errors.UniqueViolation:
            # Another sealer was first with this number, and goes on.
            logger.info("audit.sealed_by_another")
            return None

    def _tell_waiting(self) -> None:
        """Tell of what should long be sealed: a transaction that does not end holds it up."""
        row = self._connection.execute(_WAITING).fetchone()
        if row and row[0]:
            logger.error("audit.waiting", entries=row[0])

    def _tell_refused(self, made: Sealed) -> None:
        ids = sorted(str(UUID(bytes=entry_id)) for entry_id in made.refused_ids())
        if ids:
            self.refused += len(ids)
            number = made.checkpoint.number
            logger.error("audit.refused", number=number, entries=len(ids), rows=ids[:NAMED])

    def _make(self) -> Sealed | None:
        before = checkpoints.last(self._connection)
        first = before.checkpoint.end_xid if before else 0
        end, following, now = self._snapshot()
        if following < first:
            raise RestoredElsewhere(
                f"The next transaction here is {following}, and the trail is sealed up to {first}."
                " Was it restored into another server? Run manage.py adopt_restored_audit."
            )
        if end <= first:
            return None
        end, judged = self._judge(first, end)
        if not judged.entries:
            return None
        ids = b"".join(entry_id for entry_id, _ in judged.entries)
        leaves = [leaf for _, leaf in judged.entries]
        refused = b"".join(judged.refused)
        checkpoint = Checkpoint(
            number=before.checkpoint.number + 1 if before else 1,
            first_xid=first,
            end_xid=end,
            entries=len(leaves),
            total=len(leaves) + (before.checkpoint.total if before else 0),
            root=merkle.root(leaves),
            ids=sha256(ids).digest(),
            previous=before.signed.hash if before else BEGINNING,
            sealed_at=now,
            key_id=self._key.key_id,
            refused=Refused.of(refused),
        )
        signed = SignedCheckpoint.sign(checkpoint, self._key.key.sign)
        return Sealed(signed, ids, b"".join(leaves), refused)

    def _judge(self, first: int, end: int) -> tuple[int, _Judged]:
        """Judge about as many entries as are wanted, and more until one holds.

        Return what was found, and where it ends.
        """
        judged = _Judged()
        start = first
        while not judged.entries and start < end:
            cut = self._cut(start, end)
            for entry_id, data in leaves_between(self._connection, start, cut):
                if self._mac_keys.recognise_leaf(data):
                    judged.entries.append((entry_id, merkle.leaf(data)))
                else:
                    judged.refused.append(entry_id)
            start = cut
        if judged.refused and not judged.entries:
            raise NothingHolds(
                f"None of the {len(judged.refused)} entries that wait was written with a key of"
                " AUDIT_MAC_KEYS. Configure the sealer with every AUDIT_MAC_KEYS value the"
                " application uses. If it already has them, these entries are forged:"
                " run manage.py verify_audit."
            )
        return start, judged

    def _cut(self, first: int, end: int) -> int:
        """End the range where a transaction does, after about as many entries as are wanted."""
        row = self._connection.execute(_CUT, (first, end, MOST_ENTRIES)).fetchone()
        return int(row[0]) if row and row[0] > first else end

    def _tell_witness(self) -> None:
        """Tell what is committed: a witness that is away is told later, and nothing is skipped."""
        if self._witness is None:
            return
        try:
            if self._witnessed is None:
                self._witnessed = self._last_witnessed(self._witness)
            while sealed := checkpoints.next_after(self._connection, self._witnessed):
                self._witness.add(Testimony.of(sealed.signed))
                self._witnessed = sealed.checkpoint.number
        except OSError as error:
            logger.error("audit.witness_away", error=type(error).__name__)

    def _last_witnessed(self, witness: Witness) -> int:
        """Return the last checkpoint of ours that the witness has: others may have its number."""
        told = {(each.number, each.signature) for each in witness.testimonies()}
        with self._connection.transaction(), self._connection.cursor("witnessed") as cursor:
            ours = cursor.execute(_NEWEST_FIRST) if told else ()
            return next((row[0] for row in ours if row in told), 0)

    def _snapshot(self) -> tuple[int, int, datetime]:
        """Return up to where transactions have ended, which comes next, and the time."""
        row = self._connection.execute(_SNAPSHOT).fetchone()
        assert row is not None
        return row[0], row[1], row[2]
