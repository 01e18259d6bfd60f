"""Balances and net worth from one SQL statement equal those that are computed day by day."""

from collections.abc import Sequence

import pytest
from asgiref.sync import async_to_sync
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.ledger.entities import Account
from domain.ledger.kinds import AccountKind
from domain.ledger.net_worth import NetWorth, NetWorthRange
from tests.application.worlds import Fakes
from tests.contracts.world import World
from tests.fakes import Store
from tests.random_ledgers import (
    AStatement,
    find,
    import_file,
    kinds,
    make_accounts,
    periods,
    statements,
)

some_kinds = st.lists(kinds, min_size=1, max_size=3)
some_files = st.lists(statements, max_size=6)
quiet = [HealthCheck.function_scoped_fixture]


@settings(max_examples=50, deadline=None, suppress_health_check=quiet)
@given(some_kinds, some_files, periods)
def test_fifty_users_have_the_balances_of_the_simple_model(
    django_world: World, kinds: list[AccountKind], files: list[AStatement], period: NetWorthRange
) -> None:
    async_to_sync(_compare)(django_world, kinds, files, period)


@settings(max_examples=450, deadline=None, suppress_health_check=quiet)
@pytest.mark.slow
@given(some_kinds, some_files, periods)
def test_many_users_have_the_balances_of_the_simple_model(
    django_world: World, kinds: list[AccountKind], files: list[AStatement], period: NetWorthRange
) -> None:
    async_to_sync(_compare)(django_world, kinds, files, period)


async def _compare(
    real: World, kinds: list[AccountKind], files: list[AStatement], period: NetWorthRange
) -> None:
    plain = Fakes(Store()).world
    accounts = await make_accounts((real, plain), kinds)
    for file in files:
        await import_file((real, plain), accounts[file.account % len(accounts)], file)
    found = [await find(world, accounts[0].user_id, period) for world in (real, plain)]
    assert found[0].balances == found[1].balances
    assert found[0].net_worth == found[1].net_worth
    assert found[0].ledger == found[1].ledger
    _is_whole(found[0].net_worth, accounts, period)


def _is_whole(found: NetWorth, accounts: Sequence[Account], period: NetWorthRange) -> None:
    """Check what always holds of a result."""
    keys = [(each.day, each.currency) for each in found.items]
    assert keys == sorted(set(keys))
    assert {day for day, _ in keys} <= set(period)
    assert set(found.unknown_accounts) <= {account.id for account in accounts}
    assert found.items or len(found.unknown_accounts) <= len(accounts)
