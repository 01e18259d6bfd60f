"""Back the database up."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError

from adapters import private_files
from adapters.postgres_tools import ToolFailed, ToolMissing, back_up, described
from adapters.security import sealed_keys
from dashtam import keys
from dashtam.console import console
from dashtam.management.passwords import read_passphrase


class Command(BaseCommand):
    """The backup does not contain the keys, without which its secrets cannot be decrypted."""

    help = "Back up the whole database to a file, as a superuser."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE")
        parser.add_argument(
            "--with-keys",
            action="store_true",
            help="also write the keys to FILE.keys, encrypted with a passphrase",
        )

    def handle(self, *, path: Path, with_keys: bool, **options: Any) -> None:
        beside = keys_beside(path)
        for wanted in (path, beside) if with_keys else (path,):
            if wanted.exists():
                raise CommandError(f"{wanted} already exists.")
        sealed = _seal_keys() if with_keys else None
        try:
            back_up(os.environ["DATABASE_URL"], path)
        except (ToolFailed, ToolMissing) as error:
            raise CommandError(str(error)) from None
        except psycopg.Error as error:
            raise CommandError(described(error)) from None
        console.print(f"{path}: {path.stat().st_size:,} bytes.")
        if sealed is None:
            console.print(f"The keys are not in it. Back up {_where()} too, in another place.")
            return
        with private_files.create(beside) as file:
            file.write(sealed)
        console.print(f"{beside}: the keys. They cannot be decrypted without the passphrase.")


def keys_beside(path: Path) -> Path:
    """Return the path of the keys of a backup."""
    return path.with_name(f"{path.name}.keys")


def _seal_keys() -> bytes:
    known = keys.configured()
    missing = [name for name in ("AUDIT_MAC_KEYS", "CREDENTIAL_KEYS") if name not in known]
    if missing:
        raise CommandError(f"Missing keys: {', '.join(missing)}.")
    return sealed_keys.seal(known, read_passphrase(again=True))


def _where() -> str:
    return str(keys.path()) if keys.path().exists() else "the settings with the keys"
