"""What a user of a year takes on disk, in MB, and what imports state about each row, in bytes.

Three accounts with five rows in three days. Each day a file of the last days (`[days]`: 30) is
imported for each account, and twenty pages are read: `python -m benchmarks.size 90`.
"""

import asyncio
import json
import sys
from datetime import timedelta

import psycopg

from benchmarks.server import migrated_database
from benchmarks.synthetic import FIRST_DAY, HEAD, TAIL, row
from domain.shared.ids import UserId
from domain.shared.result import Success

DAYS = 365
ACCOUNTS = ("100200300", "100200301", "100200302")
#: Rows that an account has in a number of days.
ROWS, IN_DAYS = 5, 3
PAGES = 20

_SIZES = """
SELECT relname, pg_total_relation_size(oid) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
_STATED = "SELECT sum(cardinality(lines)) FROM ledger_imported_rows"


def file_of(account: str, day: int, days: int) -> bytes:
    """Return the file that a bank offers on a day: the rows of this day and of those before."""
    # Rows are numbered from the first day on.
    first, end = (number * ROWS // IN_DAYS for number in (max(day + 1 - days, 0), day + 1))
    begin = ACCOUNTS.index(account) * DAYS * ROWS
    rows = (
        row(begin + number, FIRST_DAY + timedelta(days=number * IN_DAYS // ROWS))
        for number in range(first, end)
    )
    return (HEAD.replace(ACCOUNTS[0], account) + "".join(rows) + TAIL).encode()


async def _user() -> UserId:
    from dashtam.application.identity.users import RegisterUser
    from dashtam.container import container

    registered = await container.use(RegisterUser)(
        email="bench@dashtam.example", password="a password for measuring"
    )
    assert isinstance(registered, Success)
    return registered.value.id


async def _live(user_id: UserId, days: int) -> None:
    from dashtam.application.ledger.import_pipeline import ImportPipeline
    from dashtam.container import container
    from domain.ledger.imports import ImportRequest

    for day in range(DAYS):
        for account in ACCOUNTS:
            request = ImportRequest(
                user_id=user_id, file_name="daily.ofx", content=file_of(account, day, days)
            )
            done = await container.use(ImportPipeline)(request)
            assert isinstance(done, Success)
        await _read(user_id)
    await container.drain()
    container.database.close()


async def _read(user_id: UserId) -> None:
    """Record the pages of a day: in a snapshot each has an entry of its own, as hours apart."""
    from dashtam.container import container
    from domain.audit.origin import Origin, origin
    from domain.ledger.actions import TRANSACTIONS_VIEWED
    from domain.shared.events import Actor
    from domain.shared.ids import new_id

    user = Actor.user(user_id)
    origin.set(Origin("ab" * 16, "192.0.2.7", "Mozilla/5.0 (X11; Linux x86_64)", user))
    for _ in range(PAGES):
        async with container.ports.unit_of_work(owner=user_id, snapshot=True) as uow:
            await uow.commit(
                TRANSACTIONS_VIEWED.record(
                    subject_id=new_id(),
                    actor=user,
                    occurred_at=container.ports.clock.now(),
                    count=50,
                )
            )


def sizes(superuser: str) -> dict[str, int]:
    """Return the bytes of each table with its indexes."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        # The guard of the trail refuses what is not a migration's.
        connection.execute("SET event_triggers = off")
        connection.execute("VACUUM FULL")
        return dict(connection.execute(_SIZES).fetchall())


def _stated(superuser: str) -> int:
    with psycopg.connect(superuser) as connection:
        found = connection.execute(_STATED).fetchone()
    assert found
    return int(found[0])


def main(days: int) -> dict[str, float]:
    with migrated_database() as superuser:
        before = sizes(superuser)
        asyncio.run(_live(asyncio.run(_user()), days))
        grown = {name: size - before[name] for name, size in sizes(superuser).items()}
        rows = _stated(superuser)
    largest = sorted((name for name in grown if grown[name]), key=lambda name: -grown[name])
    return {
        "megabytes": sum(grown.values()) / 1e6,
        "rows": rows,
        "bytes_a_row": grown["ledger_imported_rows"] / rows,
        **{name: grown[name] / 1e6 for name in largest},
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if sys.argv[1:] else 30)))
