"""A relay to one reaction, on a database that commits."""

import pytest

from adapters.events import Relay, on
from domain.identity.events import UserRegistered
from tests.adapters.events.reactions import Reaction, relay_to


@pytest.fixture
def reaction() -> Reaction:
    return Reaction()


@pytest.fixture
def relay(committing_database: str, reaction: Reaction) -> Relay:
    return relay_to(on(UserRegistered, reaction, consumer="reaction"))
