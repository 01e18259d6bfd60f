"""Seal the audit trail."""

import time
from argparse import ArgumentParser
from typing import Any

import psycopg
import structlog
from django.core.management.base import BaseCommand, CommandError

from adapters.audit.seal import NothingHolds, RestoredElsewhere, Sealer
from dashtam import custody
from dashtam.console import console
from dashtam.management.commands.extend_audit import extend

logger = structlog.get_logger(__name__)

DAY_SECONDS = 24 * 60 * 60


class Command(BaseCommand):
    """Signs what was committed since the last checkpoint; `--every` also sees to next year."""

    help = "Make signed checkpoints of the audit trail: once, or every so many seconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on until stopped")

    def handle(self, *, every: float | None, **options: Any) -> None:
        try:
            if every is None:
                _seal_once()
            else:
                _seal_every(every)
        except (NothingHolds, RestoredElsewhere) as error:
            raise CommandError(str(error)) from None
        except psycopg.Error as error:
            raise CommandError(f"Nothing more was sealed: {error}") from None
        except KeyboardInterrupt:
            return


def _seal_once() -> None:
    sealer = custody.sealer()
    try:
        console.print(f"{sealer.seal_all()} entries sealed.")
    finally:
        sealer.close()
    if sealer.refused:
        raise CommandError(
            f"{sealer.refused} entries were refused: the application did not write them."
            " Run manage.py verify_audit, which names them."
        )


def _seal_every(seconds: float) -> None:
    """Go on over outages: what is not sealed now is sealed later."""
    extended = 0.0
    sealer: Sealer | None = None
    while True:
        try:
            sealer = sealer or custody.sealer()
            sealer.seal_all()
            if time.monotonic() > extended:
                extend()
                extended = time.monotonic() + DAY_SECONDS
        except NothingHolds as error:
            # The next genuine entry will be sealed, and these recorded as refused.
            logger.error("audit.nothing_holds", detail=str(error))
        except psycopg.Error as error:
            logger.error("audit.not_sealed", error=type(error).__name__)
            if sealer:
                sealer.close()
            sealer = None
        time.sleep(seconds)
