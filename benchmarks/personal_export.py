"""Export and erase all data of a user: seconds, CPU, and the peak memory in MB."""

import asyncio
import json
import resource
import sys
import time

import psycopg

from benchmarks.exports import begin, multiply
from benchmarks.server import migrated_database
from domain.shared.ids import UserId
from domain.shared.result import Success
from tests.imported_rows import record_rows
from tests.unaudited import add_entry

_CHANGED = "UPDATE ledger_transaction SET note = 'x' WHERE provider_id LIKE 'G%7'"
_DUE = "UPDATE identity_user SET erase_after = now() WHERE id = %s"


def _make_up(superuser: str, rows: int) -> None:
    multiply(superuser, rows)
    with psycopg.connect(superuser) as connection:
        add_entry(connection)
        # Each transaction was imported once, and a tenth of them changed once.
        connection.execute(record_rows("provider_id LIKE 'G%'"))
        connection.execute(_CHANGED)


def _be_due(superuser: str, user_id: UserId) -> None:
    with psycopg.connect(superuser) as connection:
        add_entry(connection)
        connection.execute(_DUE, [user_id])


async def _export(user_id: UserId, rows: int) -> tuple[float, int]:
    from dashtam.application.identity.personal_data import ExportUser
    from dashtam.container import container

    began = time.process_time()
    done = await container.use(ExportUser)(user_id=user_id)
    took = time.process_time() - began
    assert isinstance(done, Success)
    assert done.value.counts["ledger_transaction"] == rows
    done.value.content.close()
    return took, done.value.size


async def _erase(user_id: UserId, rows: int) -> float:
    from dashtam.application.identity.personal_data import EraseUser
    from dashtam.container import container

    began = time.perf_counter()
    done = await container.use(EraseUser)(user_id=user_id)
    took = time.perf_counter() - began
    assert isinstance(done, Success)
    assert done.value is not None
    assert done.value["ledger_transaction"] == rows
    await container.publisher.drain()
    container.database.close()
    return took


def main(rows: int) -> dict[str, float]:
    # Linux counts in kilobytes, macOS in bytes.
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    with migrated_database() as superuser:
        user_id = asyncio.run(begin())
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
        _make_up(superuser, rows)
        exported, size = asyncio.run(_export(user_id, rows))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
        _be_due(superuser, user_id)
        erased = asyncio.run(_erase(user_id, rows))
    return {
        "exported": exported,
        "megabytes": peak,
        "grown": peak - before,
        "bytes": size,
        "erased": erased,
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
