"""Create database roles, rights and guards."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from adapters.persistence.guard.bootstrap import NotSuperuser, bootstrap
from dashtam.console import console


class Command(BaseCommand):
    """Run it before the first `migrate` and after an update; a second run changes nothing."""

    help = "Create the roles, rights and guards that migrations need, as a superuser."

    def handle(self, **options: Any) -> None:
        passwords = {name: text for name, text in settings.ROLE_PASSWORDS.items() if text}
        try:
            changed = bootstrap(os.environ["DATABASE_URL"], passwords)
        except NotSuperuser as error:
            raise CommandError(str(error)) from None
        done = "were created" if changed else "are up to date"
        console.print(f"Roles and guards {done}.")
        for role in settings.ROLE_PASSWORDS.keys() - passwords.keys():
            console.print(f"{role}: no password is set.")
