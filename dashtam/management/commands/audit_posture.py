"""Print the posture of a database."""

from typing import Any

from django.core.management.base import BaseCommand

from adapters.audit.posture import posture
from adapters.persistence.plain import connect


class Command(BaseCommand):
    """What `verify_audit` expects is what this prints on a database that was only just migrated."""

    help = "Print what stands around the audit trail: make posture keeps it as what is expected."

    def handle(self, **options: Any) -> None:
        with connect() as connection:
            self.stdout.write("\n".join(posture(connection)))
