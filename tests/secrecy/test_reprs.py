"""Printing shows no secret: domain objects, use cases, requests, key rings."""

from dataclasses import dataclass
from functools import cached_property

import pytest
from pydantic import BaseModel, SecretStr

from dashtam.container import Container, container
from dashtam.container.ports import Ports
from domain.identity.values import Password
from tests import canaries
from tests.secrecy.shapes import CANARY, classes, filled
from tests.use_cases import use_cases

SHAPES = classes(
    *(
        "domain.identity",
        "domain.staff",
        "domain.connections",
        "adapters.security",
        "adapters.audit.mac",
    ),
    *("dashtam.application.authentication", "dashtam.application.identity"),
    *("dashtam.application.staff", "dashtam.application.connections", "dashtam.api.identity"),
)
SHARED = sorted(
    {
        name
        for each in Container.__mro__
        for name, value in vars(each).items()
        if isinstance(value, cached_property)
    }
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_repr_shows_no_secret(shape: type) -> None:
    assert CANARY not in repr(filled(shape))


def test_secret_fields_were_found() -> None:
    with_secrets = {shape.__name__ for shape in SHAPES if CANARY in _bare(filled(shape))}

    assert {"Password", "Token", "UserChanges", "User", "Session", "SecondFactor"} <= with_secrets
    assert {"CredentialsRequest", "TokensResponse", "Keyring", "Authenticated"} <= with_secrets


@pytest.mark.parametrize("name", SHARED)
def test_objects_with_keys_hide_them(name: str) -> None:
    canaries.watch.hear("a repr", repr(getattr(container, name)))


@pytest.mark.parametrize("name", Ports.__dataclass_fields__)
def test_no_port_shows_a_key(name: str) -> None:
    for each in (container, container.staff, container.operator):
        canaries.watch.hear("a repr", repr(getattr(each.ports, name)))


@pytest.mark.parametrize("kind", use_cases())
def test_no_use_case_shows_a_key(kind: type) -> None:
    canaries.watch.hear("a repr", repr(container.use(kind)))


class TestTheGuardItself:
    def test_finds_a_secret_field_of_every_kind(self) -> None:
        for shape in (_Plain, _Typed, _Nested, _Optional, _Model):
            assert CANARY in repr(filled(shape)), shape

    def test_reports_nothing_else(self) -> None:
        assert CANARY not in repr(filled(_Harmless))


@dataclass(frozen=True)
class _Plain:
    password: str


@dataclass(frozen=True)
class _Typed:
    anything: bytes


@dataclass(frozen=True)
class _Nested:
    inner: _Typed | None


@dataclass(frozen=True)
class _Optional:
    token: str | None = None


class _Model(BaseModel):
    access_token: str


class _Harmless(BaseModel):
    chosen: SecretStr
    name: str


def _bare(value: object) -> str:
    """Return everything in a value, whatever its repr shows."""
    if isinstance(value, list):
        return " ".join(_bare(each) for each in value)
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    names = getattr(type(value), "__dataclass_fields__", None) or getattr(
        type(value), "model_fields", ()
    )
    return " ".join(_bare(getattr(value, name, None)) for name in names) if names else str(value)


def test_a_password_is_hidden_at_any_depth() -> None:
    assert "staple" not in repr([Password(canaries.PASSWORD)])
