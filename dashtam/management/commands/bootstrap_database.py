"""Create database roles, rights and guards."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from adapters.persistence.guard.bootstrap import NotAdministrator, bootstrap
from dashtam.console import console


class Command(BaseCommand):
    """Run it before the first `migrate` and after an update; a second run changes nothing."""

    help = "Create the roles, rights and guards that migrations need."

    def handle(self, **options: Any) -> None:
        passwords = {name: text for name, text in settings.ROLE_PASSWORDS.items() if text}
        try:
            done = bootstrap(os.environ["DATABASE_URL"], passwords)
        except NotAdministrator as error:
            raise CommandError(str(error)) from None
        console.print(f"Roles and guards {'were created' if done.is_new else 'are up to date'}.")
        for limitation in done.limitations:
            console.print(f"[yellow]{limitation}[/yellow]", highlight=False)
        for role in settings.ROLE_PASSWORDS.keys() - passwords.keys():
            console.print(f"{role}: no password is set.")
