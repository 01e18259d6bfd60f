"""Use cases with ports in memory."""

from dataclasses import replace
from typing import TypeVar

import pytest

from dashtam.application.identity.users import RegisterUser
from dashtam.container.wiring import UseCases
from domain.shared.result import Success
from tests.application.worlds import Fakes
from tests.contracts.world import World
from tests.factories import NOON
from tests.fakes import Store

U = TypeVar("U")


class Application(Fakes):
    """The use cases over one store."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.use_cases = UseCases(self.world)

    def use(self, kind: type[U]) -> U:
        return self.use_cases.use(kind)

    @property
    def trail(self) -> list[tuple[str, str]]:
        """The actions and their results."""
        return [(entry.action, entry.result) for entry in self.store.entries]

    @property
    def announced(self) -> list[str]:
        return [event.name for event in self.publisher.published]

    async def enrol(self, *, email: str, password: str) -> None:
        """Register a user with a verified email address."""
        done = await self.use(RegisterUser)(email=email, password=password)
        assert isinstance(done, Success)
        self.store.users |= {
            user.id: replace(user, verified_at=NOON) for user in self.store.users.values()
        }


@pytest.fixture
def app() -> Application:
    return Application()


@pytest.fixture
def store(app: Application) -> Store:
    return app.store


@pytest.fixture
def world(app: Application) -> World:
    return app.world
