"""What the trail says of itself: years that were retired, and restores that it went on after.

Such an entry excuses what would else be found, so none is believed that is not proved.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from adapters.persistence.audit import checkpoints
from adapters.persistence.audit.checkpoints import Connection
from adapters.persistence.audit.findings import Kind, Report
from adapters.persistence.audit.leaf import LEAF
from adapters.persistence.audit.mac import MacKeys
from adapters.persistence.audit.witness import Testimony
from domain.audit import merkle

#: How long a year stays in the trail after its end.
KEPT_YEARS = 7
#: How far the guard's clock and the application's may be apart.
CLOCKS = timedelta(minutes=10)

_CLAIMS = f"""
SELECT id, txid, action, {LEAF} FROM public.audit_entry
WHERE action IN ('audit.retired', 'audit.adopted') AND result = 'success' ORDER BY txid, id
"""  # noqa: S608
_GUARDED = """
SELECT year, retired_at, export_digest FROM guard.audit_year WHERE retired_at IS NOT NULL
"""
_STATE = "SELECT xid_offset, restored_below FROM guard.state"

#: What the witness has seen; None where there is no witness.
Told = Collection[Testimony] | None
State = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Claim:
    """An entry about the trail; `doubt` says why it is not believed."""

    row: str
    action: str
    moment: datetime
    details: Mapping[str, Any]
    doubt: str | None


class Claims:
    """Believes an entry with a keyed hash that holds, under a checkpoint that the witness has."""

    def __init__(self, connection: Connection, keys: MacKeys | None, told: Told) -> None:
        self._connection = connection
        self._keys = keys
        self._told = told
        guarded = connection.execute(_GUARDED).fetchall()
        self._guarded = {year: (moment, digest) for year, moment, digest in guarded}
        self._claims = list(self._read())
        #: The entries of each year that was retired as it should be.
        self.retired = dict(self._retired())

    def judge(self, report: Report) -> None:
        """Tell which claims are not believed, and what the guard says that no entry says."""
        for claim in self._claims:
            doubt = claim.doubt or self._doubt_retirement(claim)
            if claim.action == "audit.retired" and doubt:
                report.find(Kind.RETIREMENT, doubt, row=claim.row)
        for year in self._guarded.keys() - self.retired.keys():
            detail = f"{year}: it is marked as retired, and no entry that holds says so"
            report.find(Kind.RETIREMENT, detail)
        self._judge_state(report)

    def _judge_state(self, report: Report) -> None:
        """Compare how transactions are numbered with what was last recorded of it."""
        row = self._connection.execute(_STATE).fetchone()
        expected = (0, 0)
        for claim in self._claims:
            # A retirement carries it on: the entry of an old restore may be in that year.
            if claim.doubt is None and "xid_offset" in claim.details:
                expected = (claim.details["xid_offset"], claim.details["restored_below"])
        if row != expected:
            detail = f"transactions are numbered by {row}, and the trail says by {expected}"
            report.find(Kind.NUMBERING, detail)

    def _read(self) -> Iterator[Claim]:
        for entry_id, txid, action, data in self._connection.execute(_CLAIMS.encode()).fetchall():
            moment = datetime.fromtimestamp(int.from_bytes(entry_id.bytes[:6], "big") / 1000, UTC)
            doubt = self._doubt(entry_id, txid, data)
            # What nobody proves may be anything, and is not even read.
            details = {} if doubt else json.loads(data)["details"]
            yield Claim(str(entry_id), action, moment, details, doubt)

    def _doubt(self, entry_id: UUID, txid: int, data: bytes) -> str | None:
        """Return why an entry is not proved."""
        if self._keys is not None and not self._keys.recognise_leaf(data):
            return "the application did not write the entry that says so"
        sealed = checkpoints.of_transaction(self._connection, txid)
        if sealed is None:
            # Until it is sealed, its keyed hash alone can prove it.
            unproved = "the entry that says so is not sealed yet, and no key proves it"
            return unproved if self._keys is None else None
        if self._keys is None and sealed.checkpoint.refused is None:
            return "the entry that says so was sealed unseen, and no key proves it"
        if (entry_id.bytes, merkle.leaf(data)) not in sealed.entries():
            return "the entry that says so is not under the checkpoint of its transaction"
        seen = Testimony.of(sealed.signed)
        if self._told is not None and seen not in self._told:
            return f"the witness has not seen checkpoint {seen.number}, which seals the entry"
        return None

    def _retired(self) -> Iterator[tuple[int, int]]:
        for claim in self._claims:
            if claim.action == "audit.retired" and not (
                claim.doubt or self._doubt_retirement(claim)
            ):
                yield claim.details["year"], claim.details["entries"]

    def _doubt_retirement(self, claim: Claim) -> str | None:
        """Return what speaks against a retirement whose entry is proved."""
        if claim.action != "audit.retired":
            return None
        year = claim.details["year"]
        guarded = self._guarded.get(year)
        if guarded is None:
            return f"{year}: an entry says that it was retired, and the guard does not"
        moment, digest = guarded
        checks: tuple[tuple[Callable[[], bool], str], ...] = (
            (lambda: digest.hex() == claim.details["export_sha256"], "another export"),
            (lambda: abs(moment - claim.moment) <= CLOCKS, "another moment"),
            (lambda: _may_retire(year, claim.moment), "a moment when it was too young"),
        )
        for holds, what in checks:
            if not holds():
                return f"{year}: guard and entry tell of {what}"
        return None


def _may_retire(year: int, moment: datetime) -> bool:
    return moment >= datetime(year + 1 + KEPT_YEARS, 1, 1, tzinfo=UTC)
