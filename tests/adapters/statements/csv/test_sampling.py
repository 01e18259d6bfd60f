"""What the first rows of a file say, and what it leaves open."""

import pytest

from adapters.statements.csv.reader import SAMPLE_BYTES, sample
from domain.ledger.errors import UnreadableStatement
from domain.ledger.hints import NO_HINTS, DateOrder, ReadingHints
from domain.ledger.profiles import CsvSample
from domain.ledger.questions import Asked
from domain.shared.result import Failure, Success
from tests.adapters.statements.csv.reading import DAY_FIRST, EUROS, profile_of, rows_of

TEXT = "Date,Amount,Payee\n" + "".join(f"2026-03-{day:02},-{day}.50,Shop\n" for day in range(1, 29))


def sampled(text: str, hints: ReadingHints = EUROS) -> CsvSample:
    result = sample(text.encode(), hints)
    assert isinstance(result, Success), result
    return result.value


def test_the_first_twenty_rows_are_shown_as_they_would_be_read() -> None:
    found = sampled(TEXT)

    assert found.profile == profile_of(TEXT)
    assert found.rows == rows_of(TEXT)[:20]
    assert (found.quarantined, found.questions) == ([], [])


def test_rows_that_would_be_quarantined_are_shown() -> None:
    found = sampled(TEXT.replace("-2.50", "many").replace("2026-03-01", "soon"))

    assert [(each.line, each.reason) for each in found.quarantined] == [
        (2, "the date is not a date"),
        (3, "the amount is not a number"),
    ]
    assert len(found.rows) == 18


def test_what_is_undecided_is_a_question() -> None:
    text = "Date,Amount\n04/03/2026,-1.50\n"

    (question,) = sampled(text).questions
    assert (question.field, question.examples) == (Asked.DATE_ORDER, ["04/03/2026"])
    assert question.options == ["day_first", "month_first"]
    assert sampled(text) == CsvSample(questions=(question,))
    assert sampled(text, DAY_FIRST).rows == rows_of(text, DAY_FIRST)


def test_a_missing_currency_is_a_question_too() -> None:
    found = sampled(TEXT, NO_HINTS)

    assert [each.field for each in found.questions] == [Asked.CURRENCY, Asked.ACCOUNT]
    assert found.questions[0].columns == ["Amount"]
    assert found.profile
    assert found.profile.date_order is DateOrder.YEAR_FIRST
    assert found.rows == []


@pytest.mark.parametrize("text", ["<OFX></OFX>", "hello", "%PDF-1.7", '{"a": 1}'])
def test_a_file_that_is_not_csv_is_refused(text: str) -> None:
    assert sample(text.encode(), EUROS) == Failure(UnreadableStatement("The file is not CSV."))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_beginning_of_a_large_file_is_sufficient(encoding: str, end: str) -> None:
    head = [
        "Datum;Betrag;Text",
        *(f"{n % 28 + 1:02}.03.2026;-{n},50;Käufer" for n in range(60_000)),
    ]
    # Nothing after the beginning is read: it would not be valid CSV.
    text = end.join([*head, '"' * 5])
    assert len(text.encode(encoding)) > SAMPLE_BYTES

    sample_of_text = sample(text.encode(encoding), EUROS)

    assert isinstance(sample_of_text, Success)
    assert sample_of_text.value.profile
    assert sample_of_text.value.profile.date_order is DateOrder.DAY_FIRST
    assert (len(sample_of_text.value.rows), sample_of_text.value.quarantined) == (20, [])


def test_a_file_without_line_ends_is_not_read_to_its_end() -> None:
    short = b"Date;Amount\n" + b"x" * SAMPLE_BYTES
    assert sample(short * 4, EUROS) == sample(short, EUROS)
