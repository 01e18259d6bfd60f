"""Real files of banks, where a collection of them lies beside the project."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings

from adapters.statements.ofx import OfxReader
from domain.shared.result import Success

SAMPLES: Path = settings.ROOT.parent / "shared" / "samples"
FORMATS = {"ofx", "qfx"}
SHARE_READ_WHOLE = 0.98


class Sample(NamedTuple):
    path: Path
    rows: int


def samples() -> Iterator[Sample]:
    with (SAMPLES / "MANIFEST.csv").open(newline="") as manifest:
        for row in csv.DictReader(manifest):
            if row["format"] in FORMATS:
                yield Sample(SAMPLES / row["file"], int(row["transactions"]))


@pytest.mark.skipif(
    not (SAMPLES / "MANIFEST.csv").exists(),
    reason="no collection of real statement files lies in ../shared/samples",
)
def test_every_row_of_real_files_is_accepted_or_quarantined() -> None:
    collection = list(samples())
    whole = [sample for sample in collection if _rows(sample) == sample.rows]

    assert collection
    assert len(whole) >= SHARE_READ_WHOLE * len(collection)


def _rows(sample: Sample) -> int:
    result = OfxReader().read(sample.path.read_bytes())
    assert isinstance(result, Success), result
    file = result.value
    return sum(len(each.rows) for each in file.statements) + len(file.quarantined)
