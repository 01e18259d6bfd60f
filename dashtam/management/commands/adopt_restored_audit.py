"""Go on with an audit trail that was restored into another server."""

from typing import Any

from django.core.management.base import BaseCommand

from adapters.audit.adopt import adopt
from adapters.persistence.plain import connect
from dashtam.console import console, work_from
from dashtam.container import container
from dashtam.histories import record_begun, testimonies


class Command(BaseCommand):
    """Once, as a superuser with the keys of entries, after a restore: the sealer waits for it."""

    help = "Number the transactions of this server above all that the restored trail has."

    def handle(self, **options: Any) -> None:
        work_from("adopt_restored_audit")
        told = testimonies()
        with connect() as connection:
            number = adopt(connection, container.mac_keys, at=container.ports.clock.now())
        console.print(f"This server's transaction numbers are now offset by {number}.")
        record_begun(told)
