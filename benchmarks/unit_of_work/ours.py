"""Django's ORM through our `Database`, one hop a call, as repositories use it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from uuid import UUID

import django
import environ
from django.conf import settings

from benchmarks.unit_of_work.contender import POOL_SIZE, Unit, serve
from benchmarks.unit_of_work.rows import Row
from dashtam.logging import configure


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Unit]:
    _set_up(url)
    # Only now does Django know its settings.
    from adapters.persistence.database import Database
    from benchmarks.unit_of_work.models import Entry

    database = Database(size=POOL_SIZE)

    def add(row: Row) -> None:
        Entry.objects.create(
            id=row.id, user_id=row.user_id, description=row.description, amount=row.amount
        )

    def of_user(user_id: UUID) -> list[Entry]:
        return list(Entry.objects.filter(user_id=user_id))

    async def unit(rows: list[Row]) -> Decimal:
        async with database.transaction():
            for row in rows:
                await database.run(add, row)
            found = await database.run(of_user, rows[0].user_id)
        return sum((entry.amount for entry in found), Decimal())

    yield unit
    database.close()


def _set_up(url: str) -> None:
    """Configure Django and the logs as a production server has them."""
    settings.configure(
        DATABASES={"default": {**environ.Env.db_url_config(url), "CONN_MAX_AGE": None}},
        INSTALLED_APPS=["benchmarks.unit_of_work"],
        LOGGING_CONFIG=None,
        USE_TZ=True,
    )
    django.setup()
    configure(production=True, level="INFO")


if __name__ == "__main__":
    serve(opened)
