"""Seals the audit trail: each checkpoint signs all entries of a range of transactions.

Ids are not in the order of commits, so a reader of "everything greater than the last id" misses
entries. Below the oldest running transaction (`pg_snapshot_xmin`), however, every transaction has
either committed, and is visible, or never will: that set of entries is final.

A checkpoint vouches for the entries under its root. An entry with a wrong keyed hash was not
written by the application: the checkpoint lists it as refused, and seals the others without it.
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
from adapters.audit.checkpoints import Connection, Sealed, leaves_between
from adapters.audit.mac import MacKeys
from adapters.audit.witness import Witness, WitnessRecord
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
    """This server's transaction counter is behind the trail: the sealer would miss entries."""


class NoGenuineEntry(Exception):
    """No waiting entry was written with a key of the sealer: it has old keys, or all are forged.

    Nothing is sealed until one entry is genuine: a sealer with old keys would refuse them all.
    """


@dataclass(frozen=True, slots=True)
class SealingKey:
    """The key that signs checkpoints; only the sealer has it."""

    key_id: str
    key: Ed25519PrivateKey


@dataclass(slots=True)
class _Batch:
    """The entries with a correct keyed hash and their leaves, and the ids of the others."""

    entries: list[tuple[bytes, bytes]] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)


class Sealer:
    """Several may run at once: when two make the same checkpoint, the first one wins.

    A unique index decides, not a lock that others could hold. `refused` counts the entries that
    were not sealed.
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
        """Seal all entries that can be sealed; return how many there were."""
        total = 0
        while sealed := self.seal():
            total += sealed
        self._log_waiting()
        return total

    def seal(self) -> int:
        """Make one checkpoint if entries are waiting; return how many entries it seals."""
        made = self._seal()
        self._publish()
        if made is None:
            return 0
        logger.info("audit.sealed", number=made.checkpoint.number, entries=made.checkpoint.entries)
        self._log_refused(made)
        return made.checkpoint.entries

    def _seal(self) -> Sealed | None:
        try:
            with self._connection.transaction():
                made = self._make()
                if made:
                    checkpoints.add(self._connection, made)
                return made
        except psycopg.errors.UniqueViolation:
            # Another sealer has made the checkpoint of this number.
            logger.info("audit.sealed_by_another")
            return None

    def _log_waiting(self) -> None:
        """Log entries that a transaction that does not end keeps from being sealed."""
        row = self._connection.execute(_WAITING).fetchone()
        if row and row[0]:
            logger.error("audit.waiting", entries=row[0])

    def _log_refused(self, made: Sealed) -> None:
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
                " Was it restored into another server? Run manage.py audit adopt."
            )
        if end <= first:
            return None
        end, batch = self._collect(first, end)
        if not batch.entries:
            return None
        ids = b"".join(entry_id for entry_id, _ in batch.entries)
        leaves = [leaf for _, leaf in batch.entries]
        refused = b"".join(batch.refused)
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

    def _collect(self, first: int, end: int) -> tuple[int, _Batch]:
        """Collect about `MOST_ENTRIES`, or more until one is genuine; return where they end."""
        batch = _Batch()
        start = first
        while not batch.entries and start < end:
            cut = self._cut(start, end)
            for entry_id, data in leaves_between(self._connection, start, cut):
                if self._mac_keys.recognise_leaf(data):
                    batch.entries.append((entry_id, merkle.leaf(data)))
                else:
                    batch.refused.append(entry_id)
            start = cut
        if batch.refused and not batch.entries:
            raise NoGenuineEntry(
                f"None of the {len(batch.refused)} entries that wait was written with a key of"
                " AUDIT_MAC_KEYS. Configure the sealer with every AUDIT_MAC_KEYS value the"
                " application uses. If it already has them, these entries are forged:"
                " run manage.py audit verify."
            )
        return start, batch

    def _cut(self, first: int, end: int) -> int:
        """Return the end of a transaction, after about `MOST_ENTRIES` entries."""
        row = self._connection.execute(_CUT, (first, end, MOST_ENTRIES)).fetchone()
        return int(row[0]) if row and row[0] > first else end

    def _publish(self) -> None:
        """Send committed checkpoints to the witness; if it is unreachable, send them next time."""
        if self._witness is None:
            return
        try:
            if self._witnessed is None:
                self._witnessed = self._last_witnessed(self._witness)
            while sealed := checkpoints.next_after(self._connection, self._witnessed):
                self._witness.add(WitnessRecord.of(sealed.signed))
                self._witnessed = sealed.checkpoint.number
        except OSError as error:
            logger.error("audit.witness_away", error=type(error).__name__)

    def _last_witnessed(self, witness: Witness) -> int:
        """Return the last of our checkpoints that the witness has; a fork may share its number."""
        witnessed = {(each.number, each.signature) for each in witness.records()}
        with self._connection.transaction(), self._connection.cursor("witnessed") as cursor:
            ours = cursor.execute(_NEWEST_FIRST) if witnessed else ()
            return next((row[0] for row in ours if row in witnessed), 0)

    def _snapshot(self) -> tuple[int, int, datetime]:
        """Return where the ended transactions end, the next transaction, and the time."""
        row = self._connection.execute(_SNAPSHOT).fetchone()
        assert row is not None
        return row[0], row[1], row[2]
