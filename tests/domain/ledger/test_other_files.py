"""Files that people take for statements."""

import pytest

from domain.ledger.other_files import refusal, refusal_of_archive

EXPORT, DOWNLOAD = "export it as CSV", "Download the statement from your bank as CSV"


@pytest.mark.parametrize(
    ("head", "what", "instead"),
    [
        (b"%PDF-1.7\n", "a PDF document", DOWNLOAD),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "an Excel workbook (.xls), or", EXPORT),
        (b"\x89PNG\r\n\x1a\n", "an image", DOWNLOAD),
        (b"\xff\xd8\xff\xe0", "an image", DOWNLOAD),
        (b"\0\0\0\x18ftypheic", "an image or a video", DOWNLOAD),
        (b"{\\rtf1", "a text document (.rtf)", DOWNLOAD),
        (b"Rar!\x1a\x07\0", "an archive of a kind that is not supported", "Unpack it"),
        (b"7z\xbc\xaf\x27\x1c", "an archive of a kind that is not supported", "Unpack it"),
        (b"march.csv".ljust(257, b"\0") + b"ustar", "an archive of a kind that is not", "Unpack"),
        (b"SQLite format 3\0", "a database", "Export its transactions as CSV"),
        (b"<html><body><table>", "an HTML page", EXPORT),
        (b"\xef\xbb\xbf\r\n <!DOCTYPE HTML>", "an HTML page", EXPORT),
        (b"<table border=1>", "an HTML page", EXPORT),
        (b'<?xml?>\n<?mso-application progid="Excel.Sheet"?>', "an Excel workbook in XML", EXPORT),
        (
            b'<?xml?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03">',
            "a payment order (pain)",
            DOWNLOAD,
        ),
    ],
)
def test_are_refused_by_what_they_are(head: bytes, what: str, instead: str) -> None:
    said = refusal(head)

    assert said.startswith(f"The file is {what}")
    assert instead in said


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"Date,Amount\n",
        b"<OFX><html>",
        b"<!-- made by a bank --><Document>",
        b"Softftyp,Date",
        b"<?xml?><OFX>",
        b'<?xml?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">',
        b"BZ,Date,Amount",
        b"!Type:Bank",
    ],
)
def test_that_may_be_statements_are_not_refused(head: bytes) -> None:
    assert refusal(head) == ""


def test_an_archive_of_statements_is_no_document() -> None:
    assert refusal_of_archive(["excel/march.csv", "xl.csv", "my content.xml"]) == ""
