"""Import a synthetic statement end to end (read, match, post, audit, commit), and undo it.

Between the two, the same file is sent again, which is answered with the import that exists.

Beside it a bare COPY of the same rows into a table that asks nothing, as the least it could cost.
"""

import asyncio
import json
import resource
import sys
import time

import psycopg

from benchmarks.server import migrated_database
from benchmarks.synthetic import ofx
from domain.shared.result import Success

_BARE = "CREATE TABLE bare AS SELECT * FROM ledger_transaction LIMIT 0"


async def _import_first() -> None:
    from dashtam.application.identity.users import RegisterUser
    from dashtam.application.ledger.import_pipeline import ImportPipeline
    from dashtam.container import container
    from domain.ledger.imports import ImportRequest

    registered = await container.use(RegisterUser)(
        email="first@dashtam.example", password="a password for measuring"
    )
    assert isinstance(registered, Success)
    done = await container.use(ImportPipeline)(
        ImportRequest(user_id=registered.value.id, file_name="first.ofx", content=ofx(1))
    )
    assert isinstance(done, Success)


async def _import(rows: int) -> dict[str, float]:
    from dashtam.application.identity.users import RegisterUser
    from dashtam.application.ledger.import_pipeline import ImportPipeline
    from dashtam.application.ledger.undo_import import UndoImport
    from dashtam.container import container
    from domain.ledger.imports import ImportRequest

    # Work that a process does once, for its first file, is not part of the cost of a file.
    await _import_first()
    registered = await container.use(RegisterUser)(
        email="bench@dashtam.example", password="a password for measuring"
    )
    assert isinstance(registered, Success)
    content, figures = ofx(rows), {}
    for figure in ("first", "again"):
        began = time.perf_counter()
        done = await container.use(ImportPipeline)(
            ImportRequest(user_id=registered.value.id, file_name="bench.ofx", content=content)
        )
        figures[figure] = time.perf_counter() - began
        assert isinstance(done, Success)
        assert done.value.new == rows
        assert done.value.is_resubmitted is (figure == "again")
        import_id = done.value.id
    began = time.perf_counter()
    undone = await container.use(UndoImport)(import_id=import_id, user_id=registered.value.id)
    figures["undo"] = time.perf_counter() - began
    assert isinstance(undone, Success)
    await container.drain()
    container.database.close()
    return figures


def _copy(url: str, rows: int) -> float:
    """Return the seconds that a plain COPY of the transactions takes."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(_BARE)
        with cursor.copy("COPY ledger_transaction TO STDOUT") as out:
            data = list(out)
        began = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN") as into:
            for block in data:
                into.write(block)
        connection.commit()
        took = time.perf_counter() - began
        found = cursor.execute("SELECT count(*) FROM bare").fetchone()
    assert found is not None
    assert found[0] >= rows
    return took


def main(rows: int) -> dict[str, float]:
    with migrated_database() as url:
        figures = asyncio.run(_import(rows))
        # Linux counts in kilobytes, macOS in bytes.
        unit = 1024 * 1024 if sys.platform == "darwin" else 1024
        figures["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
        figures["copy"] = _copy(url, rows)
    figures["again_to_first"] = figures["again"] / figures["first"]
    figures["to_copy"] = figures["first"] / figures["copy"]
    return figures


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
