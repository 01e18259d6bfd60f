"""A transaction that ends in a commit with its audit entries, or in a rollback."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Self
from uuid import UUID

from django.db import Error

from adapters.audit.trail import DjangoAuditTrail
from adapters.persistence.database import Database, Transaction
from adapters.persistence.failures import is_contention, is_outage
from adapters.persistence.outbox import outbox
from domain.audit.entities import AuditEntry
from domain.audit.origin import origin
from domain.shared.errors import ConcurrencyConflict, OutcomeUnknown
from domain.shared.events import DomainEvent, Fact
from domain.shared.ports import EventPublisher


class DjangoUnitOfWork:
    """`UnitOfWork` on a database transaction."""

    def __init__(
        self,
        database: Database,
        audit_trail: DjangoAuditTrail,
        publisher: EventPublisher,
        owner: UUID | None = None,
        *,
        snapshot: bool = False,
    ) -> None:
        self._database = database
        self._audit_trail = audit_trail
        self._publisher = publisher
        self._owner = owner
        self._snapshot = snapshot
        self._transaction: Transaction | None = None

    async def __aenter__(self) -> Self:
        transaction = self._database.transaction(owner=self._owner, snapshot=self._snapshot)
        await transaction.__aenter__()
        self._transaction = transaction
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            transaction.set_rollback()
            await transaction.__aexit__(exc_type, exc, traceback)

    async def commit(self, fact: Fact, *more: Fact) -> None:
        transaction = self._transaction
        if transaction is None:
            raise RuntimeError("this unit of work has ended")
        facts = (fact, *more)
        events = [each for each in facts if isinstance(each, DomainEvent)]
        with _domain_errors():
            await self._database.run_last(self._write, facts, events)
            self._transaction = None
            await transaction.__aexit__(None, None, None)
        await self._publisher.publish(*events)

    def _write(self, facts: Sequence[Fact], events: Sequence[DomainEvent]) -> None:
        entries = [AuditEntry.of(each, origin.get()) for each in facts]
        if self._snapshot:
            # It would not see what others counted, and fail.
            entries = [replace(entry, is_repeatable=False) for entry in entries]
        self._audit_trail.write(entries)
        outbox.insert(events)


@contextmanager
def _domain_errors() -> Iterator[None]:
    """Raise outages and conflicts as errors of the domain."""
    try:
        yield
    except Error as error:
        if is_outage(error):
            raise OutcomeUnknown("The database is not available.") from error
        if is_contention(error):
            raise ConcurrencyConflict from error
        raise
