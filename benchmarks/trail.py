"""The size of audit entries for queries: counted within a minute, and each on its own.

A user reads what there is at 25 addresses in turn, as fast as it goes: `python -m benchmarks.trail
15000`.
"""

import asyncio
import json
import sys
import time
from uuid import UUID, uuid4

import psycopg

from benchmarks.server import migrated_database

ADDRESSES = 25
_SIZE = """
SELECT count(*), sum(pg_column_size(audit_entry)) FROM audit_entry
WHERE actor_id = %s AND (details ? 'repeated') = %s
"""


async def _read(user_id: UUID, readings: int, *, each: bool) -> float:
    """Run queries of a user; in a snapshot each query has an entry of its own."""
    from dashtam.container import container
    from domain.audit.origin import Origin, origin
    from domain.ledger.actions import ACCOUNT_VIEWED
    from domain.shared.events import Actor
    from domain.shared.ids import new_id

    ada = Actor.user(user_id)
    origin.set(Origin("ab" * 16, "192.0.2.7", "Mozilla/5.0 (X11; Linux x86_64)", ada))
    subjects: list[UUID] = [new_id() for _ in range(ADDRESSES)]
    began = time.perf_counter()
    for number in range(readings):
        async with container.ports.unit_of_work(owner=ada.id, snapshot=each) as uow:
            await uow.commit(
                ACCOUNT_VIEWED.record(
                    subject_id=subjects[number % ADDRESSES],
                    actor=ada,
                    occurred_at=container.ports.clock.now(),
                )
            )
    took = time.perf_counter() - began
    container.close()
    return took


def _entries(superuser: str, user_id: UUID) -> tuple[int, int, int]:
    """Return the number of entries, how many of them are counts, and their bytes."""
    with psycopg.connect(superuser) as connection:
        (own, bytes_own), (told, bytes_told) = (
            connection.execute(_SIZE, [user_id, is_count]).fetchone() or (0, 0)
            for is_count in (False, True)
        )
    return own + told, told, int(bytes_own or 0) + int(bytes_told or 0)


def main(readings: int) -> dict[str, float]:
    figures: dict[str, float] = {"readings": readings}
    with migrated_database() as superuser:
        for name, each in (("counted", False), ("each", True)):
            user_id = uuid4()
            seconds = asyncio.run(_read(user_id, readings, each=each))
            entries, told, size = _entries(superuser, user_id)
            figures |= {
                f"{name}: seconds": round(seconds, 1),
                f"{name}: entries": entries,
                f"{name}: of these, counts": told,
                f"{name}: bytes": size,
            }
    return figures


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1])), indent=1))
