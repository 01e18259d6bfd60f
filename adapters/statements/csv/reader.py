"""Reads CSV: how it is written is found out, or said by a profile; then row by row."""

import re

from adapters.statements.collection import no_collection
from adapters.statements.csv.balances import Taken, stated_balances
from adapters.statements.csv.layout import is_table
from adapters.statements.csv.preamble import stated_account, stated_currency, stated_kind
from adapters.statements.csv.profiles import Opened, open_file
from adapters.statements.csv.rows import CURRENCY_ASKED, NO_CURRENCY, RowReading
from adapters.statements.limits import MAX_ROWS, too_many
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.values import (
    AccountReference,
    QuarantinedRow,
    Statement,
    StatementFile,
)
from domain.shared.result import Failure, Result, Success

_MARKUP = ("<", "{", "[", "%PDF", "!", ":20:")


class CsvReader:
    """`StatementReader` of CSV, whatever stands between its values."""

    format = "csv"

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max_rows = max_rows

    def recognises(self, head: bytes) -> bool:
        # The head may end within a character, and within a line.
        codec = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
        text = head.decode(codec, errors="replace")
        start = text.removeprefix("ï»¿").lstrip()
        if "\0" in text or not start or start.startswith(_MARKUP):
            return False
        return is_table(re.split(r"[\r\n]+", start))

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        with no_collection:
            opened = open_file(content, hints, self._max_rows)
            if isinstance(opened, Failure):
                return opened
            if len(opened.value.layout.rows) > self._max_rows:
                return too_many(self._max_rows)
            return _file(opened.value, hints)


def _file(opened: Opened, hints: ReadingHints) -> Result[StatementFile, UnreadableStatement]:
    reading = RowReading(opened, stated_currency(opened) or hints.currency)
    common = stated_account(opened.layout.above) or hints.account
    kind = stated_kind(opened)
    booked: dict[tuple[str, str], list[Taken]] = {}
    quarantined: list[QuarantinedRow] = []
    incomplete: set[str] = set()
    for record in opened.layout.rows:
        taken = reading.read(record)
        if isinstance(taken, str):
            quarantined.append(QuarantinedRow(record.line, taken))
            incomplete.add(reading.account_of(record))
            if taken == NO_CURRENCY:
                return Failure(HintNeeded(CURRENCY_ASKED))
            continue
        key = (taken.account or common, taken.row.amount.currency)
        booked.setdefault(key, []).append(taken)
    statements = [
        Statement(
            account=AccountReference(kind=kind, number=number, currency=currency),
            rows=[each.row for each in rows],
            balances=stated_balances(rows),
            # A row that names no account may have been of any.
            complete=not incomplete & {"", number},
        )
        for (number, currency), rows in booked.items()
    ]
    return Success(
        StatementFile(
            format=CsvReader.format,
            statements=statements,
            quarantined=quarantined,
            csv_profile=opened.profile,
        )
    )
