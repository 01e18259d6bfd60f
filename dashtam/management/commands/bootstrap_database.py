"""Make roles, rights and guards."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from adapters.persistence.guard.bootstrap import NotSuperuser, bootstrap
from dashtam.console import console


class Command(BaseCommand):
    """Runs before the first `migrate` and after an update; a second run changes nothing."""

    help = "Make the roles, rights and guards that migrations need, as a superuser."

    def handle(self, **options: Any) -> None:
        given = {role: password for role, password in settings.ROLE_PASSWORDS.items() if password}
        try:
            changed = bootstrap(os.environ["DATABASE_URL"], given)
        except NotSuperuser as error:
            raise CommandError(str(error)) from None
        console.print("Roles and guards were made." if changed else "Roles and guards stand.")
        for role in settings.ROLE_PASSWORDS.keys() - given.keys():
            console.print(f"{role}: no password was given.")
