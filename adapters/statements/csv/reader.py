"""Reads a CSV file whole, or a sample of it, by a given or a detected profile."""

import re

from adapters.statements.csv.balances import ParsedRow, stated_balances
from adapters.statements.csv.dialect import is_table
from adapters.statements.csv.profile import (
    DetectedFile,
    detect_file,
    stated_account,
    stated_currency,
    stated_kind,
)
from adapters.statements.csv.rows import CURRENCY_ASKED, NO_CURRENCY, RowReader
from adapters.statements.garbage_collector import gc_disabled
from adapters.statements.limits import MAX_ROWS, too_many
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.profiles import CsvSample
from domain.ledger.values import (
    AccountReference,
    QuarantinedRow,
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.result import Failure, Result, Success

#: Rows of a sample, and bytes that recognise a format.
SAMPLE_ROWS = 20
HEAD_BYTES = 4096
#: The profile is detected from so many bytes of a file.
SAMPLE_BYTES = 1024 * 1024
_LITTLE_ENDIAN = b"\xff\xfe"
_MARKUP = ("<", "{", "[", "%PDF", "!", ":20:")


class CsvReader:
    """`StatementReader` of CSV, whatever its delimiter."""

    format = "csv"

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max_rows = max_rows

    def recognises(self, head: bytes) -> bool:
        # The head may end in the middle of a character or of a line.
        codec = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
        text = head.decode(codec, errors="replace")
        start = text.removeprefix("ï»¿").lstrip()
        if "\0" in text or not start or start.startswith(_MARKUP):
            return False
        return is_table(re.split(r"[\r\n]+", start))

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        with gc_disabled:
            detected = detect_file(content, hints, self._max_rows)
            if isinstance(detected, Failure):
                return detected
            if len(detected.value.layout.rows) > self._max_rows:
                return too_many(self._max_rows)
            return _file(detected.value, hints)


def sample(
    content: bytes, hints: ReadingHints, max_rows: int = MAX_ROWS
) -> Result[CsvSample, UnreadableStatement | StatementTooLarge]:
    """`CsvSampler`: where a hint is needed, the sample has an open question and is no failure."""
    if not CsvReader().recognises(content[:HEAD_BYTES]):
        return Failure(UnreadableStatement("The file is not CSV."))
    detected = detect_file(_beginning(content), hints, max_rows)
    if isinstance(detected, Failure):
        if not isinstance(detected.error, HintNeeded):
            return detected
        return Success(CsvSample(open_question=detected.error.detail))
    file = detected.value
    reading = RowReader(file, stated_currency(file) or hints.currency)
    rows: list[StatementRow] = []
    quarantined: list[QuarantinedRow] = []
    for record in file.layout.rows[:SAMPLE_ROWS]:
        parsed = reading.read(record)
        if isinstance(parsed, str):
            quarantined.append(QuarantinedRow(record.line, parsed))
        else:
            rows.append(parsed.row)
    unnamed = any(each.reason == NO_CURRENCY for each in quarantined)
    return Success(
        CsvSample(
            profile=file.profile,
            rows=rows,
            quarantined=quarantined,
            open_question=CURRENCY_ASKED if unnamed else "",
        )
    )


def _file(
    detected: DetectedFile, hints: ReadingHints
) -> Result[StatementFile, UnreadableStatement]:
    reading = RowReader(detected, stated_currency(detected) or hints.currency)
    default = stated_account(detected.layout.above) or hints.account
    kind = stated_kind(detected)
    booked: dict[tuple[str, str], list[ParsedRow]] = {}
    quarantined: list[QuarantinedRow] = []
    incomplete: set[str] = set()
    for record in detected.layout.rows:
        parsed = reading.read(record)
        if isinstance(parsed, str):
            quarantined.append(QuarantinedRow(record.line, parsed))
            incomplete.add(reading.account_of(record))
            if parsed == NO_CURRENCY:
                return Failure(HintNeeded(CURRENCY_ASKED))
            continue
        key = (parsed.account or default, parsed.row.amount.currency)
        booked.setdefault(key, []).append(parsed)
    statements = [
        Statement(
            account=AccountReference(kind=kind, number=number, currency=currency),
            rows=[each.row for each in rows],
            balances=stated_balances(rows),
            # A quarantined row without an account may belong to any of them.
            complete=not incomplete & {"", number},
        )
        for (number, currency), rows in booked.items()
    ]
    return Success(
        StatementFile(
            format=CsvReader.format,
            statements=statements,
            quarantined=quarantined,
            csv_profile=detected.profile,
        )
    )


def _beginning(content: bytes) -> bytes:
    """Return the first complete lines of a file."""
    if len(content) <= SAMPLE_BYTES:
        return content
    wide = b"\0" if content.startswith(_LITTLE_ENDIAN) else b""
    last = max(content.rfind(end + wide, 0, SAMPLE_BYTES) for end in (b"\n", b"\r"))
    return content[: last + 1 + len(wide)] if last >= 0 else content[:SAMPLE_BYTES]
