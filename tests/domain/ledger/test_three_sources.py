"""Files and a provider of one account: nearly all is paired, in whatever order it is imported."""

from itertools import permutations

import pytest
from rich.console import Console

from tests.lanes import many
from tests.three_sources import SOURCES, simulate


@pytest.mark.parametrize("order", [*permutations(SOURCES)], ids="-".join)
def test_what_three_sources_report_is_paired(order: tuple[str, ...]) -> None:
    counts = simulate(order, range(1, many(21, 101)))

    certain, wrong = (counts[each] / counts["pairs"] for each in ("certain", "wrong"))
    figures = f"{certain:.2%} certain, {wrong * 1000:.3f} ‰ wrong, {dict(counts)}"
    Console().print(figures)
    assert certain >= 0.95, figures
    # Some rows of the last days are in one source only, and are taken for equal ones beside them.
    assert wrong <= 0.0003, figures
