"""A date is as the bank wrote it, wherever the machine is that reads it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.camt import NTRY, entry, message, statement
from tests.statements import ofx, transaction
from tests.statements import statement as ofx_statement

pytestmark = pytest.mark.slow

LATE = "<DtTm>2026-03-01T23:59:59-11:00</DtTm>"
FILES = {
    "march.xml": message(statement(entry(NTRY.replace("<Dt>2026-03-01</Dt>", LATE)))),
    "march.ofx": ofx(ofx_statement(transaction(day="20260301235959.000[-11:SST]"))),
    "march.sta": b":20:R\n:25:1\n:60F:C260228EUR1,\n:61:2603010301D1,NTRFX\n",
    "march.qif": b"!Type:Bank\nD03/01/2026\nT-1.00\nPShop\n^\nD03/31/2026\nT-1\n^\n",
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_output_is_the_same_in_every_time_zone(tmp_path: Path, name: str, zone: str) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name])
    command = [sys.executable, "manage.py", "inspect_statement", str(path), "--format", "json"]

    completed = subprocess.run(
        [*command, "--currency", "EUR"],
        cwd=settings.ROOT,
        env={**os.environ, "TZ": zone},
        capture_output=True,
        check=True,
    )

    assert b'"date": "2026-03-01"' in completed.stdout
