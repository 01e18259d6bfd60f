"""Seal, verify, export and maintain the audit trail."""

import json
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import structlog
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management.base import BaseCommand, CommandError
from rich.markup import escape
from rich.progress import Progress

from adapters.audit.export import ForgedEntry, NoInclusionProof, NothingToExport, inclusion_proof
from adapters.audit.findings import Report
from adapters.audit.histories import adopt
from adapters.audit.schema_baseline import schema_lines
from adapters.audit.sealer import NoGenuineEntry, RestoredElsewhere, Sealer
from adapters.audit.verify_archive import Wrong, check_evidence
from adapters.audit.years import NotRetired, add_years, missing_years, retire
from adapters.persistence.plain import connect
from dashtam import audit_keys
from dashtam.console import console, set_command_origin
from dashtam.container import container
from dashtam.histories import begin_after, record_begun, witness_records

logger = structlog.get_logger(__name__)

DAY_SECONDS = 24 * 60 * 60


class Command(BaseCommand):
    """Each action has a database role of its own (`dashtam.management.roles`)."""

    help = "Seal, verify, export and maintain the audit trail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

        def add(name: str, action: Callable[..., None], help: str) -> ArgumentParser:
            added = actions.add_parser(name, help=help, description=help)
            added.set_defaults(handle_action=action)
            return added

        add("extend", self._extend, "make the partitions of this year and the next").add_argument(
            "--check", action="store_true", help="only fail if one is missing"
        )
        add("seal", self._seal, "sign checkpoints: once, or repeatedly").add_argument(
            "--every", type=float, metavar="SECONDS", help="repeat until stopped"
        )
        verify = add("verify", self._verify, "verify the trail, a period, or one entry")
        verify.add_argument("--since", type=_moment, metavar="DATE", help="checkpoints since")
        verify.add_argument("--until", type=_moment, metavar="DATE", help="checkpoints until")
        verify.add_argument("--row", type=UUID, metavar="ID", help="only this entry")
        verify.add_argument(
            "--without-event-triggers",
            action="store_true",
            help="accept that a managed server does not allow the two event triggers",
        )
        verify.add_argument("--json", action="store_true", help="print the report as JSON")
        export = add("export", self._export, "write the trail, or one year, as a signed archive")
        export.add_argument("path", type=Path, metavar="ARCHIVE.zip")
        export.add_argument("--year", type=int)
        add("evidence", self._evidence, "print the proof of one entry as JSON").add_argument(
            "row", type=UUID, metavar="ID", help="the id of the entry"
        )
        retire = add("retire", self._retire, "detach the table of a year older than seven years")
        retire.add_argument("year", type=int)
        retire.add_argument("--export", type=Path, required=True, metavar="ARCHIVE.zip")
        add("adopt", self._adopt, "continue a trail that was restored on another server")
        add(
            "begin-history",
            self._begin_history,
            "void all /changes cursors and record what was lost, before clients reconnect",
        ).add_argument("--after", choices=["promotion"], required=True, help="what happened")
        add("baseline", self._baseline, "print the schema that `audit verify` compares")

    def handle(self, *, handle_action: Callable[..., None], **options: Any) -> None:
        handle_action(**options)

    def _extend(self, *, check: bool, **options: Any) -> None:
        with connect() as connection:
            for year in () if check else add_years(connection):
                console.print(f"{year} was added.")
            missing = missing_years(connection)
        if missing:
            years = ", ".join(map(str, missing))
            raise CommandError(
                f"The audit trail has no partition for {years}: run manage.py audit extend."
            )

    def _seal(self, *, every: float | None, **options: Any) -> None:
        try:
            if every is None:
                _seal_once()
            else:
                _seal_every(every)
        except (NoGenuineEntry, RestoredElsewhere) as error:
            raise CommandError(str(error)) from None
        except psycopg.Error as error:
            raise CommandError(f"Sealing failed, and can be repeated: {error}") from None
        except KeyboardInterrupt:
            return

    def _verify(self, *, row: UUID | None, **options: Any) -> None:
        if row is not None:
            _verify_row(row)
            return
        try:
            report = _verify(options)
        except psycopg.Error as error:
            raise CommandError(f"The trail cannot be read: {error}") from None
        if options["json"]:
            self.stdout.write(json.dumps({**asdict(report), "clean": report.is_clean}))
        else:
            _print(report)
        if not report.is_clean:
            raise CommandError(f"{len(report.findings)} findings: the trail is not intact.")

    def _export(self, *, path: Path, year: int | None, **options: Any) -> None:
        if path.exists():
            raise CommandError(f"{path} already exists.")
        try:
            done = audit_keys.exporter().export(path, year)
        except (ForgedEntry, NothingToExport) as error:
            raise CommandError(str(error)) from None
        console.print(f"{done.entries} entries under checkpoints {done.first} to {done.last}.")
        console.print(f"SHA-256 {done.sha256.hex()}")

    def _evidence(self, *, row: UUID, **options: Any) -> None:
        try:
            self.stdout.write(json.dumps(_checked_proof(row)[0], indent=2))
        except NoInclusionProof as error:
            raise CommandError(str(error)) from None

    def _retire(self, *, year: int, export: Path, **options: Any) -> None:
        set_command_origin("audit retire")
        trail, now = container.audit_trail, container.ports.clock.now()
        try:
            keys = audit_keys.public_keys()
            count = retire(year, export, trail, keys, container.mac_keys, at=now)
        except NotRetired as error:
            raise CommandError(str(error)) from None
        console.print(f"{year} is retired: {count} entries. The table audit_entry_{year} remains.")

    def _adopt(self, **options: Any) -> None:
        set_command_origin("audit adopt")
        witnessed = witness_records()
        with connect() as connection:
            number = adopt(connection, container.mac_keys, at=container.ports.clock.now())
        console.print(f"This server's transaction numbers are now offset by {number}.")
        record_begun(witnessed)

    def _begin_history(self, *, after: str, **options: Any) -> None:
        set_command_origin("audit begin-history")
        begin_after(after)

    def _baseline(self, **options: Any) -> None:
        with connect() as connection:
            self.stdout.write("\n".join(schema_lines(connection)))


def _seal_once() -> None:
    sealer = audit_keys.sealer()
    try:
        console.print(f"{sealer.seal_all()} entries sealed.")
    finally:
        sealer.close()
    if sealer.refused:
        raise CommandError(
            f"{sealer.refused} entries were refused, because the application did not write them."
            " Run manage.py audit verify to list them."
        )


def _seal_every(seconds: float) -> None:
    """Seal repeatedly, also after an outage, and add the partition of the next year."""
    extended = 0.0
    sealer: Sealer | None = None
    while True:
        try:
            sealer = sealer or audit_keys.sealer()
            sealer.seal_all()
            if time.monotonic() > extended:
                with connect() as connection:
                    add_years(connection)
                extended = time.monotonic() + DAY_SECONDS
        except NoGenuineEntry as error:
            # Once there is a genuine entry, it is sealed, and these are recorded as refused.
            logger.error("audit.nothing_holds", detail=str(error))
        except psycopg.Error as error:
            logger.error("audit.not_sealed", error=type(error).__name__)
            if sealer:
                sealer.close()
            sealer = None
        time.sleep(seconds)


def _verify(options: Mapping[str, Any]) -> Report:
    verifier = audit_keys.verifier()
    progress = None if options["json"] else Progress(console=console, transient=True)
    with progress or nullcontext():
        task = progress.add_task("Checkpoints", total=None) if progress else None

        def advance(total: int, number: int) -> None:
            if progress and task is not None:
                progress.update(task, total=total, completed=number)

        return verifier.verify(
            since=options["since"],
            until=options["until"],
            accept_missing_event_triggers=options["without_event_triggers"],
            progress=advance,
        )


def _print(report: Report) -> None:
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
        return "[red]not intact[/red]"
    doubts = []
    if report.unproven:
        doubts.append(f"{report.unproven} entries not checked: AUDIT_MAC_KEYS is not set")
    if report.unsealed:
        doubts.append(
            f"{report.unsealed} genuine entries were refused by a sealer without their key;"
            " see operations.md"
        )
    # Do not report everything as intact when some entries were not checked.
    return (
        f"[yellow]{'; '.join(doubts)}[/yellow]; the rest is intact"
        if doubts
        else ("[green]all intact[/green]")
    )


def _verify_row(row: UUID) -> None:
    try:
        console.print(f"proved: {_checked_proof(row)[1]}", highlight=False, markup=False)
    except NoInclusionProof as error:
        raise CommandError(str(error)) from None


def _checked_proof(row: UUID) -> tuple[dict[str, Any], str]:
    """Return the proof of an entry and what it proves, verified as an outsider would do."""
    with connect() as connection:
        found = inclusion_proof(connection, row, audit_keys.mac_keys())
    keys = {
        key_id: key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        for key_id, key in audit_keys.public_keys().items()
    }
    try:
        return found, check_evidence(found, keys)
    except Wrong as error:
        raise NoInclusionProof(f"The entry has changed since it was sealed: {error}.") from None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
