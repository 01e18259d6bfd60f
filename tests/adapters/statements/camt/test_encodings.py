"""Encodings of camt messages: what a message states, and what its bytes are in."""

import pytest

from adapters.statements.camt import CamtReader
from domain.ledger.errors import UnreadableStatement
from domain.ledger.hints import ReadingHints
from domain.shared.result import Failure, Success
from tests.camt import NTRY, entry, message, statement

NAME = "Grün & Söhne"


def named(name: str, stated: str | None) -> str:
    body = NTRY.replace("Coffee house", name.replace("&", "&amp;"))
    text = message(statement(entry(body))).decode()
    declaration = f'<?xml version="1.0" encoding="{stated}"?>' if stated else ""
    return declaration + text.partition("?>")[2] if text.startswith("<?") else declaration + text


def description(content: bytes, hints: ReadingHints | None = None) -> str:
    result = CamtReader().read(content, hints or ReadingHints())
    assert isinstance(result, Success), result
    return result.value.statements[0].rows[0].description


@pytest.mark.parametrize(
    ("stated", "encoding"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        (None, "utf-8"),
        ("UTF-16", "utf-16"),
        ("ISO-8859-1", "iso-8859-1"),
        ("windows-1252", "cp1252"),
        # What is stated, and is not so.
        ("UTF-8", "iso-8859-1"),
        (None, "cp1252"),
        ("utf-8", "cp1252"),
        ("ISO-8859-1", "utf-8"),
        ("windows-1252", "utf-8"),
        ("US-ASCII", "utf-8"),
        ("UTF-16", "utf-8"),
        ("martian", "utf-8"),
        ("martian", "cp1252"),
    ],
)
def test_are_those_of_the_bytes(stated: str | None, encoding: str) -> None:
    content = named(NAME, stated).encode(encoding)

    assert description(content) == f"{NAME} – Invoice 7"


@pytest.mark.parametrize("stated", ["martian", "UTF-16", "US-ASCII", "utf8"])
def test_of_a_text_in_ascii_do_not_matter(stated: str) -> None:
    assert description(named("Shop", stated).encode()) == "Shop – Invoice 7"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    ("before", "behind"), [(" \r\n", ""), ("", "\n\0\0"), ("", "\x1a"), ("\n", "\n \n")]
)
def test_do_not_matter_to_what_is_around(before: str, behind: str, encoding: str) -> None:
    content = named(NAME, encoding)
    if encoding == "utf-16":
        before = behind = ""

    assert description(f"{before}{content}{behind}".encode(encoding)).startswith(NAME)


def test_a_mark_may_stand_before_blanks() -> None:
    assert description(f"\ufeff\r\n{named(NAME, 'UTF-8')}".encode()).startswith(NAME)


def test_may_be_said() -> None:
    content = named("Łódź żółć", "UTF-8").encode("cp1250")

    assert description(content, ReadingHints(encoding="cp1250")) == "Łódź żółć – Invoice 7"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_do_not_repair_what_is_no_xml(encoding: str) -> None:
    content = named(NAME, "UTF-8").replace("<Ntry>", "<Ntry<>", 1).encode(encoding)

    result = CamtReader().read(content)

    assert isinstance(result, Failure)
    assert isinstance(result.error, UnreadableStatement)
    assert result.error.detail.startswith("The XML is truncated or invalid in line ")
