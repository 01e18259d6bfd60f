"""Every field of a use case or a view has the type of the port with its name."""

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
def test_every_field_of_a_use_case_is_a_port(kind: type) -> None:
    assert wrong(kind, names(kind)) == []


@pytest.mark.parametrize("view", VIEWS)
def test_every_field_of_a_view_is_a_use_case(view: type[UnlimitedView]) -> None:
    assert wrong(view, view.needs()) == []


def test_every_port_is_used() -> None:
    used = {name for kind in USE_CASES for name in names(kind)}

    assert PORTS.keys() - used == set()


@pytest.mark.parametrize("ports", [container.ports, Fakes().world], ids=["production", "memory"])
@pytest.mark.parametrize("kind", USE_CASES)
def test_a_use_case_is_built_once(kind: type, ports: Ports) -> None:
    use_cases = UseCases(ports)
    built: object = use_cases.use(kind)

    assert isinstance(built, kind)
    assert built is use_cases.use(kind)


def test_use_cases_share_their_parts() -> None:
    use = UseCases(container.ports).use

    assert use(LogIn).authenticator is use(ReauthenticateSession).authenticator


def test_background_work_shares_the_queue_and_waits_for_it() -> None:
    here, later = container.ports.reading_queue, container.background.ports.reading_queue

    assert (later._queues, later._timeout) == (here._queues, None)


@pytest.mark.parametrize("of", ["staff", "operator"])
def test_staff_actions_are_written_with_their_own_role(of: str) -> None:
    theirs: Ports = getattr(container, of).ports
    other = {name for name in PORTS if getattr(theirs, name) is not getattr(container.ports, name)}

    assert other == {
        *("unit_of_work", "audit_trail", "rate_limiter", "attempts"),
        *("staff", "staff_factors", "hasher"),
    }


class TestTheGuardItself:
    @dataclass(frozen=True, kw_only=True)
    class Misnamed(UseCase):
        user_repository: UserRepository
        users: Clock

    def test_finds_an_unknown_name_and_a_wrong_type(self) -> None:
        assert wrong(self.Misnamed, names(self.Misnamed)) == ["user_repository", "users"]

    def test_an_unknown_field_is_reported_at_once(self) -> None:
        message = r"Misnamed.user_repository is not a use case, and no port has this name\."

        with pytest.raises(TypeError, match=message):
            UseCases(container.ports).use(self.Misnamed)

    def test_finds_use_cases(self) -> None:
        assert {LogIn, ReauthenticateSession} < set(USE_CASES)
        assert all(kind.__module__.startswith("dashtam.application.") for kind in USE_CASES)
