"""Restore a backup."""

import os
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from adapters.audit.mac import MacKeys
from adapters.audit.witness import Fork
from adapters.persistence.guard.bootstrap import NotEmpty, NotSuperuser
from adapters.persistence.key_check import OtherKeys, require_keys
from adapters.postgres_tools import (
    Complete,
    Connection,
    ToolFailed,
    ToolMissing,
    described,
    restore,
)
from adapters.security import sealed_keys
from adapters.security.envelope import Keyring
from dashtam import keys
from dashtam.console import console, set_command_origin
from dashtam.histories import record_within, report_lost, witness_records
from dashtam.management.commands.backup import keys_beside
from dashtam.management.passwords import read_passphrase


class Command(BaseCommand):
    """Restores only to a new database, and only with the keys that the backup was written with."""

    help = "Restore a backup to a new database, as a superuser; then run `audit verify`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE")
        parser.add_argument(
            "--with-keys",
            action="store_true",
            help="read the keys from FILE.keys, which backup --with-keys wrote",
        )
        parser.add_argument(
            "--keys-to", type=Path, metavar="FILE", help="where to write the keys, as settings"
        )

    def handle(self, *, path: Path, with_keys: bool, keys_to: Path | None, **options: Any) -> None:
        if not path.exists():
            raise CommandError(f"{path} does not exist.")
        set_command_origin("restore")
        witnessed = witness_records()
        where = keys_to or keys.path()
        found = _open(keys_beside(path), where) if with_keys else _configured(path)
        keys.activate(found)
        forks: list[Fork] = []

        def complete(name: str) -> None:
            forks.extend(record_within(name, witnessed))
            if with_keys:
                _write(found, where)

        number = _restore(path, found, complete)
        if with_keys:
            console.print(f"{where}: the keys.")
        report_lost(forks)
        console.print(f"Restored. New transaction numbers start after {number}.")
        console.print("Now run manage.py audit seal, then manage.py audit verify.")


def _restore(path: Path, found: Mapping[str, str], complete: Complete) -> int:
    macs, ring = _mac_keys(found), _keyring(found)

    def check(connection: Connection) -> None:
        require_keys(connection, macs, ring)

    try:
        return restore(os.environ["DATABASE_URL"], path, macs, check, complete)
    except OtherKeys as error:
        raise CommandError(_missing(path, f"with other {error}")) from None
    except (NotEmpty, NotSuperuser, ToolFailed, ToolMissing) as error:
        raise CommandError(str(error)) from None
    except psycopg.Error as error:
        raise CommandError(described(error)) from None


def _write(found: Mapping[str, str], where: Path) -> None:
    with _writing(where):
        keys.write(found, where)


@contextmanager
def _writing(where: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CommandError(f"{where} cannot be written: {error.strerror}.") from None


def _open(beside: Path, where: Path) -> Mapping[str, str]:
    if not beside.exists():
        raise CommandError(f"{beside} does not exist: backup --with-keys writes it.")
    if where.exists():
        raise CommandError(f"{where} already exists: restore without --with-keys, or move it.")
    if settings.PRODUCTION and where == keys.path():
        raise CommandError("Say with --keys-to where to write the keys: production reads settings.")
    with _writing(where):
        keys.require_room(where)
    try:
        return sealed_keys.open_sealed(beside.read_bytes(), read_passphrase())
    except sealed_keys.NotOpened:
        raise CommandError(f"{beside} cannot be decrypted with this passphrase.") from None


def _configured(path: Path) -> Mapping[str, str]:
    found = keys.configured()
    if not {"AUDIT_MAC_KEYS", "CREDENTIAL_KEYS"} <= found.keys():
        raise CommandError(_missing(path, "with keys that are missing"))
    return found


def _missing(path: Path, with_what: str) -> str:
    needed = (
        "set AUDIT_MAC_KEYS and CREDENTIAL_KEYS to the values of that installation"
        if settings.PRODUCTION
        else f"first copy the file keys.env of that installation to {keys.path()}"
    )
    return (
        f"The backup was written {with_what}, so it could not be decrypted: {needed}."
        f" Where {keys_beside(path)} was written too, use --with-keys."
    )


def _mac_keys(found: Mapping[str, str]) -> MacKeys:
    return MacKeys(_parsed("AUDIT_MAC_KEYS", found))


def _keyring(found: Mapping[str, str]) -> Keyring:
    return Keyring(_parsed("CREDENTIAL_KEYS", found))


def _parsed(name: str, found: Mapping[str, str]) -> Mapping[str, bytes]:
    try:
        return keys.parse(name, found.get(name, ""))
    except ImproperlyConfigured as error:
        raise CommandError(str(error)) from None
