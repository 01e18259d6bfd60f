"""Erase users who are due, and purge expired data."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from django.core.management.base import BaseCommand, CommandError
from rich.table import Table

from adapters.persistence.personal_data import owners_due, owners_to_purge
from dashtam.application.identity.personal_data import EraseUser, PurgeExpired
from dashtam.console import console, expect, set_command_origin
from dashtam.container import container
from domain.shared.errors import DomainError
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result

logger = structlog.get_logger(__name__)

Action = Callable[..., Awaitable[Result[Mapping[str, int] | None, Any]]]


class Command(BaseCommand):
    """May be stopped at any time, repeated, and run twice at once: each user is a transaction."""

    help = (
        "Erase users who closed their account 14 days ago, and delete expired data: sessions that "
        "ended 30 days ago with their refresh tokens, emailed tokens, unused rate limits. Run it "
        "every night from a timer."
    )

    def handle(self, **options: Any) -> None:
        set_command_origin("erase_due")
        erasing = _Work("erased", container.use(EraseUser))
        erasing.run(owners_due())
        purging = _Work("purged", container.use(PurgeExpired))
        purging.run(owners_to_purge())
        asyncio.run(_delete_expired_counts())
        container.database.close()
        _show(erasing, purging)
        failed = erasing.failed + purging.failed
        if failed:
            raise CommandError(
                f"{failed} users could not be processed: see the log, and run the command again."
            )


class _Work:
    """An action on one user after the other, and its results."""

    def __init__(self, done: str, action: Action) -> None:
        self.done = done
        self.users = self.left = self.failed = 0
        self.rows: Counter[str] = Counter()
        self._action = action

    def run(self, owners: Sequence[UUID]) -> None:
        asyncio.run(self._run(owners))

    async def _run(self, owners: Sequence[UUID]) -> None:
        for owner in owners:
            try:
                self._count(owner, await self._action(user_id=UserId(owner)))
            except Exception:
                # An error of one user must not stop the others. It is audited too.
                logger.exception("user.failed", user_id=str(owner))
                self.failed += 1

    def _count(self, owner: UUID, result: Result[Mapping[str, int] | None, DomainError]) -> None:
        if isinstance(result, Failure):
            logger.error("user.failed", user_id=str(owner), error=result.error.code)
            self.failed += 1
        elif result.value:
            self.users += 1
            self.rows.update(result.value)
        else:
            self.left += 1


async def _delete_expired_counts() -> None:
    """Delete full buckets, and write the audit entries for counted repetitions."""
    expect(await container.audit_trail.record_repetitions())
    for limiter in (container.ports.rate_limiter, container.ports.attempts):
        expect(await limiter.delete_expired())


def _show(*works: _Work) -> None:
    table = Table("Table", title="Deleted rows", title_justify="left")
    for work in works:
        skipped = f", {work.left} skipped" if work.left else ""
        console.print(f"{work.users} users {work.done}{skipped}.")
        table.add_column(work.done, justify="right")
    for name in sorted({name for work in works for name in work.rows}):
        table.add_row(name, *(f"{work.rows[name]:,}" for work in works))
    if table.rows:
        console.print(table)
