"""Archives of several statements."""

import gzip
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.statements.archive import ArchiveReader
from adapters.statements.readers import statement_readers
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, CsvColumn, ReadingHints
from domain.ledger.questions import ACCOUNT_ASKED, Asked
from domain.ledger.values import Reconciliation, StatementFile
from domain.shared.result import Failure, Success
from tests.adapters.statements.examples import EXAMPLES, zipped
from tests.camt import day_of_march
from tests.statements import ofx, statement, transaction

DAYS = {
    "2026-03-14.xml": day_of_march(14, "95.00", "89.00"),
    "2026-03-13.xml": day_of_march(13, "100.00", "95.00"),
}
QIF = b"!Type:Bank\nD04/03/2026\nT-12.50\nPCoffee\n^\n"
OPEN = "Datum;Soll;Rest;Text\n2026-03-13;12,50;87,50;Café\n2026-03-14;7,00;1,50;Brot\n".encode()
ANSWERED = ReadingHints(account="Household", currency="EUR")
PDF = b"%PDF-1.7\n\0\0"


def reader(max_rows: int = 100) -> ArchiveReader:
    (archives,) = [each for each in statement_readers(max_rows) if isinstance(each, ArchiveReader)]
    return archives


def read(files: dict[str, bytes], hints: ReadingHints = NO_HINTS) -> StatementFile:
    result = reader().read(zipped(**files), hints)
    assert isinstance(result, Success), result
    return result.value


def refused(files: dict[str, bytes], hints: ReadingHints = NO_HINTS) -> str:
    result = reader().read(zipped(**files), hints)
    assert isinstance(result, Failure)
    assert isinstance(result.error, UnreadableStatement)
    assert not isinstance(result.error, HintNeeded)
    return result.error.detail


def test_are_read_as_one_file_in_the_order_of_names() -> None:
    file = read(DAYS)

    assert file.format == "zip"
    assert [len(each.rows) for each in file.statements] == [1, 1]
    assert [each.rows[0].booking_date.day for each in file.statements] == [13, 14]
    assert {each.reconciliation for each in file.statements} == {Reconciliation.BALANCED}


def test_may_have_files_of_several_formats() -> None:
    files = {name: content for name, content in EXAMPLES.items() if name != "zip"}

    file = read(files, ReadingHints(account="Household", currency="EUR"))

    assert sum(len(each.rows) for each in file.statements) == len(files)


def test_name_the_file_of_a_row_that_cannot_be_read() -> None:
    broken = ofx(statement(transaction(), transaction("?")))

    file = read({"march": broken, "april": ofx()})

    (row,) = file.quarantined
    assert row.reason == "march: the amount is not a number"
    assert row.line > 1


def test_name_what_is_no_statement() -> None:
    file = read(DAYS | {"2026-03.pdf": PDF, "notes": b"\x89?"})

    assert len(file.statements) == 2
    assert [(row.line, row.reason.partition(". ")[0]) for row in file.quarantined] == [
        (1, "“2026-03.pdf”: The file is a PDF document"),
        (1, "“notes”: The file is of no format that can be read."),
    ]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"march": ofx()[:-20], "april": ofx()},
            "“march”: The file ends before </OFX>: it is tru",
        ),
        (
            {"a.zip": EXAMPLES["zip"], "b": ofx()},
            "“a.zip”: The file is an archive itself: unpack",
        ),
        (
            {"a.gz": gzip.compress(ofx()), "b": ofx()},
            "“a.gz”: The file is an archive itself: unpa",
        ),
        ({"a.pdf": PDF, "b.pdf": PDF}, "“a.pdf”: The file is a PDF document."),
        ({"xl/workbook.xml": b"<x/>", "b": ofx()}, "The file is an Excel workbook (.xlsx)."),
    ],
)
def test_refuse_what_cannot_be_read_by_its_name(files: dict[str, bytes], message: str) -> None:
    assert refused(files).startswith(message)


def questions(hints: ReadingHints = NO_HINTS, **files: bytes) -> dict[str, str]:
    """Return the reasons of the questions about an archive, by their fields."""
    result = reader().read(zipped(**files), hints)
    assert isinstance(result, Failure)
    assert isinstance(result.error, HintNeeded), result
    return {each.field: each.reason for each in result.error.questions}


class TestQuestions:
    def test_name_the_file_they_are_about(self) -> None:
        asked = questions(march=QIF, april=ofx())

        assert sorted(asked) == [Asked.ACCOUNT, Asked.CURRENCY, Asked.DATE_ORDER]
        assert all(reason.startswith("“march”: ") for reason in asked.values())
        assert not any("april" in reason for reason in asked.values())

    def test_of_files_alike_are_asked_once(self) -> None:
        asked = questions(a=QIF, b=QIF, c=EXAMPLES["csv"], d=ofx())

        assert sorted(asked) == [Asked.ACCOUNT, Asked.CURRENCY, Asked.DATE_ORDER]
        assert asked[Asked.ACCOUNT].startswith("“a”, “b”, “c”: ")
        assert "The answer counts for all of these files" in asked[Asked.ACCOUNT]
        assert asked[Asked.DATE_ORDER].startswith("“a”, “b”: ")

    def test_name_a_few_of_many_files(self) -> None:
        asked = questions(ANSWERED, **{f"{number}": QIF for number in range(7)})

        assert asked[Asked.DATE_ORDER].startswith("“0”, “1”, “2”, “3”, “4”, 2 more: ")

    @pytest.mark.parametrize("hints", [NO_HINTS, ReadingHints(columns={CsvColumn.AMOUNT: "Soll"})])
    def test_that_no_single_answer_can_serve_are_refused(self, hints: ReadingHints) -> None:
        other = OPEN.replace(b"Soll", b"Aus").replace(b"Rest", b"Ein")

        reason = refused({"a": OPEN, "b": other, "c": ofx()}, hints)

        assert reason.startswith("The files “a”, “b” need different answers to one question (colum")

    def test_of_one_layout_are_answered_for_all_files(self) -> None:
        said = {CsvColumn.AMOUNT: "Soll"}
        hints = replace(ANSWERED, columns=said, charges_positive=True)

        file = read({"a": OPEN, "b": OPEN.replace(b"-03-", b"-04-")}, hints)

        amounts = [row.amount.amount for each in file.statements for row in each.rows]
        assert amounts == [Decimal("-12.50"), Decimal("-7.00")] * 2

    def test_are_answered_for_the_files_alone_that_ask(self) -> None:
        signed = (
            b"Kontonummer;Datum;Betrag;Rest;W\xc3\xa4hrung\nDE0212345;2026-03-13;-5,00;3,00;EUR\n"
        )
        hints = replace(ANSWERED, columns={CsvColumn.AMOUNT: "Rest"}, charges_positive=True)

        file = read({"a": OPEN, "b": signed}, hints)

        amounts = [row.amount.amount for each in file.statements for row in each.rows]
        assert amounts == [Decimal("-87.50"), Decimal("-1.50"), Decimal("-5.00")]
        assert [each.account.number for each in file.statements] == ["Household", "DE0212345"]

    def test_of_the_account_alone_name_the_file_too(self) -> None:
        unnamed = b"Date,Amount,Currency,Payee\n2026-03-13,-12.50,EUR,Coffee\n"

        asked = questions(march=unnamed, april=ofx())

        assert asked == {Asked.ACCOUNT: f"“march”: {ACCOUNT_ASKED.reason}"}


@pytest.mark.parametrize("rows", [[2, 2], [4], [1, 1, 1, 1]])
def test_have_no_more_rows_than_a_file_may(rows: Sequence[int]) -> None:
    files = {
        str(number): ofx(statement(*[transaction(fitid=f"F{n}") for n in range(count)]))
        for number, count in enumerate(rows)
    }

    assert isinstance(reader(4).read(zipped(**files)), Success)
    result = reader(3).read(zipped(**files))
    assert isinstance(result, Failure)
    assert isinstance(result.error, StatementTooLarge)
    assert result.error.detail.endswith("A file has at most 3 rows.")


def test_damage_is_refused() -> None:
    content = bytearray(zipped(march=ofx(), april=ofx()))
    content[200:210] = b"0123456789"

    result = reader().read(bytes(content))

    assert isinstance(result, Failure)
    assert result.error.detail == "“march”: The compressed file is corrupt."
