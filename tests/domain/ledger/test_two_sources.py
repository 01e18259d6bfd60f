"""Of what a bank reports twice in other words, nearly all is paired, and hardly any wrongly."""

from rich.console import Console

from tests.lanes import LONG, many
from tests.two_sources import simulate


def test_what_two_sources_report_is_paired() -> None:
    counts = simulate(many(4, 20), many(600, 1500), seeds=range(1, 6) if LONG else [1])

    certain, wrong = (counts[each] / counts["both"] for each in ("certain", "wrong"))
    figures = f"{certain:.2%} certain, {wrong * 1000:.3f} ‰ wrong, {dict(counts)}"
    Console().print(figures)
    assert certain >= 0.95, figures
    assert wrong <= 0.0001, figures
