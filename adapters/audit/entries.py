"""Whether the entries are those that were sealed, and all of them those that were written."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from adapters.audit.checkpoints import Connection, Sealed
from adapters.audit.claims import Claims
from adapters.audit.findings import Kind, Report
from adapters.audit.leaf import LEAF, leaves_between
from adapters.audit.mac import MacKeys
from domain.audit import merkle

#: How far an entry's time may lie from the checkpoints around it: clocks, and long transactions.
SLACK = timedelta(hours=1)
#: How long an entry waits for a checkpoint at most, where there is a sealer.
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
    """Between which moments the ids of entries must lie."""

    earliest: datetime | None
    latest: datetime

    def hold(self, entry_id: bytes) -> bool:
        moment = time_of(entry_id)
        return (self.earliest is None or moment >= self.earliest) and moment <= self.latest


class Entries:
    """Compares the rows of the trail with what checkpoints say of them."""

    def __init__(
        self, connection: Connection, report: Report, keys: MacKeys | None, claims: Claims
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
                self._judge_refused(data, entry_id, here.number)
                continue
            leaf = merkle.leaf(data)
            found.append((entry_id, leaf))
            # One that was changed since is told apart below.
            if leaves.get(entry_id) == leaf:
                self._judge_mac(data, entry_id, here.number)
        self._judge_absent(refused, here.number)
        self._judge_times(found, _times(before, here.sealed_at), here.number)
        if dict(found) != leaves:
            self._tell_apart(dict(found), leaves, here.number)

    def compare_rest(self, last: Sealed | None) -> None:
        """Look at the entries that no checkpoint seals yet: what proves them is their hash."""
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
            if not times.hold(entry_id):
                self._report.find(Kind.ENTRY_TIME, "its time is not that of its writing", row=row)
            waiting += time_of(entry_id) < now - WAITS
            self._judge_mac(data, entry_id)
        # Who has no checkpoint has no sealer, as in development.
        if waiting and last:
            minutes = WAITS // timedelta(minutes=1)
            detail = f"{waiting} entries have been unsealed for more than {minutes} minutes"
            self._report.find(Kind.ENTRY_WAITING, detail)

    def judge_retirements(self) -> None:
        """Compare what retired years have taken along with what was recorded of it."""
        for year in self._gone.keys() | self._retired.keys():
            if self._gone[year] != self._retired.get(year, 0):
                recorded = self._retired.get(year, 0)
                detail = f"{year}: {recorded} entries were retired, {self._gone[year]} are gone"
                self._report.find(Kind.RETIREMENT, detail)

    def _rest(self, end: int) -> Iterator[tuple[bytes, bytes, int]]:
        with self._connection.cursor("rest", binary=True) as cursor:
            cursor.itersize = 1000
            yield from cursor.execute(_AFTER.encode(), (end,))

    def _tell_apart(
        self, found: dict[bytes, bytes], expected: dict[bytes, bytes], number: int
    ) -> None:
        for entry_id in found.keys() - expected.keys():
            detail = "it stands among entries that were sealed without it"
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
                self._find(Kind.ENTRY_GONE, "it was sealed, and is not there", entry_id, number)

    def _judge_times(self, found: list[tuple[bytes, bytes]], times: Times, number: int) -> None:
        # Ids sort by their times: the first and the last speak for those between.
        if found and not (times.hold(found[0][0]) and times.hold(found[-1][0])):
            for entry_id, _ in found:
                if not times.hold(entry_id):
                    detail = "its time is not that of its writing"
                    self._find(Kind.ENTRY_TIME, detail, entry_id, number)

    def _judge_mac(self, data: bytes, entry_id: bytes, number: int | None = None) -> None:
        if self._keys is None:
            self._report.unproven += 1
        elif not self._keys.recognise_leaf(data):
            self._find(Kind.ENTRY_MAC, "it was not written by the application", entry_id, number)

    def _judge_refused(self, data: bytes, entry_id: bytes, number: int) -> None:
        if self._keys is not None and self._keys.recognise_leaf(data):
            self._report.unsealed += 1
            return
        detail = "the sealer refused it: it was not written by the application"
        self._find(Kind.ENTRY_MAC, detail, entry_id, number)

    def _judge_absent(self, refused: set[bytes], number: int) -> None:
        for entry_id in refused:
            if time_of(entry_id).year not in self._retired:
                self._find(Kind.ENTRY_GONE, "it was refused, and is not there", entry_id, number)

    def _find(self, kind: Kind, detail: str, entry_id: bytes, number: int | None) -> None:
        self._report.find(kind, detail, row=str(UUID(bytes=entry_id)), checkpoint=number)


def time_of(entry_id: bytes) -> datetime:
    """Return the moment that a UUIDv7 carries (RFC 9562, section 5.7)."""
    return datetime.fromtimestamp(int.from_bytes(entry_id[:6], "big") / 1000, UTC)


def _times(before: Sealed | None, latest: datetime) -> Times:
    # An entry after a checkpoint was written by a transaction that ended after it.
    earliest = before.checkpoint.sealed_at - SLACK if before else None
    return Times(earliest, latest + SLACK)
