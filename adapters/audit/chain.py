"""Whether checkpoints are whole: signed, in a row, and what the witness has seen."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from adapters.audit.checkpoints import Sealed
from adapters.audit.findings import Kind, Report
from adapters.audit.forks import Fork
from adapters.audit.witness import Testimony
from domain.audit import merkle
from domain.audit.checkpoint import BEGINNING

PublicKeys = Mapping[str, Ed25519PublicKey]


class Chain:
    """Follows checkpoints in their order, each of which names the one before."""

    def __init__(self, keys: PublicKeys, report: Report, before: Sealed | None) -> None:
        self._keys = keys
        self._report = report
        self.last = before

    def follow(self, sealed: Sealed) -> None:
        """Judge the next checkpoint."""
        self._judge_place(sealed)
        self._judge_signature(sealed)
        self._judge_content(sealed)
        self.last = sealed

    def _judge_place(self, sealed: Sealed) -> None:
        here, before = sealed.checkpoint, self.last and self.last.checkpoint
        expected = before.number + 1 if before else 1
        if here.number != expected:
            detail = f"checkpoint {expected} is missing: the next is {here.number}"
            self._report.find(Kind.CHECKPOINT_MISSING, detail, checkpoint=expected)
        previous = self.last.signed.hash if self.last else BEGINNING
        first = before.end_xid if before else 0
        total = (before.total if before else 0) + here.entries
        if (here.previous, here.first_xid, here.total) != (previous, first, total):
            detail = "it does not follow on the checkpoint before it"
            self._report.find(Kind.CHECKPOINT_CHAIN, detail, checkpoint=here.number)

    def _judge_signature(self, sealed: Sealed) -> None:
        here = sealed.checkpoint
        if here.key_id not in self._keys:
            detail = f"it is signed with a key that is not known: {here.key_id}"
            self._report.find(Kind.CHECKPOINT_SIGNATURE, detail, checkpoint=here.number)
            return
        try:
            self._keys[here.key_id].verify(sealed.signed.signature, here.text.encode())
        except InvalidSignature:
            detail = "its signature is not that of its text"
            self._report.find(Kind.CHECKPOINT_SIGNATURE, detail, checkpoint=here.number)

    def _judge_content(self, sealed: Sealed) -> None:
        here = sealed.checkpoint
        leaves = [leaf for _, leaf in sealed.entries()]
        if merkle.root(leaves) != here.root or sha256(sealed.ids).digest() != here.ids:
            detail = "its leaves or ids are not those that were signed"
            self._report.find(Kind.CHECKPOINT_CONTENT, detail, checkpoint=here.number)


def ask_witness(
    told: Iterable[Testimony], seen: Mapping[int, Testimony], forks: Iterable[Fork], report: Report
) -> None:
    """Judge the checkpoints that are there by what the witness was told, byte for byte.

    What a sealed entry names as lost with another history is not missed.
    """
    lost = {each.hash: each for each in told if seen.get(each.number) != each}
    for fork in forks:
        fork.take_from(lost)
    for testimony in lost.values():
        known = testimony.number in seen
        detail = (
            "the witness has seen another one of this number"
            if known
            else "the witness has seen it, and it is not there"
        )
        report.find(Kind.WITNESS, detail, checkpoint=testimony.number)
