"""All data of a user as a ZIP."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO
from ipaddress import ip_address
from uuid import UUID
from zipfile import ZipFile

import pytest

from adapters.exports.everything import EverythingWriter
from domain.identity.personal_data import Part, PersonalData, PersonalDataWriter
from tests.contracts.personal_data import PersonalDataWriterContract

AT = datetime(2026, 3, 14, 12, 0, 1, tzinfo=UTC)


def written(*parts: Part, files: Iterable[tuple[bytes, bytes]] = ()) -> ZipFile:
    file = BytesIO()
    EverythingWriter().write(PersonalData(parts, files), file, AT)
    return ZipFile(file)


class TestEverything(PersonalDataWriterContract):
    @pytest.fixture
    def writer(self) -> PersonalDataWriter:
        return EverythingWriter()


def test_a_part_is_an_array_of_objects() -> None:
    row = {
        "id": UUID(int=7),
        "amount": Decimal("-0E-10"),
        "much": Decimal("123456789012345678.0000000001"),
        "day": AT.date(),
        "at": AT.astimezone(timezone(timedelta(hours=2))),
        "digest": memoryview(b"\x00\xff"),
        "address": ip_address("::1"),
        "scopes": ["read:accounts"],
        "raw": {"a": [1, None]},
        "name": 'Ä "quoted"\n',
        "nothing": None,
    }

    archive = written(Part("cups", [row, {"id": 2}]), Part("plates", []))

    first, second = json.loads(archive.read("cups.json"))
    assert first == {
        "id": "00000000-0000-0000-0000-000000000007",
        "amount": "-0.0000000000",
        "much": "123456789012345678.0000000001",
        "day": "2026-03-14",
        "at": "2026-03-14T14:00:01+02:00",
        "digest": "00ff",
        "address": "::1",
        "scopes": ["read:accounts"],
        "raw": {"a": [1, None]},
        "name": 'Ä "quoted"\n',
        "nothing": None,
    }
    assert second == {"id": 2}
    assert json.loads(archive.read("plates.json")) == []


def test_files_are_unchanged() -> None:
    archive = written(files=[(b"\xab" * 32, b"march"), (b"\xcd" * 32, b"\x00")])

    assert archive.read(f"files/{'ab' * 32}") == b"march"
    assert archive.read(f"files/{'cd' * 32}") == b"\x00"


def test_it_describes_itself() -> None:
    archive = written(Part("cups", [{"id": 1}]), files=[(b"\xab" * 32, b"march")])

    assert json.loads(archive.read("index.json")) == {
        "format_version": 1,
        "exported_at": "2026-03-14T12:00:01+00:00",
        "counts": {"cups": 1, "files": 1},
    }
    assert "2026-03-14T12:00:01+00:00" in archive.read("README.txt").decode()
    assert archive.testzip() is None
    assert {entry.date_time for entry in archive.infolist()} == {(2026, 3, 14, 12, 0, 0)}
    assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o600}


def test_a_value_that_json_cannot_represent_is_a_defect() -> None:
    with pytest.raises(TypeError, match="object cannot be written as JSON"):
        written(Part("cups", [{"id": object()}]))


def test_only_a_batch_is_in_memory() -> None:
    """Rows are fetched one by one, and written before the last one is fetched."""
    file = BytesIO()
    sizes: list[int] = []

    def rows() -> Iterator[Mapping[str, object]]:
        for number in range(20_000):
            sizes.append(file.tell())
            yield {"id": UUID(int=number * 0x9E3779B97F4A7C15 % 2**128)}

    EverythingWriter().write(PersonalData([Part("cups", rows())], ()), file, AT)

    assert sizes[10_000] > 50_000
    assert len(json.loads(ZipFile(file).read("cups.json"))) == 20_000
