"""Whatever is imported, undone, edited and deleted, in whatever order, the ledger is right."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.adapters.persistence.ledger_machine import LedgerMachine
from tests.adapters.persistence.merge_machine import MergeMachine
from tests.adapters.persistence.past_machine import PastMachine
from tests.lanes import many

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("committing_database")
def test_the_ledger_follows_from_its_imports() -> None:
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=many(500, 10_000),
            stateful_step_count=8,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.usefixtures("committing_database")
def test_the_past_is_stable_and_changes_can_be_replayed() -> None:
    run_state_machine_as_test(
        PastMachine,
        settings=settings(
            max_examples=many(25, 2_000),
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.usefixtures("committing_database")
def test_merged_accounts_follow_from_their_imports_too() -> None:
    run_state_machine_as_test(
        MergeMachine,
        settings=settings(
            max_examples=many(60, 2_000),
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
