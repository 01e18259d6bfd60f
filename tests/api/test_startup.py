"""In production the server starts with the rights it needs, and with none besides."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from adapters.persistence.roles import Role
from dashtam import keys
from dashtam.lifespan import run_lifespan
from tests.api.test_lifespan import Wire

pytestmark = pytest.mark.usefixtures("committing_database")


@pytest.fixture(autouse=True)
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "RELAY_IN_SERVER", False)
    monkeypatch.setattr(settings, "PRODUCTION", True)
    for name, value in keys.make().items():
        monkeypatch.setattr(settings, name, value)


async def started(user: str = Role.APPLICATION) -> Any:
    """Start and stop the server with this login role; return its answer to the start."""
    wire = Wire({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(connections["default"].settings_dict, "USER", user)
        await run_lifespan(wire.receive, wire.send)
    return wire.sent[0]


async def test_it_starts_with_the_role_of_the_application() -> None:
    assert await started() == {"type": "lifespan.startup.complete"}


@pytest.mark.parametrize(
    ("user", "expected"), [("postgres", "is a superuser"), (Role.OWNER, "owns the tables")]
)
async def test_it_refuses_excess_privileges_and_says_which(user: str, expected: str) -> None:
    answer = await started(user)

    assert answer["type"] == "lifespan.startup.failed"
    assert expected in answer["message"]


@pytest.mark.parametrize("missing", ["AUDIT_MAC_KEYS", "CREDENTIAL_KEYS"])
async def test_it_refuses_to_start_without_keys(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setattr(settings, missing, [])

    answer = await started()

    assert answer["message"] == f"The setting {missing} is missing: see manage.py make_keys."


@pytest.mark.parametrize("value", ["k1:short", "nonsense", "k1:" + "A" * 43 + "=,k2:x"])
async def test_an_invalid_key_is_reported_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setattr(settings, "CREDENTIAL_KEYS", value.split(","))

    answer = await started()

    assert "is not `id:base64` with a key of 32 bytes" in answer["message"]
    assert "short" not in answer["message"]


async def test_development_accepts_any_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PRODUCTION", False)

    assert await started() == {"type": "lifespan.startup.complete"}
