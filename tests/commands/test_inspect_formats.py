"""Every format can be looked at: periods, balances, reconciliation, rows and positions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from adapters.statements.packed import unpack
from dashtam.container import container
from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.values import Security, StatedHolding, Statement, StatementFile
from domain.shared.money import Money
from domain.shared.result import Result, Success
from tests import camt
from tests.factories import make_reference
from tests.ports import with_ports
from tests.statements import ofx, statement, transaction

QIF = b"!Type:Bank\nD3/13/2026\nT-12.50\nPCoffee house\n^\n"
MT940 = (
    b":20:REF\n:25:10020030/100200300\n:28C:7/1\n:60F:C260228EUR100,00\n"
    b":61:2603020301D12,50NTRFCUST7//BANK9\n:86:Coffee house\n:62F:C260301EUR87,50\n-\n"
)
MT942 = (
    b":20:REF\n:25:10020030/100200300\n:28C:7/1\n:34F:EUR0,\n:13D:2603021200+0100\n"
    b":61:2603020302D12,50NTRFCUST7//BANK9\n:86:Coffee house\n-\n"
)
FILES = [
    ("ofx", ofx(statement(transaction(amount="-12.50"))), ()),
    ("qif", QIF, ("--currency", "EUR", "--account", "mine")),
    ("mt940", MT940, ()),
    ("mt940", MT942, ()),
    ("camt", camt.message(camt.statement(camt.entry())), ()),
]
names = pytest.mark.parametrize(
    ("format", "content", "options"), FILES, ids=["ofx", "qif", "mt940", "mt942", "camt"]
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "march"


def inspect(path: Path, *options: str) -> Any:
    out = StringIO()
    call_command("inspect_statement", str(path), "--format", "json", *options, stdout=out)
    return json.loads(out.getvalue())


@names
def test_every_format_is_printed_as_json(
    path: Path, format: str, content: bytes, options: Sequence[str]
) -> None:
    path.write_bytes(content)

    output = inspect(path, *options)

    assert (output["format"], output["quarantined"]) == (format, [])
    (read,) = output["statements"]
    (row,) = read["rows"]
    assert (row["amount"], row["currency"]) == ("-12.50", "EUR")
    assert read["reconciliation"] in ("balanced", "unknown")
    assert (read["holdings"], read["holdings_date"]) == ([], None)


@names
def test_every_format_is_printed_as_a_table(
    path: Path,
    capsys: pytest.CaptureFixture[str],
    format: str,
    content: bytes,
    options: Sequence[str],
) -> None:
    path.write_bytes(content)

    call_command("inspect_statement", str(path), "--format", "table", *options)

    output = capsys.readouterr().out
    assert "-12.50 EUR" in output
    assert "reconciliation" in output
    assert "Positions" not in output
    assert "100200300" not in output


def test_balances_number_and_reconciliation_are_printed(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_bytes(MT940)

    (read,) = inspect(path)["statements"]
    assert (read["number"], read["reconciliation"]) == ("7/1", "balanced")
    assert (read["opening_balance"], read["closing_balance"]) == ("100.00", "87.50")
    assert read["closing_date"] == "2026-03-01"

    call_command("inspect_statement", str(path))
    output = " ".join(capsys.readouterr().out.split())
    assert "statement 7/1" in output
    assert "opening 100.00 EUR on 2026-02-28, balance 87.50 EUR on 2026-03-01" in output
    assert "reconciliation balanced" in output


SHARE = Security(scheme="ISIN", number="XX0000000001", name="Fund [b]", ticker="FND")
POSITION = StatedHolding(
    line=7,
    security=SHARE,
    quantity=Decimal("1E+1"),
    price=Money(Decimal("12.5"), "EUR"),
    value=Money(Decimal(125), "EUR"),
    day=date(2026, 3, 31),
)


@dataclass
class PositionsReader:
    """Reads any file as one statement with positions."""

    holdings: Sequence[StatedHolding]
    format: str = "positions"

    def recognises(self, head: bytes) -> bool:
        return True

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        parsed = Statement(
            account=make_reference(),
            rows=(),
            holdings=self.holdings,
            first_day=date(2026, 3, 1),
            holdings_day=date(2026, 3, 31),
        )
        return Success(StatementFile(format=self.format, statements=[parsed]))


@pytest.fixture
def positions(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    reader = PositionsReader([POSITION])
    reading = with_ports(
        container.use_cases, statement_readers=[reader], unpack=unpack, max_file_bytes=100
    )
    monkeypatch.setattr(container, "use_cases", reading)
    path.write_bytes(b"positions")
    return path


def test_positions_are_printed_as_json(positions: Path) -> None:
    (read,) = inspect(positions)["statements"]

    assert (read["first_day"], read["last_day"]) == ("2026-03-01", None)
    assert read["holdings_date"] == "2026-03-31"
    assert read["holdings"] == [
        {
            "security": {
                "scheme": "ISIN",
                "number": "XX0000000001",
                "name": "Fund [b]",
                "ticker": "FND",
            },
            "date": "2026-03-31",
            "quantity": "10",
            "price": {"amount": "12.50", "currency": "EUR"},
            "value": {"amount": "125.00", "currency": "EUR"},
            "cost_basis": None,
            "line": 7,
        }
    ]


def test_positions_are_printed_as_a_table(
    positions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("inspect_statement", str(positions))

    output = capsys.readouterr().out
    assert "Positions" in output
    assert "Fund [b]" in output
    assert "12.50 EUR" in output
    assert "2026-03-01 to …" in " ".join(output.split())


def test_a_long_security_name_truncates_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    long = replace(
        POSITION,
        security=replace(POSITION.security, name="Fund of Extraordinarilylongnamed Shares"),
        quantity=Decimal("123456.789"),
        value=Money(Decimal("1543209.86"), "EUR"),
    )
    reading = with_ports(
        container.use_cases,
        statement_readers=[PositionsReader([long])],
        unpack=unpack,
        max_file_bytes=100,
    )
    monkeypatch.setattr(container, "use_cases", reading)
    path.write_bytes(b"positions")

    call_command("inspect_statement", str(path))

    output = capsys.readouterr().out.split("Positions")[1]
    assert "2026-03-31" in output
    assert "\N{HORIZONTAL ELLIPSIS}" not in output
    assert {line[-1] for line in output.splitlines()[1:] if line} == set("┓┃┩│┘")
