"""The past of transactions on PostgreSQL: the contract, and overtaking times."""

from datetime import datetime

import pytest
from django.db import connection

from dashtam.container import container
from tests.contracts.history import Past, TransactionHistoryContract
from tests.contracts.world import World


def _let_time_pass() -> datetime:
    """Return the time, and make later writes have another one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp(), set_config('ledger.moment', '', true)")
        at: datetime = cursor.fetchone()[0]
        return at


class TestHistory(TransactionHistoryContract):
    @pytest.fixture
    def world(self, django_world: World) -> World:
        return django_world

    @pytest.fixture
    def past(self, django_world: World) -> Past:
        return Past(container.ports.history, lambda: container.database.run(_let_time_pass))
