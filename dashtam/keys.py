"""Encryption and signing keys, from the settings or, in development, from a file."""

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
#: All settings that hold keys.
SETTINGS = ("AUDIT_MAC_KEYS", "AUDIT_SEALING_KEY", "AUDIT_PUBLIC_KEYS", "CREDENTIAL_KEYS")


def of(setting: str) -> Mapping[str, bytes]:
    """Return the keys of a setting by their ids; the first one is in use."""
    value = getattr(settings, setting) or _development().get(setting)
    if not value:
        raise ImproperlyConfigured(f"The setting {setting} is missing: see manage.py make_keys.")
    return parse(setting, value if isinstance(value, str) else ",".join(value))


def parse(setting: str, text: str) -> Mapping[str, bytes]:
    """Parse the value of a setting; raise `ImproperlyConfigured` if it is not a list of keys."""
    return dict(_parse(setting, item) for item in text.split(","))


def make() -> dict[str, str]:
    """Generate new keys, as settings."""
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
    """Return the path of the file that holds the keys in development."""
    return settings.DATA_DIR / "keys.env"


def configured() -> dict[str, str]:
    """Return all settings of keys that have a value, without generating any."""
    stored = _read() if path().exists() and not settings.PRODUCTION else {}
    values = {name: getattr(settings, name) or stored.get(name, "") for name in SETTINGS}
    return {
        name: value if isinstance(value, str) else ",".join(value)
        for name, value in values.items()
        if value
    }


def write(keys: Mapping[str, str], where: Path) -> None:
    """Write keys to a new file that nobody else can read, completely or not at all."""
    where.parent.mkdir(parents=True, exist_ok=True)
    draft = where.with_name(f"{where.name}.{os.getpid()}")
    try:
        with private_files.create(draft) as file:
            file.write("".join(f"{name}={value}\n" for name, value in keys.items()).encode())
        os.link(draft, where)
    finally:
        draft.unlink(missing_ok=True)


def require_room(where: Path) -> None:
    """Raise `OSError` if a file of keys cannot be written there."""
    write({}, where)
    where.unlink()


def activate(keys: Mapping[str, str]) -> None:
    """Use these keys from now on in this process."""
    for name, value in keys.items():
        setattr(settings, name, value.split(","))


def _parse(setting: str, item: str) -> tuple[str, bytes]:
    key_id, _, text = item.strip().partition(":")
    try:
        key = b64decode(text, validate=True)
    except Error:
        key = b""
    if not key_id or len(key) != KEY_BYTES:
        # Do not show the value: it may be a secret with a typing error.
        raise ImproperlyConfigured(
            f"The setting {setting} is not `id:base64` with a key of 32 bytes."
        )
    return key_id, key


def _development() -> Mapping[str, str]:
    """Return the development keys, and generate them first if there are none."""
    if settings.PRODUCTION:
        return {}
    if not path().exists():
        _generate()
    return _read()


def _generate() -> None:
    """Generate keys for a database in which nothing is signed or encrypted yet."""
    if connections["default"].vendor == "postgresql" and is_in_use():
        raise ImproperlyConfigured(
            f"The file {path()} is missing. It holds the keys that this database was written with,"
            " and new keys cannot replace them. Put the file back, or restore a backup with"
            " --with-keys."
        )
    try:
        write(make(), path())
    except FileExistsError:
        # Another process has written the file meanwhile: use its keys.
        return


def _read() -> dict[str, str]:
    return dict(line.split("=", 1) for line in path().read_text().splitlines() if line)
