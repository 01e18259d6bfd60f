"""Print new keys."""

from typing import Any

from django.core.management.base import BaseCommand

from dashtam import keys


class Command(BaseCommand):
    """Prints settings and keeps nothing."""

    help = "Print new keys, as settings: keep them apart from the database and its backups."

    def handle(self, **options: Any) -> None:
        for name, value in keys.make().items():
            self.stdout.write(f"{name}={value}")
