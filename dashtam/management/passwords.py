"""Read passwords and passphrases for commands."""

import sys
from getpass import getpass

from django.core.management.base import CommandError

SHORTEST = 15


def read_passphrase(*, again: bool = False) -> str:
    """Prompt for a passphrase, twice if it is new, or read the first line of a pipe."""
    if not sys.stdin.isatty():
        passphrase = sys.stdin.readline().rstrip("\n")
    else:
        passphrase = getpass(f"Passphrase ({SHORTEST} characters or more): ")
        if again and getpass("The same once more: ") != passphrase:
            raise CommandError("The passphrases do not match.")
    if again and len(passphrase) < SHORTEST:
        raise CommandError(f"A passphrase has {SHORTEST} characters or more.")
    return passphrase


def read_password() -> str:
    """Prompt for a password twice, or read the first line of a pipe.

    It is never an argument or in the environment, which other processes can see.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass("Password (15 characters or more): ")
    if getpass("The same once more: ") != password:
        raise CommandError("The passwords do not match.")
    return password
