"""Files of exchange rates, as the European Central Bank publishes them."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest

from adapters.rates import ecb
from adapters.rates.ecb import read_rates
from domain.ledger.exchange_rates import UnreadableRates
from domain.shared.result import Failure, Success

CSV = b"""Date,USD,JPY,CYP,XXX,
2026-03-03,1.0800,162.5,N/A,1,
2026-03-02,1.0750,,N/A,1,
"""
DAILY = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01">
<gesmes:subject>Reference rates</gesmes:subject>
<Cube>
  <Cube time='2026-03-03'>
    <Cube currency='USD' rate='1.0800'/>
    <Cube currency='JPY' rate='162.5'/>
  </Cube>
</Cube>
</gesmes:Envelope>
"""
RATES = {"USD": Decimal("1.0800"), "JPY": Decimal("162.5")}


def zipped(*members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in enumerate(members):
            archive.writestr(f"{number}.csv", member)
    return file.getvalue()


@pytest.mark.parametrize("content", [CSV, CSV.replace(b"\n", b"\r\n"), zipped(CSV)])
def test_reads_a_history(content: bytes) -> None:
    assert read_rates(content) == Success(
        {date(2026, 3, 3): RATES, date(2026, 3, 2): {"USD": Decimal("1.0750")}}
    )


def test_reads_the_day_as_csv() -> None:
    content = b"Date, USD, JPY, \n03 March 2026, 1.0800, 162.5, \n"

    assert read_rates(content) == Success({date(2026, 3, 3): RATES})


def test_reads_the_day_as_xml() -> None:
    assert read_rates(DAILY) == Success({date(2026, 3, 3): RATES})


def test_an_entity_is_not_looked_at() -> None:
    hostile = DAILY.replace(b"<gesmes:Env", b'<!DOCTYPE x [<!ENTITY a "&a;&a;">]><gesmes:Env', 1)

    assert read_rates(hostile) == Success({date(2026, 3, 3): RATES})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "first line"),
        (b"Date,Amount\n2026-03-01,-4.50\n", "no exchange rate"),
        (b"Day,USD\n2026-03-01,1\n", "first line"),
        (b"Date,USD\n2026-02-30,1\n", "not a day"),
        (b"Date,USD\n2026-03-01,0\n", "positive"),
        (b"Date,USD\n2026-03-01,-1\n", "positive"),
        (b"Date,USD\n2026-03-01,one\n", "positive"),
        (b"Date,USD\n2026-03-01," + b"1" * 3000, "too long"),
        (b"Date" + b",USD" * 200 + b"\n", "first line"),
        (b"<Envelope/>", "no exchange rate"),
        (b"\xff\xfe\x00", "not text"),
        (b"PK\x03\x04 and no more", "archive"),
        (zipped(CSV, CSV), "archive"),
        (zipped(), "first line"),
    ],
)
def test_refuses_anything_else(content: bytes, reason: str) -> None:
    result = read_rates(content)

    assert isinstance(result, Failure)
    assert isinstance(result.error, UnreadableRates)
    assert reason in result.error.detail


def test_what_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped(CSV + b"," * 10_000_000)
    assert len(bomb) < 20_000
    monkeypatch.setattr(ecb, "MAX_BYTES", 1_000_000)

    for content in (bomb, CSV + b"," * 1_000_000):
        result = read_rates(content)
        assert isinstance(result, Failure)
        assert "too large" in result.error.detail


def test_there_may_not_be_too_many_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecb, "MAX_DAYS", 1)

    assert isinstance(read_rates(CSV), Failure)
