"""Files that people take for statements, and that are none: what they are, and what to do instead.

They are known by their first bytes, or by the names of the files within them.
"""

import re
from collections.abc import Iterable

_EXPORT = "Open it, export it as CSV, and import that file."
_DOWNLOAD = "Download the statement from your bank as CSV, OFX, QIF, MT940 or CAMT instead."
_UNPACK = "Unpack it, and import the statements in it, or pack them as ZIP."

_BEGINNINGS = (
    (rb"%PDF-", "a PDF document", _DOWNLOAD),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (.xls), or similar", _EXPORT),
    (rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*|RIFF....WEBP", "an image", _DOWNLOAD),
    (rb"\0(?s:...)ftyp", "an image or a video", _DOWNLOAD),
    (rb"\{\\rtf", "a text document (.rtf)", _DOWNLOAD),
    (
        rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|BZh\d|\xfd7zXZ\0|\x28\xb5\x2f\xfd",
        "an archive of a kind that is not supported",
        _UNPACK,
    ),
    (rb"(?s:.{257})ustar", "an archive of a kind that is not supported", _UNPACK),
    (rb"SQLite format 3\0", "a database", "Export its transactions as CSV, and import that file."),
    (
        rb"\s{0,80}+(?:<!doctype html|<(?:html|head|body|table|meta|style)\b)",
        "an HTML page, even if its name ends in .xls",
        _EXPORT,
    ),
    (
        rb"\s{0,80}+<\?xml(?s:.*?)(?:progid=.Excel|schemas-microsoft-com:office:spreadsheet)",
        "an Excel workbook in XML",
        _EXPORT,
    ),
    (
        rb"\s{0,80}+<(?s:.*?)iso:20022:tech:xsd:pain\.",
        "a payment order (pain), not a statement",
        _DOWNLOAD,
    ),
)
_KNOWN = tuple(
    (re.compile(rb"(?:\xef\xbb\xbf)?(?:" + begins + rb")", re.IGNORECASE), what, instead)
    for begins, what, instead in _BEGINNINGS
)
#: Names of files within files that are archives to programs, and documents to people.
_MEMBERS = (
    (re.compile(r"xl/"), "an Excel workbook (.xlsx)", _EXPORT),
    (re.compile(r"word/"), "a Word document (.docx)", _DOWNLOAD),
    (re.compile(r"ppt/"), "a presentation (.pptx)", _DOWNLOAD),
    (re.compile(r"content\.xml"), "an OpenDocument spreadsheet (.ods), or similar", _EXPORT),
    (re.compile(r"Index/.*\.iwa|Index\.zip"), "an Apple Numbers spreadsheet, or similar", _EXPORT),
)


def refusal(head: bytes) -> str:
    """Return why a file is no statement, by its first kilobytes, or nothing if that is unknown."""
    known = ((what, instead) for begins, what, instead in _KNOWN if begins.match(head))
    return _sentences(*next(known, ("", "")))


def refusal_of_archive(names: Iterable[str]) -> str:
    """Return why an archive with these files is a document, or nothing if it is an archive."""
    names = list(names)
    known = ((what, instead) for name, what, instead in _MEMBERS if any(map(name.match, names)))
    return _sentences(*next(known, ("", "")))


def _sentences(what: str, instead: str) -> str:
    return f"The file is {what}. {instead}" if what else ""
