"""The cost of audit entry, event and commit check for an import: with them, and without."""

import asyncio
import json
import statistics
import sys
import time
from typing import Any

import psycopg

from benchmarks.server import migrated_database
from benchmarks.synthetic import ofx
from domain.shared.result import Success

ROUNDS = 7


def main(rows: int) -> dict[str, float]:
    with migrated_database() as url:
        return asyncio.run(_compare(url, rows))


async def _compare(url: str, rows: int) -> dict[str, float]:
    """Interleave imports of both kinds, each into a ledger of its own."""
    from dashtam.application.identity.users import RegisterUser
    from dashtam.container import container

    content = ofx(rows)
    seconds: dict[str, list[float]] = {"with": [], "without": []}
    for number in range(ROUNDS):
        for kind, taken in seconds.items():
            registered = await container.use(RegisterUser)(
                email=f"{kind}-{number}@dashtam.example", password="a password for measuring"
            )
            assert isinstance(registered, Success)
            _cast_net(url, cast=kind == "with")
            taken.append(await _import(_use_case(bare=kind == "without"), registered, content))
            _cast_net(url, cast=True)
    await container.drain()
    container.database.close()
    full, bare = (statistics.median(taken) for taken in seconds.values())
    return {"ratio": full / bare, "with_seconds": full, "without_seconds": bare}


async def _import(use_case: Any, registered: Any, content: bytes) -> float:
    began = time.perf_counter()
    done = await use_case(user_id=registered.value.id, file_name="bench.ofx", content=content)
    took = time.perf_counter() - began
    assert isinstance(done, Success)
    return took


def _use_case(*, bare: bool) -> Any:
    """Return the import as it is, or one whose commit records and publishes nothing."""
    from dataclasses import replace

    from adapters.persistence.unit_of_work import DjangoUnitOfWork
    from dashtam.application.ledger.import_pipeline import ImportPipeline
    from dashtam.container import container

    class Silent(DjangoUnitOfWork):
        def _write(self, facts: object, events: object) -> None:
            """Leave out what is measured."""

    def silent(*, owner: Any = None, snapshot: bool = False) -> DjangoUnitOfWork:
        return Silent(
            container.database,
            container.audit_trail,
            container.publisher,
            owner,
            snapshot=snapshot,
        )

    use_case = container.use(ImportPipeline)
    return replace(use_case, unit_of_work=silent) if bare else use_case


def _cast_net(url: str, *, cast: bool) -> None:
    from adapters.persistence.base import business_tables

    change = "ENABLE ALWAYS" if cast else "DISABLE"
    with psycopg.connect(url, autocommit=True) as connection:
        for table in business_tables():
            for name in ("audited", "changed", "deleted"):
                statement = f"ALTER TABLE {table} {change} TRIGGER {table}_{name}"
                connection.execute(statement.encode())


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
