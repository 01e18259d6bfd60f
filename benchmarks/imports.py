"""Import a synthetic statement end to end: read, judge, enter, audit, commit; then once more."""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from adapters.embedded_postgres import EmbeddedPostgres
from benchmarks.synthetic import ofx


async def _import(rows: int) -> dict[str, float]:
    from dashtam.container import container
    from domain.shared.result import Success

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
    os.environ["DJANGO_SETTINGS_MODULE"] = "dashtam.settings"
    os.environ["LOG_LEVEL"] = "WARNING"
    os.environ["EMAIL_URL"] = "dummymail://"
    import django
    from django.core.management import call_command

    # The server keeps its promises here: nothing is tuned away.
    with (
        tempfile.TemporaryDirectory(prefix="dashtam-bench-") as directory,
        EmbeddedPostgres.start(Path(directory) / "postgres") as server,
    ):
        os.environ["DATABASE_URL"] = server.ensure_database("bench")
        django.setup()
        call_command("migrate", verbosity=0)
        return asyncio.run(_import(rows))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
