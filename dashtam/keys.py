"""The keys, each sort for one purpose: from the settings, in development from a file."""

import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32


def of(setting: str) -> Mapping[str, bytes]:
    """Return the keys of a setting by their ids, the one in use first."""
    given = getattr(settings, setting) or _development().get(setting)
    if not given:
        raise ImproperlyConfigured(f"The setting {setting} is missing: see manage.py make_keys.")
    listed = given.split(",") if isinstance(given, str) else given
    return dict(_parse(setting, item) for item in listed)


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
    path = settings.DATA_DIR / "keys.env"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{name}={value}\n" for name, value in make().items())
        # Whoever comes second finds what the first has written, whole.
        draft = path.with_name(f"keys.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    found: Mapping[str, str] = dict(
        line.split("=", 1) for line in path.read_text().splitlines() if line
    )
    return found
