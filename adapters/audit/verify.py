"""Proves the trail, or says what is wrong with it: everything is derived anew, nothing believed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.audit import checkpoints
from adapters.audit.chain import Chain, PublicKeys, ask_witness
from adapters.audit.checkpoints import Connection, Sealed
from adapters.audit.claims import Claims
from adapters.audit.entries import Entries
from adapters.audit.findings import Report
from adapters.audit.histories import judge_histories
from adapters.audit.mac import MacKeys
from adapters.audit.posture import compare_posture
from adapters.audit.reconcile import (
    reconcile,
    reconcile_deletions,
    reconcile_entries,
    reconcile_staff,
)
from adapters.audit.witness import Testimony, Witness

#: Told after each checkpoint: how many there are, and which one it was.
Progress = Callable[[int, int], None]

_COUNT = "SELECT count(*), coalesce(max(number), 0) FROM public.audit_checkpoint"
_BEFORE = "SELECT max(number) FROM public.audit_checkpoint WHERE sealed_at < %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """Reads with a role that can do nothing else, in one snapshot.

    What it trusts are the public keys, the witness and `mac_keys`, which prove who wrote entries;
    without them entries are counted as unproven.
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
        progress: Progress = lambda total, number: None,
    ) -> Report:
        """Verify all, or the checkpoints made between two moments with what they seal."""
        report = Report()
        # Before the snapshot, which then has all that the witness was told of.
        told = list(self.witness.testimonies()) if self.witness else []
        with self.connect() as connection, connection.transaction():
            # Nothing that somebody made may stand in front of what the server itself has.
            connection.execute("SET LOCAL search_path = pg_catalog")
            compare_posture(connection, report)
            claims = Claims(connection, self.mac_keys, set(told) if self.witness else None)
            entries = Entries(connection, report, self.mac_keys, claims)
            last, seen = self._follow(connection, report, entries, since, until, progress)
            if since is None and until is None:
                claims.judge(report)
                forks = judge_histories(connection, report, self.mac_keys)
                ask_witness(told, seen, forks, report)
            if until is None:
                entries.compare_rest(last)
                reconcile(connection, self.tables, report)
                reconcile_deletions(connection, report)
                reconcile_staff(connection, report)
        return report

    def _follow(
        self,
        connection: Connection,
        report: Report,
        entries: Entries,
        since: datetime | None,
        until: datetime | None,
        progress: Progress,
    ) -> tuple[Sealed | None, dict[int, Testimony]]:
        """Judge one checkpoint after the other; return the last, and all as a witness has them."""
        start = _number_before(connection, since)
        before = checkpoints.next_after(connection, start - 1) if start else None
        chain = Chain(self.public_keys, report, before)
        seen: dict[int, Testimony] = {}
        total = _count(connection)
        while sealed := checkpoints.next_after(connection, _number(chain.last)):
            if until is not None and sealed.checkpoint.sealed_at > until:
                break
            entries.compare(chain.last, sealed)
            chain.follow(sealed)
            seen[sealed.checkpoint.number] = Testimony.of(sealed.signed)
            report.checkpoints += 1
            progress(total, sealed.checkpoint.number)
        if since is None and until is None:
            entries.judge_retirements()
        if until is None:
            reconcile_entries(connection, before.checkpoint.end_xid if before else 0, report)
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
