"""Begin a new history."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dashtam.console import work_from
from dashtam.histories import begin_after


class Command(BaseCommand):
    """Run once after promoting a standby that may have missed transactions.

    Before clients reconnect. A restore begins one by itself.
    """

    help = "Invalidate all /changes cursors, and record in the audit trail what was lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--after", choices=["promotion"], required=True, help="what happened")

    def handle(self, *, after: str, **options: Any) -> None:
        work_from("begin_history")
        begin_after(after)
