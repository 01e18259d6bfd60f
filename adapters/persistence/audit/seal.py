"""Closes ranges of transactions: each checkpoint seals all entries that they committed.

Ids are not in the order of commits: who reads "what is greater than the last one seen" misses
entries. But below the oldest transaction that still runs (`pg_snapshot_xmin`) everything has either
committed, and is seen, or never will: that set of entries is closed for ever.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.persistence.audit import checkpoints
from adapters.persistence.audit.checkpoints import Connection, Sealed
from adapters.persistence.audit.leaf import LEAF
from adapters.persistence.audit.witness import Testimony, Witness
from domain.audit import merkle
from domain.audit.checkpoint import BEGINNING, Checkpoint, SignedCheckpoint

logger = structlog.get_logger(__name__)

#: The most entries that one checkpoint seals, unless one transaction wrote more.
MOST_ENTRIES = 16384

_LEADS = "SELECT pg_try_advisory_xact_lock(hashtextextended('audit.seal', 0))"
_SNAPSHOT = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + xid_offset,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint + xid_offset, clock_timestamp()
FROM guard.state
"""
_CUT = """
SELECT txid FROM public.audit_entry WHERE txid >= %s AND txid < %s
ORDER BY txid OFFSET %s LIMIT 1
"""
_ENTRIES = f"""
SELECT uuid_send(id), {LEAF} FROM public.audit_entry
WHERE txid >= %s AND txid < %s ORDER BY id
"""  # noqa: S608
_NEWEST_FIRST = "SELECT number, signature FROM public.audit_checkpoint ORDER BY number DESC"


class RestoredElsewhere(Exception):
    """This server counts transactions from further back than the trail: entries would be missed."""


@dataclass(frozen=True, slots=True)
class SealingKey:
    """The key that signs checkpoints; the sealer's alone."""

    key_id: str
    key: Ed25519PrivateKey


class Sealer:
    """Any number may run: one of them seals at a time."""

    def __init__(
        self, connect: Callable[[], Connection], key: SealingKey, witness: Witness | None
    ) -> None:
        self._connection = connect()
        self._key = key
        self._witness = witness
        self._witnessed: int | None = None

    def close(self) -> None:
        self._connection.close()

    def seal_all(self) -> int:
        """Seal everything that can be; return how many entries that were."""
        total = 0
        while sealed := self.seal():
            total += sealed
        return total

    def seal(self) -> int:
        """Make one checkpoint if there is anything to seal; return how many entries it seals."""
        with self._connection.transaction():
            leads = self._connection.execute(_LEADS).fetchone()
            made = self._make() if leads == (True,) else None
            if made:
                checkpoints.add(self._connection, made)
        self._tell_witness()
        if made is None:
            return 0
        logger.info("audit.sealed", number=made.checkpoint.number, entries=made.checkpoint.entries)
        return made.checkpoint.entries

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
        end = self._cut(first, end)
        rows = self._connection.cursor(binary=True).execute(_ENTRIES.encode(), (first, end))
        entries = [(entry_id, merkle.leaf(data)) for entry_id, data in rows]
        if not entries:
            return None
        ids = b"".join(entry_id for entry_id, _ in entries)
        leaves = [leaf for _, leaf in entries]
        checkpoint = Checkpoint(
            number=before.checkpoint.number + 1 if before else 1,
            first_xid=first,
            end_xid=end,
            entries=len(entries),
            total=len(entries) + (before.checkpoint.total if before else 0),
            root=merkle.root(leaves),
            ids=sha256(ids).digest(),
            previous=before.signed.hash if before else BEGINNING,
            sealed_at=now,
            key_id=self._key.key_id,
        )
        signed = SignedCheckpoint.sign(checkpoint, self._key.key.sign)
        return Sealed(signed, ids, b"".join(leaves))

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
