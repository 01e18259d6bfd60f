"""What every reader of statements must do."""

from domain.ledger.hints import ReadingHints
from domain.ledger.ports import StatementReader
from domain.shared.result import Success

HINTS = ReadingHints(currency="EUR", account="Household")


class StatementReaderContract:
    def test_recognises_its_own_format(self, reader: StatementReader, content: bytes) -> None:
        assert reader.recognises(content[:4096])
        assert not reader.recognises(b"\x89PNG\r\n")
        assert not reader.recognises(b"")

    def test_reads_its_own_format(self, reader: StatementReader, content: bytes) -> None:
        result = reader.read(content, HINTS)

        assert isinstance(result, Success)
        assert result.value.format == reader.format
        assert sum(len(each.rows) for each in result.value.statements) > 0

    def test_reads_alike_each_time(self, reader: StatementReader, content: bytes) -> None:
        assert reader.read(content, HINTS) == reader.read(content, HINTS)
