"""A process that queues imports, or one that processes them: `post SEED` or `relay`."""

import asyncio
import os
import random
import sys
from datetime import timedelta
from typing import Any

from faults.files import contents
from faults.importer import EMAIL, PAUSE_SECONDS

LEASE = timedelta(seconds=2)
#: One in this many files is invalid: its import must fail, and not be retried for ever.
BROKEN_ONE_OF = 10
#: So many files have the same rows.
BYTES = 500


async def _post(seed: int) -> None:
    """Queue files for ever, as the API does for large ones, and print each accepted import."""
    from dashtam.container import container
    from domain.identity.values import Email
    from domain.shared.result import Success

    found = await container.ports.users.get_by_email(Email(EMAIL))
    while not isinstance(found, Success):
        await asyncio.sleep(PAUSE_SECONDS)
        found = await container.ports.users.get_by_email(Email(EMAIL))
    chance = random.Random(seed)  # noqa: S311
    files = contents()
    while True:
        # Files of other bytes are imports of their own, though their rows are the same.
        content = chance.choice(files) + b"\n" * chance.randrange(BYTES)
        broken = chance.randrange(BROKEN_ONE_OF) == 0
        await _give(found.value.id, content.rstrip()[:-40] if broken else content)
        await asyncio.sleep(chance.random() * PAUSE_SECONDS)


async def _give(user_id: Any, content: bytes) -> None:
    from dashtam.application.ledger.submit_import import SubmitImport
    from dashtam.container import container
    from domain.ledger.imports import ImportRequest
    from domain.shared.errors import OutcomeUnknown
    from domain.shared.result import Success

    try:
        taken = await container.use(SubmitImport)(
            ImportRequest(user_id=user_id, file_name="fault.ofx", content=content, background=True)
        )
    except OutcomeUnknown:
        return
    if isinstance(taken, Success):
        sys.stdout.write(f"{taken.value.id}\n")
        sys.stdout.flush()


async def _relay() -> None:
    """Deliver events for ever, with a lease so short that it expires during imports."""
    from adapters.events import Lane, Reactions, Relay
    from dashtam.container import container

    reactions = Reactions(container.database, container.subscriptions)
    await Relay(container.database, dict.fromkeys(Lane, reactions), lease=LEASE).run()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    import django

    django.setup()
    kind, *seed = sys.argv[1:]
    asyncio.run(_post(int(seed[0])) if kind == "post" else _relay())


if __name__ == "__main__":
    main()
