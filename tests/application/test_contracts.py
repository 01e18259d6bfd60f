"""The unit of work in memory fulfils the contract of the real one."""

import pytest

from domain.shared.ports import UnitOfWorkFactory
from tests.contracts.unit_of_work import UnitOfWorkContract
from tests.fakes import InMemoryUnitOfWork, RecordingPublisher, Store


class TestUnitOfWork(UnitOfWorkContract):
    @pytest.fixture
    def publisher(self) -> RecordingPublisher:
        return RecordingPublisher()

    @pytest.fixture
    def unit_of_work(self, store: Store, publisher: RecordingPublisher) -> UnitOfWorkFactory:
        return lambda *, owner=None, snapshot=False: InMemoryUnitOfWork(store, publisher)
