"""Use cases with ports in memory."""

import pytest

from tests.contracts.world import World
from tests.fakes import (
    InMemoryAccountRepository,
    InMemoryAuditTrail,
    InMemoryBalanceRepository,
    InMemoryConnectionRepository,
    InMemoryImportRepository,
    InMemorySessionRepository,
    InMemoryTransactionRepository,
    InMemoryUserRepository,
    Store,
)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def world(store: Store) -> World:
    """All repositories in memory."""
    return World(
        users=InMemoryUserRepository(store),
        sessions=InMemorySessionRepository(store),
        connections=InMemoryConnectionRepository(store),
        accounts=InMemoryAccountRepository(store),
        transactions=InMemoryTransactionRepository(store),
        balances=InMemoryBalanceRepository(store),
        imports=InMemoryImportRepository(store),
        audit_trail=InMemoryAuditTrail(store),
    )
