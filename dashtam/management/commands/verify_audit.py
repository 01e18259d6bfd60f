"""Verify the audit trail."""

import json
from argparse import ArgumentParser
from collections import Counter
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from django.core.management.base import BaseCommand, CommandError
from rich.markup import escape
from rich.progress import Progress

from adapters.audit.evidence import NoEvidence
from adapters.audit.findings import Report
from dashtam import custody
from dashtam.console import console
from dashtam.management.commands.evidence import proved_evidence


class Command(BaseCommand):
    """Derives everything anew; ends with 1, and the exact rows, when anything does not hold."""

    help = "Verify the audit trail: all of it, a time, or one entry."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since", type=_moment, metavar="DATE", help="checkpoints from then on"
        )
        parser.add_argument("--until", type=_moment, metavar="DATE", help="checkpoints until")
        parser.add_argument("--row", type=UUID, metavar="ID", help="one entry alone")
        parser.add_argument("--json", action="store_true", help="tell it as JSON")

    def handle(self, *, row: UUID | None, **options: Any) -> None:
        if row is not None:
            _verify_row(row)
            return
        try:
            report = _verify(options["since"], options["until"], quiet=options["json"])
        except psycopg.Error as error:
            raise CommandError(f"The trail cannot be read: {error}") from None
        self._tell(report, as_json=options["json"])
        if not report.is_clean:
            raise CommandError(f"{len(report.findings)} findings: the trail does not hold.")

    def _tell(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({**asdict(report), "clean": report.is_clean}))
            return
        for finding in report.findings:
            place = f" (checkpoint {finding.checkpoint})" if finding.checkpoint else ""
            console.print(f"[red]{finding.kind}[/red]{place} {finding.row or ''}")
            console.print(f"  {escape(finding.detail)}", highlight=False)
        for kind, count in Counter(finding.kind for finding in report.findings).items():
            console.print(f"{kind}: {count}")
        for note in report.notes:
            console.print(escape(note), highlight=False)
        counts = f"{report.entries} entries, {report.checkpoints} checkpoints"
        console.print(f"{counts}: {_verdict(report)}.")


def _verdict(report: Report) -> str:
    if not report.is_clean:
        return "[red]do not hold[/red]"
    doubts = []
    if report.unproven:
        doubts.append(f"{report.unproven} entries not checked: AUDIT_MAC_KEYS is not set")
    if report.unsealed:
        doubts.append(
            f"{report.unsealed} genuine entries were refused by a sealer without their key;"
            " see operations.md"
        )
    # Never that all hold, where somebody has not looked at all.
    return (
        f"[yellow]{'; '.join(doubts)}[/yellow]; the rest holds"
        if doubts
        else ("[green]all hold[/green]")
    )


def _verify(since: datetime | None, until: datetime | None, *, quiet: bool) -> Report:
    verifier = custody.verifier()
    progress = None if quiet else Progress(console=console, transient=True)
    with progress or nullcontext():
        task = progress.add_task("Checkpoints", total=None) if progress else None

        def advance(total: int, number: int) -> None:
            if progress and task is not None:
                progress.update(task, total=total, completed=number)

        return verifier.verify(since=since, until=until, progress=advance)


def _verify_row(row: UUID) -> None:
    try:
        console.print(f"proved: {proved_evidence(row)[1]}", highlight=False, markup=False)
    except NoEvidence as error:
        raise CommandError(str(error)) from None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
