"""All data of a user: export it, erase it, purge what has expired."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.use_case import UseCase
from domain.identity.actions import EXPIRED_DATA_PURGED, USER_EXPORTED
from domain.identity.events import UserErased
from domain.identity.personal_data import PersonalData, PersonalDataRepository, PersonalDataWriter
from domain.shared.errors import Unavailable
from domain.shared.events import SYSTEM, Actor, AuditRecord, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success

# Larger exports go to an unnamed temporary file on disk.
MEMORY_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedUser:
    """All data of a user as an open file; the caller closes it."""

    content: IO[bytes] = field(repr=False)
    size: int
    counts: Mapping[str, int]
    media_type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportUser(UseCase):
    """Export all data of a user, as of one moment.

    The file is complete and audited before the first byte is sent, so that a slow client keeps no
    transaction open.
    """

    personal_data: PersonalDataRepository
    personal_data_writer: PersonalDataWriter

    @audit_failures("user.export", ResourceType.USER)
    async def __call__(self, *, user_id: UserId) -> Result[ExportedUser, Unavailable]:
        now = self.clock.now()
        async with self.unit_of_work(owner=user_id, snapshot=True) as uow:
            written = await self.personal_data.read(
                partial(_write, self.personal_data_writer, now), owner=user_id
            )
            if isinstance(written, Failure):
                return written
            try:
                await uow.commit(_exported(written.value, user_id, now))
            except BaseException:
                written.value.content.close()
                raise
        return written


def _write(writer: PersonalDataWriter, at: datetime, data: PersonalData) -> ExportedUser:
    content = SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115  # the caller closes it
    try:
        counts = writer.write(data, content, at)
        size = content.seek(0, 2)
        content.seek(0)
    except BaseException:
        content.close()
        raise
    return ExportedUser(
        content=content,
        size=size,
        counts=counts,
        media_type=writer.media_type,
        name=f"dashtam-{at:%Y-%m-%d}{writer.suffix}",
    )


def _exported(file: ExportedUser, user_id: UserId, at: datetime) -> AuditRecord:
    rows = dict(file.counts)
    files = rows.pop("files")
    return USER_EXPORTED.record(
        subject_id=user_id,
        actor=Actor.user(user_id),
        occurred_at=at,
        count=sum(rows.values()),
        files=files,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseUser(UseCase):
    """Delete every row of a user whose account was closed 14 days ago: all of them, or none.

    Return nothing if the user is not due, was restored, or is being erased elsewhere.
    """

    personal_data: PersonalDataRepository

    @audit_failures("user.erase", ResourceType.USER)
    @retry_on_conflict
    async def __call__(self, *, user_id: UserId) -> Result[Mapping[str, int] | None, Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            due = await self.personal_data.lock_due(user_id)
            if isinstance(due, Failure):
                return due
            if not due.value:
                return Success(None)
            erased = await self.personal_data.erase(user_id)
            if isinstance(erased, Failure):
                return erased
            now = self.clock.now()
            event = UserErased(subject_id=user_id, actor=SYSTEM, occurred_at=now, rows=erased.value)
            await uow.commit(event)
        return Success(erased.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeExpired(UseCase):
    """Delete a user's data that has expired."""

    personal_data: PersonalDataRepository

    @audit_failures("user.sweep", ResourceType.USER)
    @retry_on_conflict
    async def __call__(self, *, user_id: UserId) -> Result[Mapping[str, int], Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            purged = await self.personal_data.purge(user_id)
            if isinstance(purged, Failure) or not purged.value:
                return purged
            now = self.clock.now()
            record = EXPIRED_DATA_PURGED.record(
                subject_id=user_id, actor=SYSTEM, occurred_at=now, rows=purged.value
            )
            await uow.commit(record)
        return purged
