"""Verifies the trail with the keys and the witness alone; nothing in the database is trusted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from adapters.audit import checkpoints
from adapters.audit.checkpoints import Connection, Sealed
from adapters.audit.claims import ClaimVerifier
from adapters.audit.entry_verifier import EntryVerifier
from adapters.audit.findings import Kind, Report
from adapters.audit.histories import verify_histories
from adapters.audit.mac import MacKeys
from adapters.audit.reconciliation import (
    find_rewritten_entries,
    find_unaudited_deletions,
    find_unaudited_rows,
    find_unknown_staff,
)
from adapters.audit.schema_baseline import compare_schema
from adapters.audit.witness import Fork, Witness, WitnessRecord
from domain.audit import merkle
from domain.audit.checkpoint import BEGINNING

PublicKeys = Mapping[str, Ed25519PublicKey]


class CheckpointVerifier:
    """Verifies a chain of checkpoints, each of which names the previous one."""

    def __init__(self, keys: PublicKeys, report: Report, before: Sealed | None) -> None:
        self._keys = keys
        self._report = report
        self.last = before

    def verify(self, sealed: Sealed) -> None:
        """Verify the next checkpoint."""
        self._verify_link(sealed)
        self._verify_signature(sealed)
        self._verify_content(sealed)
        self.last = sealed

    def _verify_link(self, sealed: Sealed) -> None:
        here, before = sealed.checkpoint, self.last and self.last.checkpoint
        expected = before.number + 1 if before else 1
        if here.number != expected:
            detail = f"checkpoint {expected} is missing: the next is {here.number}"
            self._report.find(Kind.CHECKPOINT_MISSING, detail, checkpoint=expected)
        previous = self.last.signed.hash if self.last else BEGINNING
        first = before.end_xid if before else 0
        total = (before.total if before else 0) + here.entries
        if (here.previous, here.first_xid, here.total) != (previous, first, total):
            detail = "it does not continue the previous checkpoint"
            self._report.find(Kind.CHECKPOINT_CHAIN, detail, checkpoint=here.number)

    def _verify_signature(self, sealed: Sealed) -> None:
        here = sealed.checkpoint
        if here.key_id not in self._keys:
            detail = f"it is signed with an unknown key: {here.key_id}"
            self._report.find(Kind.CHECKPOINT_SIGNATURE, detail, checkpoint=here.number)
            return
        try:
            self._keys[here.key_id].verify(sealed.signed.signature, here.text.encode())
        except InvalidSignature:
            detail = "its signature does not match its text"
            self._report.find(Kind.CHECKPOINT_SIGNATURE, detail, checkpoint=here.number)

    def _verify_content(self, sealed: Sealed) -> None:
        here = sealed.checkpoint
        leaves = [leaf for _, leaf in sealed.entries()]
        if merkle.root(leaves) != here.root or sha256(sealed.ids).digest() != here.ids:
            detail = "its leaves or ids are not those that were signed"
            self._report.find(Kind.CHECKPOINT_CONTENT, detail, checkpoint=here.number)


def compare_with_witness(
    witnessed: Iterable[WitnessRecord],
    seen: Mapping[int, WitnessRecord],
    forks: Iterable[Fork],
    report: Report,
) -> None:
    """Compare the checkpoints of the database with those of the witness, byte for byte.

    A checkpoint that a sealed entry names as lost with another history is not a finding.
    """
    lost = {each.hash: each for each in witnessed if seen.get(each.number) != each}
    for fork in forks:
        fork.remove_from(lost)
    for record in lost.values():
        known = record.number in seen
        detail = (
            "the witness has seen another one of this number"
            if known
            else "the witness has seen it, and it is missing"
        )
        report.find(Kind.WITNESS, detail, checkpoint=record.number)


#: Called after each checkpoint, with the number of checkpoints and the number of this one.
Progress = Callable[[int, int], None]

_COUNT = "SELECT count(*), coalesce(max(number), 0) FROM public.audit_checkpoint"
_BEFORE = "SELECT max(number) FROM public.audit_checkpoint WHERE sealed_at < %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """Reads the trail in one snapshot, with a role that can do nothing else.

    It trusts only the public keys, the witness, and `mac_keys`, which prove who wrote an entry;
    without these, entries are counted as unproven.
    """

    connect: Callable[[], Connection]
    public_keys: PublicKeys
    mac_keys: MacKeys | None
    witness: Witness | None
    tables: Sequence[str]

    def verify(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        accept_missing_event_triggers: bool = False,
        progress: Progress = lambda total, number: None,
    ) -> Report:
        """Verify the whole trail, or the checkpoints of a period with their entries."""
        report = Report()
        # Before the snapshot, which then contains everything that the witness has.
        witnessed = list(self.witness.records()) if self.witness else []
        with self.connect() as connection, connection.transaction():
            # No object that somebody created may shadow one of pg_catalog.
            connection.execute("SET LOCAL search_path = pg_catalog")
            compare_schema(
                connection, report, accept_missing_event_triggers=accept_missing_event_triggers
            )
            claims = ClaimVerifier(
                connection, self.mac_keys, set(witnessed) if self.witness else None
            )
            entries = EntryVerifier(connection, report, self.mac_keys, claims)
            last, seen = self._follow(connection, report, entries, since, until, progress)
            if since is None and until is None:
                claims.verify(report)
                forks = verify_histories(connection, report, self.mac_keys)
                compare_with_witness(witnessed, seen, forks, report)
            if until is None:
                entries.compare_rest(last)
                find_unaudited_rows(connection, self.tables, report)
                find_unaudited_deletions(connection, report)
                find_unknown_staff(connection, report)
        return report

    def _follow(
        self,
        connection: Connection,
        report: Report,
        entries: EntryVerifier,
        since: datetime | None,
        until: datetime | None,
        progress: Progress,
    ) -> tuple[Sealed | None, dict[int, WitnessRecord]]:
        """Verify the checkpoints in order; return the last, and all of them as records."""
        start = _number_before(connection, since)
        before = checkpoints.next_after(connection, start - 1) if start else None
        chain = CheckpointVerifier(self.public_keys, report, before)
        seen: dict[int, WitnessRecord] = {}
        total = _count(connection)
        while sealed := checkpoints.next_after(connection, _number(chain.last)):
            if until is not None and sealed.checkpoint.sealed_at > until:
                break
            entries.compare(chain.last, sealed)
            chain.verify(sealed)
            seen[sealed.checkpoint.number] = WitnessRecord.of(sealed.signed)
            report.checkpoints += 1
            progress(total, sealed.checkpoint.number)
        if since is None and until is None:
            entries.verify_retirements()
        if until is None:
            find_rewritten_entries(connection, before.checkpoint.end_xid if before else 0, report)
        return chain.last, seen


def _number(sealed: Sealed | None) -> int:
    return sealed.checkpoint.number if sealed else 0


def _number_before(connection: Connection, since: datetime | None) -> int:
    if since is None:
        return 0
    row = connection.execute(_BEFORE, (since,)).fetchone()
    return int(row[0]) if row and row[0] else 0


def _count(connection: Connection) -> int:
    row = connection.execute(_COUNT).fetchone()
    return int(row[0]) if row else 0
