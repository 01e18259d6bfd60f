"""Encrypts the keys of an installation with a passphrase, to be stored beside a backup.

The file is JSON with the parameters of Argon2id (RFC 9106) and the settings under AES-256-GCM; the
parameters are authenticated as well.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORM = "dashtam-keys/1"
_SALT, _NONCE, _KEY = 16, 12, 32
# The cost of one guess: half a second and 256 MiB.
_COST = {"time_cost": 4, "memory_cost": 256 * 1024, "parallelism": 2}
_BOUNDS = {"time_cost": (1, 16), "memory_cost": (8 * 16, 1024 * 1024), "parallelism": (1, 16)}
_SALTS = range(8, 65)


# What a modified file can cause: invalid JSON, wrong types, excessive costs.
_ERRORS = (
    *(ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError),
    *(HashingError, InvalidTag),
)


class NotOpened(Exception):
    """The passphrase is wrong, or the file was modified."""


def seal(settings: Mapping[str, str], passphrase: str) -> bytes:
    """Return the settings, encrypted with the passphrase."""
    head = {"form": FORM, **_COST, "salt": b64encode(os.urandom(_SALT)).decode()}
    nonce = os.urandom(_NONCE)
    text = json.dumps(dict(settings)).encode()
    sealed = nonce + AESGCM(_key(head, passphrase)).encrypt(nonce, text, _bound(head))
    return json.dumps({**head, "sealed": b64encode(sealed).decode()}, indent=2).encode() + b"\n"


def open_sealed(data: bytes, passphrase: str) -> dict[str, str]:
    """Return the settings, or raise `NotOpened` without revealing what is wrong."""
    try:
        head = json.loads(data)
        sealed = b64decode(head.pop("sealed"), validate=True)
        _require_bounds(head)
        cipher = AESGCM(_key(head, passphrase))
        text = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(head))
    except _ERRORS:
        raise NotOpened from None
    opened: dict[str, str] = json.loads(text)
    return opened


def _require_bounds(head: Mapping[str, Any]) -> None:
    if head["form"] != FORM:
        raise ValueError(head["form"])
    for name, (least, most) in _BOUNDS.items():
        if not least <= head[name] <= most:
            raise ValueError(name)
    if len(b64decode(str(head["salt"]), validate=True)) not in _SALTS:
        raise ValueError("salt")


def _key(head: Mapping[str, object], passphrase: str) -> bytes:
    return hash_secret_raw(
        secret=passphrase.encode(),
        salt=b64decode(str(head["salt"]), validate=True),
        time_cost=int(str(head["time_cost"])),
        memory_cost=int(str(head["memory_cost"])),
        parallelism=int(str(head["parallelism"])),
        hash_len=_KEY,
        type=Type.ID,
    )


def _bound(head: Mapping[str, object]) -> bytes:
    return json.dumps(head, sort_keys=True).encode()
