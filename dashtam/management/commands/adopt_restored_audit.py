"""Go on with an audit trail that was restored into another server."""

from typing import Any

from django.core.management.base import BaseCommand

from adapters.persistence.plain import connect
from dashtam.console import console, work_from
from dashtam.histories import record_begun, testimonies


class Command(BaseCommand):
    """Once, as a superuser, after a restore: until then the sealer refuses to work."""

    help = "Number the transactions of this server above all that the restored trail has."

    def handle(self, **options: Any) -> None:
        work_from("adopt_restored_audit")
        told = testimonies()
        with connect() as connection:
            row = connection.execute("SELECT guard.adopt_restored_trail()").fetchone()
        console.print(f"Transactions are numbered from {row[0] if row else 0} on.")
        record_begun(told)
