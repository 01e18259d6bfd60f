"""What the trail says of itself: years that were retired, and restores that it went on after.

Such an entry excuses what would else be found, so none is believed that is not proved.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.audit.checkpoints import Connection
from adapters.audit.findings import Kind, Report
from adapters.audit.mac import MacKeys
from adapters.audit.proved import Told, told_by
from adapters.audit.witness import Testimony

#: How long a year stays in the trail after its end.
KEPT_YEARS = 7
#: How far the guard's clock and the application's may be apart.
CLOCKS = timedelta(minutes=10)

_GUARDED = """
SELECT year, retired_at, export_digest FROM guard.audit_year WHERE retired_at IS NOT NULL
"""
_STATE = "SELECT xid_offset, restored_below FROM guard.state"

_HISTORIES = "SELECT id::text FROM guard.history"
_SIGNATURES = "SELECT number, signature FROM public.audit_checkpoint"

#: What the witness has seen; None where there is no witness.
Seen = Collection[Testimony] | None
#: The numbers that each kind of claim consists of.
NUMBERING = ("xid_offset", "restored_below")
NUMBERS = {"audit.retired": ("year", "entries"), "audit.adopted": NUMBERING}


class Claims:
    """Believes an entry with a keyed hash that holds, under a checkpoint that the witness has.

    Made within a transaction.
    """

    def __init__(self, connection: Connection, keys: MacKeys | None, seen: Seen) -> None:
        self._connection = connection
        self._keys = keys
        self._seen = seen
        self._histories = {each for (each,) in connection.execute(_HISTORIES)}
        self._witnessed = self._last_witnessed()
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
            if claim.doubt is None and _has_numbers(claim.details, NUMBERING):
                expected = (claim.details["xid_offset"], claim.details["restored_below"])
        if row != expected:
            detail = f"transactions are numbered by {row}, and the trail says by {expected}"
            report.find(Kind.NUMBERING, detail)
            self._tell_doubts(report)

    def _tell_doubts(self, report: Report) -> None:
        for claim in self._claims:
            if claim.action == "audit.adopted" and claim.doubt:
                report.find(Kind.NUMBERING, claim.doubt, row=claim.row)

    def _read(self) -> Iterator[Told]:
        for claim in told_by(self._connection, self._keys, list(NUMBERS)):
            yield replace(claim, doubt=claim.doubt or self._doubt(claim))

    def _doubt(self, claim: Told) -> str | None:
        """Return what speaks against an entry that is proved."""
        if not _has_numbers(claim.details, NUMBERS[claim.action]):
            return "the entry that says so does not say what it should"
        if claim.action == "audit.adopted" and claim.details.get("history") not in self._histories:
            return "the entry that says so is of another copy of this database"
        seen = claim.checkpoint
        # Of what a witness that is behind was not told yet, the keyed hash speaks.
        if self._seen is None or seen is None or seen.number > self._witnessed:
            return None
        if seen not in self._seen:
            return f"the witness has not seen checkpoint {seen.number}, which seals the entry"
        return None

    def _last_witnessed(self) -> int:
        """Return the last checkpoint of ours that the witness has: others may have its number."""
        seen = {(each.number, each.signature) for each in self._seen or ()}
        ours = self._connection.execute(_SIGNATURES) if seen else ()
        return max((row[0] for row in ours if (row[0], bytes(row[1])) in seen), default=0)

    def _retired(self) -> Iterator[tuple[int, int]]:
        for claim in self._claims:
            if claim.action == "audit.retired" and not (
                claim.doubt or self._doubt_retirement(claim)
            ):
                yield claim.details["year"], claim.details["entries"]

    def _doubt_retirement(self, claim: Told) -> str | None:
        """Return what speaks against a retirement whose entry is proved."""
        if claim.action != "audit.retired":
            return None
        year = claim.details["year"]
        guarded = self._guarded.get(year)
        if guarded is None:
            return f"{year}: an entry says that it was retired, and the guard does not"
        moment, digest = guarded
        checks: tuple[tuple[Callable[[], bool], str], ...] = (
            (
                lambda: digest.hex() == claim.details.get("export_sha256"),
                "the guard and the entry disagree about the export",
            ),
            (
                lambda: abs(moment - claim.moment) <= CLOCKS,
                "the guard and the entry disagree about the time",
            ),
            (lambda: _may_retire(year, claim.moment), "it was too young to be retired"),
        )
        for holds, what in checks:
            if not holds():
                return f"{year}: {what}"
        return None


def _may_retire(year: int, moment: datetime) -> bool:
    return moment >= datetime(year + 1 + KEPT_YEARS, 1, 1, tzinfo=UTC)


def _has_numbers(details: Mapping[str, Any], names: Collection[str]) -> bool:
    return all(type(details.get(name)) is int for name in names)
