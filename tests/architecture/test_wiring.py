"""What a use case or a view asks for by a name is what the record of ports has by that name."""

from dataclasses import dataclass, fields
from typing import get_type_hints

import pytest

from dashtam.api.http import UnlimitedView
from dashtam.application.identity.log_in import LogIn, ReauthenticateSession
from dashtam.application.use_case import UseCase
from dashtam.container import container
from dashtam.container.ports import Ports
from dashtam.container.wiring import UseCases
from domain.identity.ports import UserRepository
from domain.shared.ports import Clock
from tests.application.worlds import Fakes
from tests.architecture.test_urls import OURS
from tests.use_cases import use_cases

PORTS = get_type_hints(Ports)
USE_CASES = use_cases()
VIEWS: list[type[UnlimitedView]] = [
    callback.view_class  # type: ignore[attr-defined]  # Django sets it
    for route, callback in OURS
    if route.startswith("api/")
]


def wrong(kind: type, names: set[str]) -> list[str]:
    """Return the fields that cannot be bound, or would be bound to something else."""
    hints = get_type_hints(kind)
    return [name for name in sorted(names) if not _fits(name, hints[name])]


def _fits(name: str, wanted: object) -> bool:
    if name in PORTS:
        return wanted == PORTS[name] or wanted in getattr(PORTS[name], "__mro__", ())
    return wanted in USE_CASES


def names(kind: type) -> set[str]:
    return {each.name for each in fields(kind)}


@pytest.mark.parametrize("kind", USE_CASES)
def test_a_use_case_asks_for_what_there_is(kind: type) -> None:
    assert wrong(kind, names(kind)) == []


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_asks_for_what_there_is(view: type[UnlimitedView]) -> None:
    assert wrong(view, view.needs()) == []


def test_every_port_is_asked_for() -> None:
    asked = {name for kind in USE_CASES for name in names(kind)}

    # Nobody stores credentials before there are providers.
    assert PORTS.keys() - asked == {"vault"}


@pytest.mark.parametrize("ports", [container.ports, Fakes().world], ids=["production", "memory"])
@pytest.mark.parametrize("kind", USE_CASES)
def test_a_use_case_is_built_once(kind: type, ports: Ports) -> None:
    use_cases = UseCases(ports)
    built: object = use_cases.use(kind)

    assert isinstance(built, kind)
    assert built is use_cases.use(kind)


def test_use_cases_share_what_they_are_made_of() -> None:
    use = UseCases(container.ports).use

    assert use(LogIn).authenticator is use(ReauthenticateSession).authenticator


def test_work_in_the_background_shares_the_turns_and_waits_for_them() -> None:
    here, later = container.ports.reading_queue, container.background.ports.reading_queue

    assert (later._queues, later._timeout) == (here._queues, None)


@pytest.mark.parametrize("of", ["staff", "operator"])
def test_what_staff_do_is_written_with_a_role_of_its_own(of: str) -> None:
    theirs: Ports = getattr(container, of).ports
    other = {name for name in PORTS if getattr(theirs, name) is not getattr(container.ports, name)}

    assert other == {
        *("unit_of_work", "audit_trail", "rate_limiter", "attempts"),
        *("staff", "staff_factors", "hasher"),
    }


class TestTheGuardItself:
    @dataclass(frozen=True, kw_only=True)
    class Mistaken(UseCase):
        user_repository: UserRepository
        users: Clock

    def test_sees_a_name_that_nothing_has_and_a_type_that_is_another(self) -> None:
        assert wrong(self.Mistaken, names(self.Mistaken)) == ["user_repository", "users"]

    def test_what_nothing_has_is_told_at_once(self) -> None:
        told = r"Mistaken.user_repository is not a use case, and no port has this name\."

        with pytest.raises(TypeError, match=told):
            UseCases(container.ports).use(self.Mistaken)

    def test_finds_use_cases(self) -> None:
        assert {LogIn, ReauthenticateSession} < set(USE_CASES)
        assert all(kind.__module__.startswith("dashtam.application.") for kind in USE_CASES)
