"""What each role of staff may view."""

import pytest

from domain.shared.result import Failure, Success
from domain.staff.values import StaffName, StaffRole

FEATURES = {"identity", "connections", "ledger", "outbox", "audit", "staff"}
VIEWED = {
    StaffRole.SUPPORT: {"identity", "connections", "ledger"},
    StaffRole.OPERATOR: {"identity", "connections", "ledger", "outbox"},
    StaffRole.AUDITOR: {"audit"},
    StaffRole.ADMINISTRATOR: FEATURES,
}


@pytest.mark.parametrize("role", StaffRole)
def test_a_role_may_view_what_its_work_needs(role: StaffRole) -> None:
    assert {each for each in FEATURES if role.may_view(each)} == VIEWED[role]


def test_only_operators_may_operate() -> None:
    assert [role for role in StaffRole if role.may_operate] == [StaffRole.OPERATOR]


@pytest.mark.parametrize("text", ["grace", "Grace.Hopper+1@x-y_z", "ﬁne"])
def test_a_user_name_is_parsed(text: str) -> None:
    assert isinstance(StaffName.parse(f" {text}\n"), Success)


def test_a_user_name_is_normalised() -> None:
    assert StaffName.parse("ﬁne") == Success(StaffName("fine"))
    assert str(StaffName("fine")) == "fine"


@pytest.mark.parametrize("text", ["", " ", "a b", "a\nb", "<b>", "x" * 151])
def test_an_invalid_user_name_is_refused(text: str) -> None:
    assert isinstance(StaffName.parse(text), Failure)
