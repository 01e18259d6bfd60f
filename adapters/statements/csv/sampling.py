"""How a file is written, and what its first rows say by it."""

from adapters.statements.csv.preamble import stated_currency
from adapters.statements.csv.profiles import open_file
from adapters.statements.csv.reader import CsvReader
from adapters.statements.csv.rows import CURRENCY_ASKED, NO_CURRENCY, RowReading
from adapters.statements.limits import MAX_ROWS
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement
from domain.ledger.hints import ReadingHints
from domain.ledger.profiles import CsvSample
from domain.ledger.values import QuarantinedRow, StatementRow
from domain.shared.result import Failure, Result, Success

SAMPLE_ROWS = 20
HEAD_BYTES = 4096
#: How a file is written shows in so many bytes of it.
SAMPLE_BYTES = 1024 * 1024
_LITTLE_ENDIAN = b"\xff\xfe"


def sample(
    content: bytes, hints: ReadingHints, max_rows: int = MAX_ROWS
) -> Result[CsvSample, UnreadableStatement | StatementTooLarge]:
    """`CsvSampler`: what a file leaves open is a question, and no failure."""
    if not CsvReader().recognises(content[:HEAD_BYTES]):
        return Failure(UnreadableStatement("The file is not CSV."))
    opened = open_file(_beginning(content), hints, max_rows)
    if isinstance(opened, Failure):
        asked = isinstance(opened.error, HintNeeded)
        return Success(CsvSample(open_question=opened.error.detail)) if asked else opened
    found = opened.value
    reading = RowReading(found, stated_currency(found) or hints.currency)
    rows: list[StatementRow] = []
    quarantined: list[QuarantinedRow] = []
    for record in found.layout.rows[:SAMPLE_ROWS]:
        taken = reading.read(record)
        if isinstance(taken, str):
            quarantined.append(QuarantinedRow(record.line, taken))
        else:
            rows.append(taken.row)
    unnamed = any(each.reason == NO_CURRENCY for each in quarantined)
    return Success(
        CsvSample(
            profile=found.profile,
            rows=rows,
            quarantined=quarantined,
            open_question=CURRENCY_ASKED if unnamed else "",
        )
    )


def _beginning(content: bytes) -> bytes:
    """Return the first lines of a file, whole ones."""
    if len(content) <= SAMPLE_BYTES:
        return content
    wide = b"\0" if content.startswith(_LITTLE_ENDIAN) else b""
    last = max(content.rfind(end + wide, 0, SAMPLE_BYTES) for end in (b"\n", b"\r"))
    return content[: last + 1 + len(wide)] if last >= 0 else content[:SAMPLE_BYTES]
