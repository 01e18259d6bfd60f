"""Import a synthetic statement end to end: read, judge, enter, audit, commit; then once more."""

import asyncio
import json
import sys
import time

from benchmarks.server import migrated_database
from benchmarks.synthetic import ofx
from domain.shared.result import Success


async def _import(rows: int) -> dict[str, float]:
    from dashtam.container import container

    registered = await container.register_user(
        email="bench@dashtam.example", password="a password for measuring"
    )
    assert isinstance(registered, Success)
    content, figures = ofx(rows), {}
    for figure, new in (("first", rows), ("again", 0)):
        began = time.perf_counter()
        done = await container.import_statement(
            user_id=registered.value.id, file_name="bench.ofx", content=content
        )
        figures[figure] = time.perf_counter() - began
        assert isinstance(done, Success)
        assert done.value.new == new
    await container.drain()
    container.database.close()
    return figures


def main(rows: int) -> dict[str, float]:
    with migrated_database():
        return asyncio.run(_import(rows))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
