"""A password that a command needs."""

import sys
from getpass import getpass

from django.core.management.base import CommandError


def read_password() -> str:
    """Ask for a password twice, or take the first line that a script pipes in.

    Never from an argument or the environment: other processes see those.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass("Password (15 characters or more): ")
    if getpass("The same once more: ") != password:
        raise CommandError("The two are not the same.")
    return password
