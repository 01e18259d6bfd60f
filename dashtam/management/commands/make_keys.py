"""Generate keys."""

from typing import Any

from django.core.management.base import BaseCommand

from dashtam import keys


class Command(BaseCommand):
    """Prints settings, and stores nothing."""

    help = "Print new keys, as settings. Store them apart from the database and its backups."

    def handle(self, **options: Any) -> None:
        for name, value in keys.make().items():
            self.stdout.write(f"{name}={value}")
