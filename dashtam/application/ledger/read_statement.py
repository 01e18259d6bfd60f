"""Read a statement file, whatever its format."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.ports import StatementReader
from domain.ledger.values import StatementFile
from domain.shared.errors import Unavailable
from domain.shared.result import Failure, Result

HEAD_BYTES = 4096

Unpack = Callable[
    [bytes, int], Result[bytes, UnreadableStatement | StatementTooLarge | Unavailable]
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStatement:
    """Find the reader that recognises the content, and read. Work: call it off the event loop."""

    statement_readers: Sequence[StatementReader]
    unpack: Unpack
    max_file_bytes: int

    @property
    def formats(self) -> list[str]:
        return sorted(reader.format for reader in self.statement_readers)

    def __call__(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge | Unavailable]:
        unpacked = self.unpacked(content)
        if isinstance(unpacked, Failure):
            return unpacked
        for reader in self.statement_readers:
            if reader.recognises(unpacked.value[:HEAD_BYTES]):
                return reader.read(unpacked.value, hints)
        known = ", ".join(self.formats)
        return Failure(
            UnreadableStatement(f"This file format is not supported. Supported formats: {known}.")
        )

    def unpacked(
        self, content: bytes
    ) -> Result[bytes, UnreadableStatement | StatementTooLarge | Unavailable]:
        """Return the file itself, if there is one and it is not too large."""
        if not content.strip():
            return Failure(UnreadableStatement("The file is empty."))
        if len(content) > self.max_file_bytes:
            return Failure(StatementTooLarge(f"A file has at most {self.max_file_bytes:,} bytes."))
        return self.unpack(content, self.max_file_bytes)
