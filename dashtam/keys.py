"""The keys, each sort for one purpose: from the settings, in development from a file."""

import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from adapters import private_files
from adapters.persistence.plain import is_in_use

KEY_BYTES = 32
#: Every setting that holds keys.
SETTINGS = ("AUDIT_MAC_KEYS", "AUDIT_SEALING_KEY", "AUDIT_PUBLIC_KEYS", "CREDENTIAL_KEYS")


def of(setting: str) -> Mapping[str, bytes]:
    """Return the keys of a setting by their ids, the one in use first."""
    given = getattr(settings, setting) or _development().get(setting)
    if not given:
        raise ImproperlyConfigured(f"The setting {setting} is missing: see manage.py make_keys.")
    return parse(setting, given if isinstance(given, str) else ",".join(given))


def parse(setting: str, text: str) -> Mapping[str, bytes]:
    """Return the keys that a setting says; raise `ImproperlyConfigured` where it says none."""
    return dict(_parse(setting, item) for item in text.split(","))


def make() -> dict[str, str]:
    """Return new keys, as settings."""
    key_id = f"k{secrets.token_hex(3)}"
    sealing = Ed25519PrivateKey.generate()
    made = {
        "AUDIT_MAC_KEYS": secrets.token_bytes(KEY_BYTES),
        "AUDIT_SEALING_KEY": sealing.private_bytes_raw(),
        "AUDIT_PUBLIC_KEYS": sealing.public_key().public_bytes_raw(),
        "CREDENTIAL_KEYS": secrets.token_bytes(KEY_BYTES),
    }
    return {name: f"{key_id}:{b64encode(key).decode()}" for name, key in made.items()}


def path() -> Path:
    """Return where the keys of this machine are kept in development."""
    return settings.DATA_DIR / "keys.env"


def known() -> dict[str, str]:
    """Return every setting of keys that has a value here; nothing is made for it."""
    kept = _kept() if path().exists() and not settings.PRODUCTION else {}
    given = {name: getattr(settings, name) or kept.get(name, "") for name in SETTINGS}
    return {
        name: value if isinstance(value, str) else ",".join(value)
        for name, value in given.items()
        if value
    }


def keep(given: Mapping[str, str], where: Path) -> None:
    """Write keys into a new file that nobody else can read, whole or not at all."""
    where.parent.mkdir(parents=True, exist_ok=True)
    draft = where.with_name(f"{where.name}.{os.getpid()}")
    try:
        with private_files.create(draft) as file:
            file.write("".join(f"{name}={value}\n" for name, value in given.items()).encode())
        os.link(draft, where)
    finally:
        draft.unlink(missing_ok=True)


def require_room(where: Path) -> None:
    """Raise `OSError` where keys could not be kept."""
    keep({}, where)
    where.unlink()


def use(given: Mapping[str, str]) -> None:
    """Work with these keys from now on, in this process."""
    for name, value in given.items():
        setattr(settings, name, value.split(","))


def _parse(setting: str, item: str) -> tuple[str, bytes]:
    key_id, _, text = item.strip().partition(":")
    try:
        key = b64decode(text, validate=True)
    except Error:
        key = b""
    if not key_id or len(key) != KEY_BYTES:
        # Never the value: it is a secret, or nearly one.
        raise ImproperlyConfigured(f"The setting {setting} holds no `id:base64` of 32 bytes.")
    return key_id, key


def _development() -> Mapping[str, str]:
    """Return the keys of this machine, made when they are first asked for."""
    if settings.PRODUCTION:
        return {}
    if not path().exists():
        _begin()
    return _kept()


def _begin() -> None:
    """Make keys for a database in which nothing is signed or sealed yet."""
    if connections["default"].vendor == "postgresql" and is_in_use():
        raise ImproperlyConfigured(
            f"The file {path()} is missing, and the database was written with the keys in it."
            " Put it back, or restore a backup with --with-keys. New keys would open nothing."
        )
    try:
        keep(make(), path())
    except FileExistsError:
        # Whoever comes second finds what the first has written, whole.
        return


def _kept() -> dict[str, str]:
    return dict(line.split("=", 1) for line in path().read_text().splitlines() if line)
