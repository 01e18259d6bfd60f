"""All readers, in the order in which they are tried: the least specific format comes last."""

from collections.abc import Sequence

from adapters.statements.archive import ArchiveReader
from adapters.statements.by_hand import ByHandReader
from adapters.statements.camt import CamtReader
from adapters.statements.csv.reader import CsvReader
from adapters.statements.enable_banking import EnableBankingReader
from adapters.statements.limits import MAX_ROWS
from adapters.statements.mt940 import Mt940Reader
from adapters.statements.ofx import OfxReader
from adapters.statements.qif import QifReader
from adapters.statements.simplefin import SimpleFinReader
from domain.ledger.ports import StatementReader

_READERS = (
    *(CamtReader, OfxReader, QifReader, Mt940Reader),
    *(EnableBankingReader, ByHandReader, SimpleFinReader, CsvReader),
)


def statement_readers(max_rows: int = MAX_ROWS) -> Sequence[StatementReader]:
    """Return a reader of each format, which reads at most `max_rows` rows of a file."""
    readers = [reader(max_rows) for reader in _READERS]
    return [ArchiveReader(readers, max_rows), *readers]
