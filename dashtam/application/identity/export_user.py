"""Write everything of a person's into a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.use_case import UseCase
from domain.identity.belongings import Belongings, BelongingsRepository, BelongingsWriter
from domain.identity.events import UserExported
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result

# What is larger goes to the disk, into a file that has no name.
MEMORY_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedUser:
    """All that is somebody's in a file, from its beginning; whoever takes it closes it."""

    content: IO[bytes] = field(repr=False)
    size: int
    counts: Mapping[str, int]
    media_type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportUser(UseCase):
    """Write all that is a user's, as of one moment.

    It is written to its end and audited before anybody gets a byte of it: a slow reader holds up no
    transaction.
    """

    personal_data: BelongingsRepository
    personal_data_writer: BelongingsWriter

    @audit_refusals("user.export", ResourceType.USER)
    async def __call__(self, *, user_id: UserId) -> Result[ExportedUser, Unavailable]:
        now = self.clock.now()
        async with self.unit_of_work(owner=user_id, snapshot=True) as uow:
            written = await self.personal_data.read(
                partial(_write, self.personal_data_writer, now), owner=user_id
            )
            if isinstance(written, Failure):
                return written
            try:
                await uow.commit(_told(written.value, user_id, now))
            except BaseException:
                written.value.content.close()
                raise
        return written


def _write(writer: BelongingsWriter, at: datetime, belongings: Belongings) -> ExportedUser:
    content = SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115  # who takes it closes it
    try:
        counts = writer.write(belongings, content, at)
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


def _told(file: ExportedUser, user_id: UserId, at: datetime) -> UserExported:
    rows = dict(file.counts)
    files = rows.pop("files")
    return UserExported(
        subject_id=user_id,
        actor=Actor.user(user_id),
        occurred_at=at,
        count=sum(rows.values()),
        files=files,
    )
