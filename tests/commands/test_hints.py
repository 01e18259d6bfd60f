"""Hints on the command line for a file that leaves something undecided."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

QIF = "!Type:Bank\nD04/03/2026\nT-12.50\nPCoffee house\n^\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "march.qif"
    made.write_text(QIF)
    return made


def test_undecided_questions_are_asked_one_by_one(path: Path) -> None:
    with pytest.raises(CommandError, match="names no currency"):
        call_command("inspect_statement", str(path))
    with pytest.raises(CommandError, match="can be read in two ways"):
        call_command("inspect_statement", str(path), "--currency", "EUR")


@pytest.mark.parametrize(
    ("order", "day"), [("day_first", "2026-03-04"), ("month_first", "2026-04-03")]
)
def test_given_hints_are_used(
    path: Path, capsys: pytest.CaptureFixture[str], order: str, day: str
) -> None:
    call_command("inspect_statement", str(path), "--currency", "eur", "--date-order", order)

    output = capsys.readouterr().out
    assert day in output
    assert "-12.50 EUR" in output
