"""Claims: entries about the trail itself, such as a retired year or a restore.

A claim excuses what would otherwise be a finding, so each of them has to be proved.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from adapters.audit import checkpoints
from adapters.audit.checkpoints import LEAF, Connection, Sealed, time_of
from adapters.audit.findings import Kind, Report
from adapters.audit.mac import MacKeys
from adapters.audit.witness import WitnessRecord
from domain.audit import merkle

_CLAIMS = f"""
SELECT id, txid, action, resource_id, {LEAF} FROM public.audit_entry
WHERE action = ANY(%s) AND result = 'success' ORDER BY txid, id
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Claim:
    """The content of an entry; if it is not proved, `doubt` says why and `details` are empty.

    `checkpoint` seals the entry: before there is one, only the keyed hash can prove it.
    """

    row: str
    action: str
    resource_id: UUID | None
    moment: datetime
    details: Mapping[str, Any]
    checkpoint: WitnessRecord | None
    doubt: str | None


def read_claims(
    connection: Connection, keys: MacKeys | None, actions: Sequence[str]
) -> Iterator[Claim]:
    """Yield the entries of some actions, ordered by transaction, with any doubt about them.

    The caller must have a transaction open.
    """
    sealed: Sealed | None = None
    with connection.cursor("claims", binary=True) as cursor:
        rows = cursor.execute(_CLAIMS.encode(), (list(actions),))
        for entry_id, txid, action, resource_id, data in rows:
            if sealed is None or txid >= sealed.checkpoint.end_xid:
                sealed = checkpoints.of_transaction(connection, txid)
            doubt = _doubt(entry_id.bytes, data, sealed, keys)
            yield Claim(
                row=str(entry_id),
                action=action,
                resource_id=resource_id,
                moment=time_of(entry_id.bytes),
                # Unproved details may be anything: they are not even parsed.
                details={} if doubt else _details(data),
                checkpoint=WitnessRecord.of(sealed.signed) if sealed else None,
                doubt=doubt,
            )


def _doubt(entry_id: bytes, data: bytes, sealed: Sealed | None, keys: MacKeys | None) -> str | None:
    """Return why an entry is not proved."""
    if keys is not None and not keys.recognise_leaf(data):
        return "the application did not write the entry that says so"
    if sealed is None:
        unproved = "the entry that says so is not sealed yet, and no key proves it"
        return unproved if keys is None else None
    if (entry_id, merkle.leaf(data)) not in sealed.entries():
        return "the entry that says so is not under the checkpoint of its transaction"
    return None


def _details(data: bytes) -> Mapping[str, Any]:
    try:
        details = json.loads(data)["details"]
    except (ValueError, RecursionError):
        # Possible when the sealing key was stolen and the verifier has no keys of entries.
        return {}
    return details if isinstance(details, dict) else {}


#: How many years a year stays in the trail after its end.
KEPT_YEARS = 7
#: How far the clocks of the database and of the application may differ.
CLOCKS = timedelta(minutes=10)

_GUARDED = """
SELECT year, retired_at, export_digest FROM guard.audit_year WHERE retired_at IS NOT NULL
"""
_STATE = "SELECT xid_offset, restored_below FROM guard.state"

_HISTORIES = "SELECT id::text FROM guard.history"
_SIGNATURES = "SELECT number, signature FROM public.audit_checkpoint"

#: The records of the witness; None if there is no witness.
Witnessed = Collection[WitnessRecord] | None
#: The numbers in the details of each kind of claim.
NUMBERING = ("xid_offset", "restored_below")
NUMBERS = {"audit.retired": ("year", "entries"), "audit.adopted": NUMBERING}


class ClaimVerifier:
    """Accepts a claim whose keyed hash is correct, under a checkpoint that the witness has.

    The caller must have a transaction open.
    """

    def __init__(self, connection: Connection, keys: MacKeys | None, witnessed: Witnessed) -> None:
        self._connection = connection
        self._keys = keys
        self._witness_records = witnessed
        self._histories = {each for (each,) in connection.execute(_HISTORIES)}
        self._last_number = self._last_witnessed()
        guarded = connection.execute(_GUARDED).fetchall()
        self._guarded = {year: (moment, digest) for year, moment, digest in guarded}
        self._claims = list(self._read())
        #: The number of entries of each year that was retired properly.
        self.retired = dict(self._retired())

    def verify(self, report: Report) -> None:
        """Report the claims that are not accepted, and retirements that no entry claims."""
        for claim in self._claims:
            doubt = claim.doubt or self._doubt_retirement(claim)
            if claim.action == "audit.retired" and doubt:
                report.find(Kind.RETIREMENT, doubt, row=claim.row)
        for year in self._guarded.keys() - self.retired.keys():
            detail = f"{year}: it is marked as retired, and no entry that holds says so"
            report.find(Kind.RETIREMENT, detail)
        self._verify_numbering(report)

    def _verify_numbering(self, report: Report) -> None:
        """Compare the numbering of transactions with the last accepted claim about it."""
        row = self._connection.execute(_STATE).fetchone()
        expected = (0, 0)
        for claim in self._claims:
            # A retirement repeats the numbering: the restore may have been in the retired year.
            if claim.doubt is None and _has_numbers(claim.details, NUMBERING):
                expected = (claim.details["xid_offset"], claim.details["restored_below"])
        if row != expected:
            detail = f"transactions are numbered by {row}, and the trail says by {expected}"
            report.find(Kind.NUMBERING, detail)
            self._report_doubts(report)

    def _report_doubts(self, report: Report) -> None:
        for claim in self._claims:
            if claim.action == "audit.adopted" and claim.doubt:
                report.find(Kind.NUMBERING, claim.doubt, row=claim.row)

    def _read(self) -> Iterator[Claim]:
        for claim in read_claims(self._connection, self._keys, list(NUMBERS)):
            yield replace(claim, doubt=claim.doubt or self._doubt(claim))

    def _doubt(self, claim: Claim) -> str | None:
        """Return the reason not to accept a proved claim."""
        if not _has_numbers(claim.details, NUMBERS[claim.action]):
            return "the entry that says so does not say what it should"
        if claim.action == "audit.adopted" and claim.details.get("history") not in self._histories:
            return "the entry that says so is of another copy of this database"
        seen = claim.checkpoint
        # A witness that is behind does not have the checkpoint yet: the keyed hash is the proof.
        if self._witness_records is None or seen is None or seen.number > self._last_number:
            return None
        if seen not in self._witness_records:
            return f"the witness has not seen checkpoint {seen.number}, which seals the entry"
        return None

    def _last_witnessed(self) -> int:
        """Return the last of our checkpoints that the witness has; a fork may share its number."""
        seen = {(each.number, each.signature) for each in self._witness_records or ()}
        ours = self._connection.execute(_SIGNATURES) if seen else ()
        return max((row[0] for row in ours if (row[0], bytes(row[1])) in seen), default=0)

    def _retired(self) -> Iterator[tuple[int, int]]:
        for claim in self._claims:
            if claim.action == "audit.retired" and not (
                claim.doubt or self._doubt_retirement(claim)
            ):
                yield claim.details["year"], claim.details["entries"]

    def _doubt_retirement(self, claim: Claim) -> str | None:
        """Return the reason not to accept a proved retirement."""
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
