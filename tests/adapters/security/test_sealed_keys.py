"""Keys under a passphrase: all of them are restored, or none, whatever happened to the file."""

import json
from typing import Any

import pytest

from adapters.security import sealed_keys
from adapters.security.sealed_keys import NotOpened, open_sealed, seal

PASSPHRASE = "a passphrase for the drill"
SETTINGS = {"AUDIT_MAC_KEYS": "k1:secret", "CREDENTIAL_KEYS": "k1:another"}


# The cost is for attackers, and takes 256 MiB: it is paid once, in the slow lane.
CHEAP_COST = {"time_cost": 2, "memory_cost": 256, "parallelism": 2}


@pytest.fixture(scope="module")
def sealed() -> bytes:
    with pytest.MonkeyPatch.context() as cheaply:
        cheaply.setattr(sealed_keys, "_COST", CHEAP_COST)
        return seal(SETTINGS, PASSPHRASE)


def test_can_be_opened(sealed: bytes) -> None:
    assert open_sealed(sealed, PASSPHRASE) == SETTINGS
    assert b"secret" not in sealed


@pytest.mark.slow
def test_come_back_at_the_cost_of_production() -> None:
    sealed = seal(SETTINGS, PASSPHRASE)

    assert open_sealed(sealed, PASSPHRASE) == SETTINGS
    assert json.loads(sealed)["memory_cost"] == 256 * 1024
    with pytest.raises(NotOpened):
        open_sealed(sealed, "another passphrase")


COSTS: list[Any] = [0, -1, 1, 2**31, 2**64, 1e300, float("nan"), "4", None, [], True]
SALTS: list[Any] = ["", "AA==", "A" * 400, "no base64", None, 7]
TEXTS: list[Any] = ["", "AA==", "no base64", None, 7, []]
CHANGES = [
    *({"form": form} for form in ("dashtam-keys/2", None)),
    *({name: cost} for name in ("time_cost", "memory_cost", "parallelism") for cost in COSTS),
    {"memory_cost": 8, "parallelism": 16},
    *({"salt": salt} for salt in SALTS),
    *({"sealed": text} for text in TEXTS),
    {"more": 1},
]


@pytest.mark.parametrize("changed", CHANGES, ids=str)
def test_of_a_changed_file_are_refused(sealed: bytes, changed: dict[str, Any]) -> None:
    with pytest.raises(NotOpened):
        open_sealed(json.dumps({**json.loads(sealed), **changed}).encode(), PASSPHRASE)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"7", b"null", b'"x"', b"\xff", b"[" * 100_000, b"{}"]
)
def test_of_a_missing_file_are_refused(data: bytes) -> None:
    with pytest.raises(NotOpened):
        open_sealed(data, PASSPHRASE)


@pytest.mark.parametrize("passphrase", ["", "another passphrase", "\udcff"])
def test_with_another_passphrase_are_refused(sealed: bytes, passphrase: str) -> None:
    with pytest.raises(NotOpened):
        open_sealed(sealed, passphrase)
