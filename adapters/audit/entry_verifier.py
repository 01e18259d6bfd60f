"""Verifies that the entries are exactly those that were sealed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from adapters.audit.checkpoints import LEAF, Connection, Sealed, leaves_between, time_of
from adapters.audit.claims import ClaimVerifier
from adapters.audit.findings import Kind, Report
from adapters.audit.mac import MacKeys
from domain.audit import merkle

#: How far an entry's time may be outside its checkpoints: clocks differ, transactions take time.
SLACK = timedelta(hours=1)
#: How long an entry may wait for a checkpoint, when there is a sealer.
WAITS = timedelta(minutes=15)

_AFTER = f"""
SELECT uuid_send(id), {LEAF}, txid FROM public.audit_entry
WHERE txid >= %s OR txid < 0 ORDER BY txid
"""  # noqa: S608
_NEXT = """
SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint + xid_offset FROM guard.state
"""


@dataclass(frozen=True, slots=True)
class Times:
    """The period in which the ids of entries must lie."""

    earliest: datetime | None
    latest: datetime

    def contain(self, entry_id: bytes) -> bool:
        moment = time_of(entry_id)
        return (self.earliest is None or moment >= self.earliest) and moment <= self.latest


class EntryVerifier:
    """Compares the entries with the checkpoints that seal them."""

    def __init__(
        self, connection: Connection, report: Report, keys: MacKeys | None, claims: ClaimVerifier
    ) -> None:
        self._connection = connection
        self._report = report
        self._keys = keys
        self._retired = claims.retired
        self._gone: Counter[int] = Counter()

    def compare(self, before: Sealed | None, sealed: Sealed) -> None:
        """Compare the entries of a checkpoint with its leaves."""
        here = sealed.checkpoint
        rows = leaves_between(self._connection, here.first_xid, here.end_xid)
        leaves, refused = dict(sealed.entries()), set(sealed.refused_ids())
        found = []
        for entry_id, data in rows:
            self._report.entries += 1
            if entry_id in refused:
                refused.remove(entry_id)
                self._verify_refused(data, entry_id, here.number)
                continue
            leaf = merkle.leaf(data)
            found.append((entry_id, leaf))
            # An entry that was changed is reported below.
            if leaves.get(entry_id) == leaf:
                self._verify_mac(data, entry_id, here.number)
        self._verify_absent(refused, here.number)
        self._verify_times(found, _times(before, here.sealed_at), here.number)
        if dict(found) != leaves:
            self._compare_sets(dict(found), leaves, here.number)

    def compare_rest(self, last: Sealed | None) -> None:
        """Verify the entries that no checkpoint seals yet, by their keyed hash."""
        following = self._connection.execute(_NEXT).fetchone()
        assert following is not None
        end = last.checkpoint.end_xid if last else 0
        now, waiting = datetime.now(UTC), 0
        times = _times(last, now)
        for entry_id, data, txid in self._rest(end):
            self._report.entries += 1
            row = str(UUID(bytes=entry_id))
            if not end <= txid < following[0]:
                detail = f"no transaction of this server can have had its number, {txid}"
                self._report.find(Kind.ENTRY_NUMBER, detail, row=row)
            if not times.contain(entry_id):
                self._report.find(Kind.ENTRY_TIME, "its time is not that of its writing", row=row)
            waiting += time_of(entry_id) < now - WAITS
            self._verify_mac(data, entry_id)
        # Without any checkpoint there is no sealer, as in development.
        if waiting and last:
            minutes = WAITS // timedelta(minutes=1)
            detail = f"{waiting} entries have been unsealed for more than {minutes} minutes"
            self._report.find(Kind.ENTRY_WAITING, detail)

    def verify_retirements(self) -> None:
        """Compare the missing entries of retired years with the numbers that were recorded."""
        for year in self._gone.keys() | self._retired.keys():
            if self._gone[year] != self._retired.get(year, 0):
                recorded = self._retired.get(year, 0)
                detail = f"{year}: {recorded} entries were retired, {self._gone[year]} are gone"
                self._report.find(Kind.RETIREMENT, detail)

    def _rest(self, end: int) -> Iterator[tuple[bytes, bytes, int]]:
        with self._connection.cursor("rest", binary=True) as cursor:
            cursor.itersize = 1000
            yield from cursor.execute(_AFTER.encode(), (end,))

    def _compare_sets(
        self, found: dict[bytes, bytes], expected: dict[bytes, bytes], number: int
    ) -> None:
        for entry_id in found.keys() - expected.keys():
            detail = "it is among entries that were sealed without it"
            self._find(Kind.ENTRY_ADDED, detail, entry_id, number)
        for entry_id in expected.keys() & found.keys():
            if found[entry_id] != expected[entry_id]:
                detail = "it is not as it was sealed"
                self._find(Kind.ENTRY_CHANGED, detail, entry_id, number)
        for entry_id in expected.keys() - found.keys():
            year = time_of(entry_id).year
            if year in self._retired:
                self._gone[year] += 1
            else:
                self._find(Kind.ENTRY_GONE, "it was sealed, and is missing", entry_id, number)

    def _verify_times(self, found: list[tuple[bytes, bytes]], times: Times, number: int) -> None:
        # Ids sort by their times: if the first and the last are within, so are all between.
        if found and not (times.contain(found[0][0]) and times.contain(found[-1][0])):
            for entry_id, _ in found:
                if not times.contain(entry_id):
                    detail = "its time is not that of its writing"
                    self._find(Kind.ENTRY_TIME, detail, entry_id, number)

    def _verify_mac(self, data: bytes, entry_id: bytes, number: int | None = None) -> None:
        if self._keys is None:
            self._report.unproven += 1
        elif not self._keys.recognise_leaf(data):
            self._find(Kind.ENTRY_MAC, "it was not written by the application", entry_id, number)

    def _verify_refused(self, data: bytes, entry_id: bytes, number: int) -> None:
        if self._keys is not None and self._keys.recognise_leaf(data):
            self._report.unsealed += 1
            return
        detail = "the sealer refused it: it was not written by the application"
        self._find(Kind.ENTRY_MAC, detail, entry_id, number)

    def _verify_absent(self, refused: set[bytes], number: int) -> None:
        for entry_id in refused:
            if time_of(entry_id).year not in self._retired:
                self._find(Kind.ENTRY_GONE, "it was refused, and is missing", entry_id, number)

    def _find(self, kind: Kind, detail: str, entry_id: bytes, number: int | None) -> None:
        self._report.find(kind, detail, row=str(UUID(bytes=entry_id)), checkpoint=number)


def _times(before: Sealed | None, latest: datetime) -> Times:
    # The transaction of an entry ended after the previous checkpoint.
    earliest = before.checkpoint.sealed_at - SLACK if before else None
    return Times(earliest, latest + SLACK)
