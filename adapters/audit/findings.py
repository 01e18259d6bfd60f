"""The findings of a verification, and its report."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What can be wrong with the trail. The values are output of `audit verify --json`."""

    SCHEMA = "posture"
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
    """One thing that is wrong, with the id of the row if a row is concerned."""

    kind: Kind
    detail: str
    row: str | None = None
    checkpoint: int | None = None


@dataclass(slots=True)
class Report:
    """What was verified, and what was found.

    `unproven` entries were not checked, because no keys were given. `unsealed` entries are genuine,
    but a sealer without their key refused them. `notes` are not findings: each names a history and
    the checkpoints that were lost before it, or what a server without a superuser's guards lacks.
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
