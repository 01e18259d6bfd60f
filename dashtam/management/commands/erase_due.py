"""Delete what nobody is to keep any longer."""

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
from dashtam.console import console, expect, work_from
from dashtam.container import container
from domain.shared.errors import DomainError
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result

logger = structlog.get_logger(__name__)

Deed = Callable[..., Awaitable[Result[Mapping[str, int] | None, Any]]]


class Command(BaseCommand):
    """May be ended at any moment, run again, and run twice at once: each user is a transaction."""

    help = (
        "Erase users who closed their account and whose days of grace are over, and sweep what is "
        "past its time: sessions that were over 30 days ago with their refresh tokens, mailed "
        "tokens that expired, uses of what is no more, limits that are full again. For a timer, "
        "each night."
    )

    def handle(self, **options: Any) -> None:
        work_from("erase_due")
        erasing = _Work("erased", container.use(EraseUser))
        erasing.run(owners_due())
        sweeping = _Work("swept", container.use(PurgeExpired))
        sweeping.run(owners_to_purge())
        asyncio.run(_forget_counts())
        container.database.close()
        _show(erasing, sweeping)
        failed = erasing.failed + sweeping.failed
        if failed:
            raise CommandError(
                f"{failed} users could not be dealt with: see the log. Run it again."
            )


class _Work:
    """What is done to one user after the other, and what came of it."""

    def __init__(self, done: str, deed: Deed) -> None:
        self.done = done
        self.users = self.left = self.failed = 0
        self.rows: Counter[str] = Counter()
        self._deed = deed

    def run(self, owners: Sequence[UUID]) -> None:
        asyncio.run(self._run(owners))

    async def _run(self, owners: Sequence[UUID]) -> None:
        for owner in owners:
            try:
                self._note(owner, await self._deed(user_id=UserId(owner)))
            except Exception:
                # One of them must not keep the others waiting. The trail knows of it too.
                logger.exception("user.failed", user_id=str(owner))
                self.failed += 1

    def _note(self, owner: UUID, result: Result[Mapping[str, int] | None, DomainError]) -> None:
        if isinstance(result, Failure):
            logger.error("user.failed", user_id=str(owner), error=result.error.code)
            self.failed += 1
        elif result.value:
            self.users += 1
            self.rows.update(result.value)
        else:
            self.left += 1


async def _forget_counts() -> None:
    """Let go of buckets that are full again, and of what was counted in minutes that are over."""
    expect(await container.audit_trail.record_repetitions())
    for limiter in (container.ports.rate_limiter, container.ports.attempts):
        expect(await limiter.forget_full())


def _show(*works: _Work) -> None:
    table = Table("Table", title="What is gone", title_justify="left")
    for work in works:
        told = f", {work.left} left alone" if work.left else ""
        console.print(f"{work.users} users {work.done}{told}.")
        table.add_column(work.done, justify="right")
    for name in sorted({name for work in works for name in work.rows}):
        table.add_row(name, *(f"{work.rows[name]:,}" for work in works))
    if table.rows:
        console.print(table)
