"""The rows of an import, each with its verdict, a page at a time."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from domain.ledger.verdicts import Verdict
from domain.shared.ids import TransactionId
from domain.shared.pages import InvalidCursor
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True)
class RowCursor:
    """The place after the last row of a page: its line in the file, and its id as the tie-break."""

    line: int
    id: UUID

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.id.hex}{self.line}".encode()).decode()

    @classmethod
    def parse(cls, text: str) -> Result[Self, InvalidCursor]:
        """Read a cursor that a client sends back."""
        try:
            plain = base64.b64decode(text, altchars=b"-_", validate=True).decode("ascii")
            cursor = cls(int(plain[32:]), UUID(hex=plain[:32]))
        except (binascii.Error, ValueError):
            cursor = None
        if cursor is None or str(cursor) != text or cursor.line.bit_length() > 31:
            return Failure(InvalidCursor("The cursor is not one that was given out here."))
        return Success(cursor)


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
