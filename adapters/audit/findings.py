"""What a verification has found, and how it tells."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What can be wrong with the trail."""

    POSTURE = "posture"
    CHECKPOINT_MISSING = "checkpoint-missing"
    CHECKPOINT_SIGNATURE = "checkpoint-signature"
    CHECKPOINT_CHAIN = "checkpoint-chain"
    CHECKPOINT_CONTENT = "checkpoint-content"
    WITNESS = "witness"
    ENTRY_CHANGED = "entry-changed"
    ENTRY_GONE = "entry-gone"
    ENTRY_ADDED = "entry-added"
    ENTRY_TIME = "entry-time"
    ENTRY_REWRITTEN = "entry-rewritten"
    ENTRY_NUMBER = "entry-number"
    ENTRY_MAC = "entry-mac"
    ENTRY_WAITING = "entry-waiting"
    RETIREMENT = "retirement"
    HISTORY = "history"
    NUMBERING = "numbering"
    UNAUDITED = "unaudited-write"
    UNAUDITED_DELETION = "unaudited-deletion"
    STAFF = "unknown-staff"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where: the id of the row, if it is a row's."""

    kind: Kind
    detail: str
    row: str | None = None
    checkpoint: int | None = None


@dataclass(slots=True)
class Report:
    """What was looked at, and what was found.

    For the keyed hash of `unproven` entries no key was given. `unsealed` entries were refused by a
    sealer that did not have the key which proves them. `notes` are no findings: each tells of a
    history that was begun, and of what was lost before it.
    """

    checkpoints: int = 0
    entries: int = 0
    unproven: int = 0
    unsealed: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.findings

    def find(
        self, kind: Kind, detail: str, *, row: str | None = None, checkpoint: int | None = None
    ) -> None:
        self.findings.append(Finding(kind, detail, row, checkpoint))
