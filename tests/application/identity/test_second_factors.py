"""Enrolling, confirming and removing second factors."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.identity.errors import SecondFactorExists, SecondFactorNotFound, WrongCode
from domain.shared.ids import SecondFactorId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.application.identity.factors import Ada

MISSING = Failure(SecondFactorNotFound("No such second factor."))
WRONG = Failure(WrongCode("That code is wrong or has expired."))


async def test_repr_hides_the_secret(app: Application) -> None:
    ada = await Ada.logged_in(app)
    enrolment = await ada.enrolled()
    codes = await ada.confirmed()

    entries = f"{enrolment!r} {codes!r} {app.store.entries!r} {app.publisher.published!r}"

    assert enrolment.uri not in entries
    assert repr(enrolment.factor.secret.key) not in entries
    assert [code.text for code in codes if code.text in entries] == []


@pytest.mark.parametrize("steps", [-1, 0, 1])
async def test_a_current_code_confirms_a_factor(app: Application, steps: int) -> None:
    ada = await Ada.logged_in(app)
    await ada.enrolled()

    done = await ada.try_code(ada.code(steps))

    assert isinstance(done, Success)
    assert len(done.value) == 10
    factor = app.store.second_factors[ada.id]
    assert factor.confirmed_at == app.clock.at
    assert factor.last_step == app.clock.at.timestamp() // 30 + steps
    assert app.trail[-2:] == [
        ("second_factor.confirmed", "success"),
        ("recovery_codes.issued", "success"),
    ]
    assert "second_factor.confirmed" in app.announced


@pytest.mark.parametrize("steps", [-2, 2, 100])
async def test_a_code_of_another_time_does_not_confirm(app: Application, steps: int) -> None:
    ada = await Ada.logged_in(app)
    await ada.enrolled()

    assert await ada.try_code(ada.code(steps)) == WRONG

    assert app.store.second_factors[ada.id].confirmed_at is None
    assert app.store.recovery_codes == {}
    assert app.trail[-1] == ("second_factor.confirm", "failure")


async def test_a_factor_is_confirmed_once(app: Application) -> None:
    ada = await Ada.logged_in(app)
    await ada.confirmed()
    codes = app.store.recovery_codes[ada.id]

    repeated = await ada.try_code(ada.code())

    assert repeated == Failure(SecondFactorExists("This second factor is already confirmed."))
    assert app.store.recovery_codes[ada.id] == codes


async def test_a_new_secret_replaces_an_unconfirmed_one(app: Application) -> None:
    ada = await Ada.logged_in(app)
    await ada.enrolled()
    old = ada.code()
    await ada.enrolled()

    assert await ada.try_code(old) == WRONG
    assert isinstance(await ada.try_code(ada.code()), Success)


async def test_a_confirmed_factor_is_not_replaced(app: Application) -> None:
    ada = await Ada.logged_in(app)
    await ada.confirmed()
    stored = app.store.second_factors[ada.id]

    repeated = await ada.enrol(user_id=ada.id)

    assert repeated == Failure(
        SecondFactorExists("You already have a second factor. Remove it first.")
    )
    assert app.store.second_factors[ada.id] == stored
    assert app.trail[-1] == ("second_factor.enrol", "failure")


async def test_another_users_factor_is_not_found(app: Application) -> None:
    ada = await Ada.logged_in(app)
    await ada.confirmed()
    factor = app.store.second_factors[ada.id]
    nobody, nothing = UserId(new_id()), SecondFactorId(new_id())

    for owner, which in ((nobody, factor.id), (ada.id, nothing)):
        session = replace(ada.session, user_id=owner)
        confirmed = await ada.confirm(second_factor_id=which, session=session, code=ada.code())
        removed = await ada.remove(second_factor_id=which, user_id=owner)
        assert confirmed == removed == MISSING

    assert await ada.issue_codes(user_id=nobody) == MISSING
    assert app.store.second_factors[ada.id] == factor


async def test_removing_a_factor_deletes_everything_of_it(app: Application) -> None:
    ada = await Ada.logged_in(app)
    await ada.confirmed()
    factor = app.store.second_factors[ada.id]

    assert await ada.remove(second_factor_id=factor.id, user_id=ada.id) == Success(None)

    assert app.store.second_factors == {}
    assert app.store.recovery_codes == {}
    assert app.trail[-1] == ("second_factor.removed", "success")
    assert await ada.list(user_id=ada.id) == Success([])


async def test_codes_are_issued_only_for_a_confirmed_factor(app: Application) -> None:
    ada = await Ada.logged_in(app)

    assert await ada.issue_codes(user_id=ada.id) == MISSING
    await ada.enrolled()
    assert await ada.issue_codes(user_id=ada.id) == MISSING

    assert app.store.recovery_codes == {}
    assert app.trail[-1] == ("recovery_codes.issue", "failure")


async def test_the_list_has_the_number_of_codes_left(app: Application) -> None:
    ada = await Ada.logged_in(app)
    codes = await ada.confirmed()
    await app.world.second_factors.consume_code(ada.id, codes[0], app.clock.at)
    app.clock.at += timedelta(days=1)

    listed = await ada.list(user_id=ada.id)

    assert listed == Success([(app.store.second_factors[ada.id], 9)])
    entry = app.store.entries[-1]
    assert (entry.action, entry.details) == ("second_factors.viewed", {"count": 1})
