"""What the tests of the CSV reader share."""

import re

from adapters.statements.csv.profile import find_profile
from adapters.statements.csv.reader import CsvReader
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder, ReadingHints
from domain.ledger.questions import Question
from domain.ledger.values import Statement, StatementFile, StatementRow
from domain.shared.result import Failure, Success

EUROS = ReadingHints(currency="EUR", account="Household", charges_positive=False)
DAY_FIRST = ReadingHints(currency="EUR", account="Household", date_order=DateOrder.DAY_FIRST)

_COLUMNS = re.compile(r" (?:It is about|It may be|The columns are) ")


def read(text: str | bytes, hints: ReadingHints = EUROS) -> StatementFile:
    result = CsvReader().read(text if isinstance(text, bytes) else text.encode(), hints)
    assert isinstance(result, Success), result
    return result.value


def statement_of(text: str | bytes, hints: ReadingHints = EUROS) -> Statement:
    (only,) = read(text, hints).statements
    return only


def rows_of(text: str | bytes, hints: ReadingHints = EUROS) -> list[StatementRow]:
    return [row for statement in read(text, hints).statements for row in statement.rows]


def row_of(text: str | bytes, hints: ReadingHints = EUROS) -> StatementRow:
    (only,) = rows_of(text, hints)
    return only


def amounts_of(text: str, hints: ReadingHints = EUROS) -> list[str]:
    return [f"{row.amount.amount:f}" for row in rows_of(text, hints)]


def reasons_of(text: str, hints: ReadingHints = EUROS) -> dict[int, str]:
    """Return why rows were quarantined, by their lines."""
    return {row.line: row.reason for row in read(text, hints).quarantined}


def refused(text: str | bytes, hints: ReadingHints = EUROS) -> str:
    """Return why a file is not read."""
    result = CsvReader().read(text if isinstance(text, bytes) else text.encode(), hints)
    assert isinstance(result, Failure), result
    return result.error.detail


def asked(text: str | bytes, hints: ReadingHints = EUROS) -> list[Question]:
    """Return the questions that a user has to answer about a file."""
    result = CsvReader().read(text if isinstance(text, bytes) else text.encode(), hints)
    assert isinstance(result, Failure), result
    assert isinstance(result.error, HintNeeded)
    assert result.error.detail == " ".join(each.reason for each in result.error.questions)
    return list(result.error.questions)


def question(text: str, hints: ReadingHints = EUROS) -> str:
    """Return what is asked about a file, without the columns that it is about."""
    return " ".join(_COLUMNS.split(each.reason)[0] for each in asked(text, hints))


def profile_of(text: str | bytes, hints: ReadingHints = EUROS) -> CsvProfile:
    result = find_profile(text if isinstance(text, bytes) else text.encode(), hints)
    assert isinstance(result, Success), result
    return result.value


def columns_of(text: str | bytes) -> dict[str, int]:
    return {column.value: at for column, at in profile_of(text).columns.items()}


def with_columns(**columns: int) -> dict[CsvColumn, int]:
    return {CsvColumn(name): at for name, at in columns.items()}
