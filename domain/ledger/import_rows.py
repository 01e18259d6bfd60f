"""The rows of an import, each with its verdict, a page at a time."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from domain.ledger.verdicts import Verdict
from domain.shared.ids import TransactionId
from domain.shared.pages import OpaqueCursor

_LAYOUT = struct.Struct(">i16s")


@dataclass(frozen=True, slots=True)
class RowCursor(OpaqueCursor):
    """The place of a row: its line in the file, and its id as the tie-break."""

    line: int
    id: UUID

    def pack(self) -> bytes:
        return _LAYOUT.pack(self.line, self.id.bytes)

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        line, id_bytes = _LAYOUT.unpack(packed)
        return cls(line, UUID(bytes=id_bytes))


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row of a file: the line it begins on, its verdict, and which transaction it is."""

    line: int
    verdict: Verdict
    transaction_id: TransactionId


@dataclass(frozen=True, slots=True)
class ImportRowsPage:
    """Some rows, in the order of the file; no `next` means that these were the last."""

    items: Sequence[ImportRow]
    next: RowCursor | None
