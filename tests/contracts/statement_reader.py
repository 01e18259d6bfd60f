"""What every reader of statements must do."""

from collections.abc import Callable, Sequence

from domain.ledger.errors import StatementTooLarge
from domain.ledger.hints import ReadingHints
from domain.ledger.ports import StatementReader
from domain.ledger.values import Reconciliation, StatementFile
from domain.shared.result import Failure, Success

HINTS = ReadingHints(currency="EUR", account="Household")


def read_by(reader: StatementReader, content: bytes) -> StatementFile:
    result = reader.read(content, HINTS)
    assert isinstance(result, Success), result
    return result.value


class StatementReaderContract:
    def test_recognises_its_own_format(self, reader: StatementReader, content: bytes) -> None:
        assert reader.recognises(content[:4096])
        assert not reader.recognises(b"\x89PNG\r\n")
        assert not reader.recognises(b"")

    def test_reads_its_own_format(self, reader: StatementReader, content: bytes) -> None:
        file = read_by(reader, content)

        assert file.format == reader.format
        assert sum(len(each.rows) for each in file.statements) > 0
        assert all(each.complete for each in file.statements)

    def test_reads_alike_each_time(self, reader: StatementReader, content: bytes) -> None:
        assert reader.read(content, HINTS) == reader.read(content, HINTS)


class FormatReaderContract(StatementReaderContract):
    """A reader of a format of banks: it has a limit, and names the rows that it cannot read.

    `broken` has two rows, of which the second cannot be read; `beginning` is how each begins.
    """

    def test_names_the_type_of_the_report(self, reader: StatementReader, content: bytes) -> None:
        assert all(each.report_type for each in read_by(reader, content).statements)

    def test_names_the_lines_of_rows(
        self, reader: StatementReader, broken: bytes, beginning: bytes
    ) -> None:
        file = read_by(reader, broken)
        (row,) = [row for statement in file.statements for row in statement.rows]
        (refused,) = file.quarantined

        assert [row.line, refused.line] == lines_with(beginning, broken)
        assert refused.reason

    def test_a_statement_with_an_unreadable_row_is_incomplete(
        self, reader: StatementReader, broken: bytes
    ) -> None:
        (statement,) = read_by(reader, broken).statements

        assert not statement.complete
        assert statement.reconciliation is Reconciliation.UNKNOWN

    def test_reads_no_more_rows_than_it_may(
        self, limited: Callable[[int], StatementReader], broken: bytes
    ) -> None:
        at_most_one = limited(1).read(broken, HINTS)

        assert isinstance(limited(2).read(broken, HINTS), Success)
        assert isinstance(at_most_one, Failure)
        assert isinstance(at_most_one.error, StatementTooLarge)
        assert at_most_one.error.detail == "A file has at most 1 rows."


def lines_with(beginning: bytes, content: bytes) -> Sequence[int]:
    """Return the numbers of the lines on which rows begin."""
    lines = content.splitlines()
    return [at for at, line in enumerate(lines, start=1) if line.startswith(beginning)]
