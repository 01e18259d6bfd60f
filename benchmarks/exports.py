"""Export a ledger in every format: seconds, and the process's peak memory in MB."""

import asyncio
import json
import resource
import sys
import time

import psycopg

from benchmarks.server import migrated_database
from benchmarks.synthetic import ofx
from domain.ledger.exports import ExportScope
from domain.shared.ids import UserId
from domain.shared.result import Success
from tests.unaudited import add_entry

# Copies of the imported row, with days and ids of their own.
_MULTIPLY = """
INSERT INTO ledger_transaction (
    id, user_id, account_id, import_id, fingerprint, occurrence, provider_id, booking_date,
    amount, currency, kind, status, description, line, raw
)
SELECT uuidv7(), user_id, account_id, import_id, sha256(n::text::bytea), 1, 'G' || n,
    booking_date + n %% 2000, amount - n, currency, kind, status, description || n, n, raw
FROM ledger_transaction, generate_series(1, %s) n
"""


async def begin() -> UserId:
    from dashtam.application.identity.users import RegisterUser
    from dashtam.application.ledger.import_pipeline import ImportPipeline
    from dashtam.container import container
    from domain.ledger.imports import ImportRequest

    registered = await container.use(RegisterUser)(
        email="bench@dashtam.example", password="a password for measuring"
    )
    assert isinstance(registered, Success)
    user_id = registered.value.id
    await container.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="bench.ofx", content=ofx(1))
    )
    await container.drain()
    return user_id


def multiply(superuser: str, rows: int) -> None:
    with psycopg.connect(superuser) as connection:
        add_entry(connection)
        connection.execute(_MULTIPLY, [rows - 1])


async def _export(user_id: UserId, rows: int) -> dict[str, float]:
    from dashtam.application.ledger.export_ledger import ExportLedger
    from dashtam.container import container

    figures = {}
    for name in container.use(ExportLedger).formats:
        began = time.perf_counter()
        done = await container.use(ExportLedger)(user_id=user_id, format=name, scope=ExportScope())
        figures[name] = time.perf_counter() - began
        assert isinstance(done, Success)
        assert done.value.count == rows
        done.value.content.close()
    container.database.close()
    return figures


def main(rows: int) -> dict[str, float]:
    with migrated_database() as superuser:
        user_id = asyncio.run(begin())
        multiply(superuser, rows)
        figures = asyncio.run(_export(user_id, rows))
    # Linux counts in kilobytes, macOS in bytes.
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return {"slowest": max(figures.values()), "megabytes": peak, **figures}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
