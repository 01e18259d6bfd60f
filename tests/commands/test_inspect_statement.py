"""Text from banks is printed unchanged, and a failing output is reported in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.adapters.statements.ofx_investments import file, investment, position
from tests.statements import ofx, statement, transaction

EXAMPLE = settings.ROOT / "examples" / "statements" / "savings.ofx"


@pytest.mark.parametrize("text", ["Shop [/b]", "Shop [red]", "Shop :warning:"])
def test_text_that_looks_like_markup_is_printed_unchanged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "march.ofx"
    path.write_bytes(ofx(statement(transaction(name=text), number="[/b]")))

    call_command("inspect_statement", str(path))

    assert text in capsys.readouterr().out


@pytest.mark.parametrize("format", ["json", "table"])
def test_unreadable_positions_are_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str
) -> None:
    path = tmp_path / "holdings.ofx"
    path.write_text(file(investment(positions=position(units="many"))))

    call_command("inspect_statement", str(path), "--format", format)

    assert "UNITS: the amount is not a number" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("format", ["json", "table"])
def test_a_closed_pipe_causes_no_traceback(format: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        _ends_in_a_line(writing, format)
    finally:
        os.close(writing)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("format", ["json", "table"])
def test_a_full_disk_causes_no_traceback(format: str) -> None:
    with Path("/dev/full").open("wb") as full:
        _ends_in_a_line(full.fileno(), format)


@pytest.mark.parametrize("currency", ["euro", "ABC", "XXX"])
def test_invalid_hints_are_refused(currency: str) -> None:
    with pytest.raises(CommandError, match="not a currency: use its ISO 4217 code"):
        call_command("inspect_statement", str(EXAMPLE), "--currency", currency)


def _ends_in_a_line(output: int, format: str) -> None:
    command = [sys.executable, "manage.py", "inspect_statement", str(EXAMPLE), "--format", format]
    ended = subprocess.run(
        command, cwd=settings.ROOT, stdout=output, stderr=subprocess.PIPE, text=True, check=False
    )
    assert ended.returncode == 1
    # A table for a pipe that was closed ends without a word, as is the custom.
    assert ended.stderr in ("", "CommandError: The output cannot be written.\n")
