"""How far imports have come: told beside their transactions, which nobody sees into."""

import asyncio
from collections.abc import Callable
from functools import partial

import structlog
from django.db import Error, connection

from adapters.persistence.database import Database
from adapters.persistence.ledger.models import ProgressModel
from domain.ledger.imports import ImportProgress
from domain.shared.errors import OutcomeUnknown
from domain.shared.ids import ImportId, UserId

logger = structlog.get_logger(__name__)

_TELL = """
INSERT INTO ledger_import_progress (import_id, user_id, rows, entered) VALUES (%s, %s, %s, %s)
ON CONFLICT (user_id, import_id) DO UPDATE
SET rows = excluded.rows, entered = excluded.entered
"""


class DjangoImportProgressStore:
    """`ImportProgressStore` on a table that is not logged.

    It is written by a task beside the import, which never waits for a connection: of what is told
    meanwhile, the last word counts.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: dict[ImportId, tuple[ImportProgress, UserId]] = {}
        self._tasks: dict[ImportId, asyncio.Task[None]] = {}

    async def set(self, import_id: ImportId, progress: ImportProgress, *, owner: UserId) -> None:
        self._told[import_id] = progress, owner
        task = self._tasks.get(import_id)
        if task is None or task.done():
            self._tasks[import_id] = asyncio.create_task(self._write(import_id))

    async def clear(self, import_id: ImportId, *, owner: UserId) -> None:
        self._told.pop(import_id, None)
        task = self._tasks.pop(import_id, None)
        if task is not None:
            await task
        await self._run(owner, partial(_take_down, import_id, owner))

    async def _write(self, import_id: ImportId) -> None:
        while import_id in self._told:
            progress, owner = self._told.pop(import_id)
            await self._run(owner, partial(_put_up, import_id, progress, owner))

    async def _run(self, owner: UserId, write: Callable[[], None]) -> None:
        try:
            async with self._database.transaction(separate=True, owner=owner):
                await self._database.run(write)
        except (Error, OutcomeUnknown) as error:
            logger.warning("import.progress_not_told", error=type(error).__name__)


def _put_up(import_id: ImportId, progress: ImportProgress, owner: UserId) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TELL, [import_id, owner, progress.rows, progress.entered])


def _take_down(import_id: ImportId, owner: UserId) -> None:
    ProgressModel.objects.filter(source_id=import_id, user_id=owner).delete()
