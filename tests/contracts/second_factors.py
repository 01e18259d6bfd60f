"""What every implementation of `SecondFactorRepository` must do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.identity.entities import SecondFactor
from domain.identity.errors import SecondFactorNotFound
from domain.identity.values import RecoveryCode, TotpSecret
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import NOON, make_second_factor

MISSING = Failure(SecondFactorNotFound("No such second factor."))
ONE, TWO, THREE = (RecoveryCode.of(bytes([number]) * RecoveryCode.LENGTH) for number in (1, 2, 3))


async def put(world: World, email: str = "ada@example.org") -> SecondFactor:
    factor = make_second_factor((await world.user(email)).id)
    assert await world.second_factors.upsert(factor) == Success(None)
    return factor


class SecondFactorRepositoryContract:
    async def test_returns_what_was_stored(self, world: World) -> None:
        factor = await put(world)

        assert await world.second_factors.get(factor.user_id) == Success(factor)

    async def test_reports_a_missing_factor(self, world: World) -> None:
        owner = (await world.user()).id

        assert await world.second_factors.get(owner) == MISSING
        assert await world.second_factors.codes_left(owner) == Success(0)
        assert await world.second_factors.remove(owner) == Success(None)

    async def test_stores_changes(self, world: World) -> None:
        factor = await put(world)
        confirmed = replace(factor, confirmed_at=NOON + timedelta(minutes=1), last_step=7)

        assert await world.second_factors.upsert(confirmed) == Success(None)

        assert await world.second_factors.get(factor.user_id) == Success(confirmed)

    async def test_replaces_a_factor(self, world: World) -> None:
        factor = await put(world)
        other = make_second_factor(factor.user_id, secret=TotpSecret(b"2" * 20))

        assert await world.second_factors.upsert(other) == Success(None)

        assert await world.second_factors.get(factor.user_id) == Success(other)
        assert await world.second_factors.consume_step(factor, 9) == Success(False)

    async def test_deletes_it_with_its_codes(self, world: World) -> None:
        factor = await put(world)
        await world.second_factors.replace_codes(factor.user_id, [ONE, TWO])

        assert await world.second_factors.remove(factor.user_id) == Success(None)

        assert await world.second_factors.get(factor.user_id) == MISSING
        assert await world.second_factors.codes_left(factor.user_id) == Success(0)
        assert await world.second_factors.consume_code(factor.user_id, ONE, NOON) == Success(False)
        assert await world.second_factors.consume_step(factor, 9) == Success(False)

    @pytest.mark.parametrize(
        ("steps", "results"),
        [
            ([5], [True]),
            ([5, 5], [True, False]),
            ([5, 4], [True, False]),
            ([5, 6, 5, 7], [True, True, False, True]),
        ],
    )
    async def test_steps_only_increase(
        self, world: World, steps: list[int], results: list[bool]
    ) -> None:
        factor = await put(world)

        done = [await world.second_factors.consume_step(factor, step) for step in steps]

        assert done == [Success(each) for each in results]
        left = replace(factor, last_step=max(steps))
        assert await world.second_factors.get(factor.user_id) == Success(left)

    async def test_consumes_a_code_once(self, world: World) -> None:
        factors, owner = world.second_factors, (await put(world)).user_id
        await factors.replace_codes(owner, [ONE, TWO])

        assert await factors.consume_code(owner, ONE, NOON) == Success(True)
        assert await factors.consume_code(owner, ONE, NOON) == Success(False)
        assert await factors.consume_code(owner, THREE, NOON) == Success(False)
        assert await factors.codes_left(owner) == Success(1)

    async def test_new_codes_replace_all_others(self, world: World) -> None:
        factors, owner = world.second_factors, (await put(world)).user_id
        await factors.replace_codes(owner, [ONE, TWO])
        await factors.consume_code(owner, ONE, NOON)

        assert await factors.replace_codes(owner, [THREE]) == Success(None)

        assert await factors.codes_left(owner) == Success(1)
        assert await factors.consume_code(owner, TWO, NOON) == Success(False)
        assert await factors.consume_code(owner, THREE, NOON) == Success(True)

    async def test_leaves_other_users_alone(self, world: World) -> None:
        factors, ada = world.second_factors, await put(world)
        eve = await put(world, "eve@example.org")
        for owner in (ada.user_id, eve.user_id):
            await factors.replace_codes(owner, [ONE])

        assert await factors.consume_code(eve.user_id, ONE, NOON) == Success(True)
        assert await factors.consume_step(eve, 9) == Success(True)
        assert await factors.remove(eve.user_id) == Success(None)

        assert await factors.get(ada.user_id) == Success(ada)
        assert await factors.codes_left(ada.user_id) == Success(1)
        disguised = replace(ada, user_id=eve.user_id)
        assert await factors.consume_step(disguised, 9) == Success(False)
