"""Everything of a person's, kept in PostgreSQL."""

from collections.abc import Callable, Mapping
from typing import Never, TypeVar

from django.db import connection

from adapters.persistence.belongings.reading import audit_part, files_of, part_of
from adapters.persistence.belongings.sweep import PAST
from adapters.persistence.belongings.tables import TABLES
from adapters.persistence.database import Database, in_database, stop_if_cancelled
from adapters.persistence.ledger.repositories import allow_long_transaction, lock_files
from adapters.security.envelope import Keyring
from domain.identity.personal_data import PersonalData
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.result import Result, Success

T = TypeVar("T")

BATCH = 1_000

# The time is the database's: its policies go by the same.
_LOCK_DUE = """
SELECT FROM identity_user WHERE id = %s AND erase_after <= now() FOR UPDATE SKIP LOCKED
"""


class DjangoPersonalDataRepository:
    """`PersonalDataRepository` over all tables. The keys are asked for when a file is opened."""

    def __init__(
        self, database: Database, keyring: Callable[[], Keyring], batch: int = BATCH
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._batch = batch

    @in_database
    def read(self, use: Callable[[PersonalData], T], *, owner: UserId) -> Result[T, Unavailable]:
        # Before the first row of a table comes, all of them are put in order.
        allow_long_transaction(steps=True)
        parts = [part_of(table, owner, self._batch) for table in TABLES]
        trail = audit_part(owner, self._batch)
        return Success(use(PersonalData([*parts, trail], files_of(owner, self._keyring))))

    @in_database
    def lock_due(self, owner: UserId) -> Result[bool, Never]:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_DUE, [owner])
            return Success(cursor.rowcount == 1)

    @in_database
    def erase(self, owner: UserId) -> Result[Mapping[str, int], Never]:
        # Foreign keys are looked after at COMMIT, which is a step too.
        allow_long_transaction(steps=True)
        erased = {table.name: _delete(table.name, table.is_of, owner) for table in TABLES}
        if erased[TABLES[-1].name] != 1:
            # Policies leave alone in silence what is not due.
            raise RuntimeError("a user was to be erased who is not due")
        return Success({name: count for name, count in erased.items() if count})

    @in_database
    def purge(self, owner: UserId) -> Result[Mapping[str, int], Never]:
        # Or a file would go that somebody sends again just now.
        lock_files(owner)
        swept = {
            table: _delete(table, f"user_id = %(owner)s AND {past}", owner) for table, past in PAST
        }
        return Success({table: count for table, count in swept.items() if count})


def _delete(table: str, condition: str, owner: UserId) -> int:
    stop_if_cancelled()
    with connection.cursor() as cursor:
        # All that is put together here are names of ours.
        cursor.execute(f"DELETE FROM {table} WHERE {condition}", {"owner": owner})  # noqa: S608
        return int(cursor.rowcount)
