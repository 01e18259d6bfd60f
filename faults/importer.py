"""A process that imports and prints each result: `register`, `all`, or `forever SEED`."""

import asyncio
import itertools
import os
import random
import sys
from typing import Any

from faults.files import contents

EMAIL = "ada@example.org"
PAUSE_SECONDS = 0.1


async def _register() -> None:
    from dashtam.application.identity.users import RegisterUser
    from dashtam.container import container

    await container.use(RegisterUser)(email=EMAIL, password="a long enough password")  # noqa: S106


async def _import_all(seed: int | None) -> None:
    """Import every file once, or all of them for ever in random order."""
    from dashtam.container import container
    from domain.identity.values import Email
    from domain.shared.result import Success

    found = await container.ports.users.get_by_email(Email(EMAIL))
    while not isinstance(found, Success):
        await asyncio.sleep(PAUSE_SECONDS)
        found = await container.ports.users.get_by_email(Email(EMAIL))
    order = contents()
    for number in itertools.count() if seed is not None else range(1):
        random.Random(seed).shuffle(order)  # noqa: S311
        for content in order:
            # The same bytes would be the import that they have.
            await _import(found.value.id, content + b"\n" * number)


async def _import(user_id: Any, content: bytes) -> None:
    """Retry the import of a file until it succeeds."""
    while result := await _attempt(user_id, content):
        _print(result)
        if result.startswith("imported"):
            return
        await asyncio.sleep(PAUSE_SECONDS)


async def _attempt(user_id: Any, content: bytes) -> str:
    from dashtam.application.ledger.import_pipeline import ImportPipeline
    from dashtam.container import container
    from domain.ledger.imports import ImportRequest
    from domain.shared.errors import OutcomeUnknown
    from domain.shared.result import Success

    try:
        done = await container.use(ImportPipeline)(
            ImportRequest(user_id=user_id, file_name="fault.ofx", content=content)
        )
    except OutcomeUnknown:
        return "unknown"
    return f"imported {done.value.id}" if isinstance(done, Success) else "unavailable"


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    import django

    django.setup()
    kind, *seed = sys.argv[1:]
    if kind == "register":
        asyncio.run(_register())
    else:
        asyncio.run(_import_all(int(seed[0]) if seed else None))


if __name__ == "__main__":
    main()
