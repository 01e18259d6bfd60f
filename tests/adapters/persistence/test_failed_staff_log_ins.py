"""Guesses at the passwords of staff, on the real limiter."""

from typing import Any

import pytest

from dashtam.application.identity.log_in import LogIn
from dashtam.application.staff.log_in import LogInStaff
from dashtam.application.staff.manage_staff import AddStaff
from dashtam.container import container
from domain.shared.limits import ATTEMPTS_PER_ACCOUNT, TooManyRequests
from domain.shared.result import Failure, Success
from domain.staff.errors import InvalidStaffCredentials
from domain.staff.values import StaffRole

pytestmark = pytest.mark.usefixtures("committing_database")

PASSWORD = "a long enough password"
#: All of these are `grace` (NFKC).
SPELLINGS = ["grace", "ｇrace", "gｒace", "grａce", "𝐠race", "𝗀race", " grace", "ⓖrace"]


async def hire() -> None:
    added = await container.operator.use(AddStaff)(
        name="grace", role=StaffRole.SUPPORT, password=PASSWORD
    )
    assert isinstance(added, Success)


async def knock(name: str, password: str = "a wrong long password") -> Any:
    return await container.staff.use(LogInStaff)(name=name, password=password, code="")


async def test_are_counted_together_for_every_spelling_of_a_name() -> None:
    await hire()
    names = [SPELLINGS[number % len(SPELLINGS)] for number in range(ATTEMPTS_PER_ACCOUNT + 6)]

    refused = [(await knock(name)).error for name in names]

    counted = [InvalidStaffCredentials] * ATTEMPTS_PER_ACCOUNT + [TooManyRequests] * 6
    assert [type(error) for error in refused] == counted
    assert isinstance((await knock("𝒈race", PASSWORD)).error, TooManyRequests)


async def test_are_not_used_up_by_customers() -> None:
    await hire()

    for _ in range(ATTEMPTS_PER_ACCOUNT):
        tried = await container.use(LogIn)(email="staff grace", password="a wrong long password")
        assert isinstance(tried, Failure)

    assert isinstance(await knock("grace", PASSWORD), Success)
