"""Has daily files imported by processes that are killed: one order a line, and one answer.

It works on the database through children alone, made by fork: they begin where Django is ready, so
that many can be killed in a short time.
"""

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import partial
from typing import Any

from faults.daily_files import daily_files

AGAIN_SECONDS = 0.05
#: A child lives at most so long before it is killed: some files, or a part of one.
LONGEST_LIFE_SECONDS = 0.4
#: More calls of the database than an import may take.
MOST_STEPS = 500


Tell = Callable[[str], None]
Work = Callable[[Tell], Coroutine[Any, Any, None]]


class Child:
    """A process of its own, and what it has told so far."""

    def __init__(self, work: Work) -> None:
        self._reading, writing = os.pipe()
        self.id = os.fork()
        if self.id == 0:
            self._live(work, writing)
        os.close(writing)

    def _live(self, work: Work, writing: int) -> None:
        """Do the work, and never return: what is of the parent is left alone."""
        status = 1
        try:
            asyncio.run(work(lambda words: _write(writing, words)))
            status = 0
        finally:
            sys.stderr.flush()
            os._exit(status)

    def kill(self) -> None:
        os.kill(self.id, signal.SIGKILL)

    def end(self) -> tuple[bool, list[str]]:
        """Wait for its end; return whether it was killed, and what it told."""
        with os.fdopen(self._reading) as lines:
            told = lines.read().splitlines()
        _, status = os.waitpid(self.id, 0)
        if os.WIFSIGNALED(status):
            return True, told
        if status:
            raise RuntimeError("an importer failed")
        return False, told


def _write(descriptor: int, words: str) -> None:
    os.write(descriptor, f"{words}\n".encode())


async def _import_all(email: str, waiting: Sequence[int], tell: Tell) -> None:
    """Import these files, each until it is told to be done, and tell which one was."""
    user_id = await _find(email)
    files = daily_files()
    for place in waiting:
        await _import(user_id, files[place])
        tell(str(place))


async def _find(email: str) -> Any:
    from dashtam.container import container
    from domain.identity.values import Email
    from domain.shared.result import Success

    found = await container.ports.users.get_by_email(Email(email))
    assert isinstance(found, Success)
    return found.value.id


async def _import(user_id: Any, content: bytes) -> None:
    """Import a file until it is told to be done."""
    done = await _attempt(user_id, content)
    while not done:
        await asyncio.sleep(AGAIN_SECONDS)
        done = await _attempt(user_id, content)


async def _attempt(user_id: Any, content: bytes) -> bool:
    from dashtam.application.ledger.import_pipeline import ImportPipeline
    from dashtam.container import container
    from domain.ledger.imports import ImportRequest
    from domain.shared.errors import OutcomeUnknown
    from domain.shared.result import Success

    try:
        done = await container.use(ImportPipeline)(
            ImportRequest(user_id=user_id, file_name="day.xml", content=content)
        )
    except OutcomeUnknown:
        return False
    await container.publisher.drain()
    return isinstance(done, Success)


async def _register(email: str) -> None:
    from dashtam.application.identity.users import RegisterUser
    from dashtam.container import container

    await container.use(RegisterUser)(email=email, password="a long enough password")  # noqa: S106


def register(email: str) -> dict[str, int]:
    """Make a user of this address."""
    Child(lambda _: _register(email)).end()
    return {}


def whole(email: str, places: Sequence[int]) -> dict[str, int]:
    """Import the files one after the other, undisturbed."""

    _, told = Child(lambda tell: _import_all(email, places, tell)).end()
    return {"told": len(told)}


def killed(email: str, places: Sequence[int], kills: int, seed: int) -> dict[str, int]:
    """Import the files, each twice and in an order that chance decides; kill whoever does it."""
    chance = random.Random(seed)  # noqa: S311
    order = [*places, *places]
    chance.shuffle(order)
    waiting, struck = deque(order), 0
    while waiting:
        child = Child(lambda tell: _import_all(email, list(waiting), tell))
        if struck < kills:
            time.sleep(chance.random() * LONGEST_LIFE_SECONDS)
            child.kill()
        was_killed, told = child.end()
        struck += was_killed
        for _ in told:
            waiting.popleft()
    return {"kills": struck, "told": len(order)}


def stepped(email: str, places: Sequence[int]) -> dict[str, int]:
    """Import each file by processes that end after one call of the database, two, three …"""
    kills = 0
    for place in places:
        for steps in _steps():
            was_killed, _ = Child(partial(_import_until, email, place, steps)).end()
            kills += was_killed
            if not was_killed:
                break
    return {"kills": kills, "told": len(places)}


def _steps() -> Iterator[int]:
    yield from range(1, MOST_STEPS)
    raise RuntimeError(f"an import takes more than {MOST_STEPS} calls of the database")


async def _import_until(email: str, place: int, steps: int, tell: Tell) -> None:
    user_id = await _find(email)
    content = daily_files()[place]
    _die_after(steps)
    await _import(user_id, content)
    tell(str(place))


def _die_after(steps: int) -> None:
    """End this process, as by kill -9, right after the driver's call of that number."""
    import psycopg

    left = steps

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def method(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            result = call(*args, **kwargs)
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return method

    for owner, name in (
        (psycopg.Cursor, "execute"),
        (psycopg.Cursor, "executemany"),
        (psycopg.Cursor, "copy"),
        (psycopg.Connection, "commit"),
    ):
        setattr(owner, name, counted(getattr(owner, name)))


def judge(email: str) -> dict[str, Any]:
    """Return what a person is told of the continuity of each account."""
    child = Child(lambda tell: _continuity(email, tell))
    _, told = child.end()
    return dict(map(json.loads, told))


async def _continuity(email: str, tell: Tell) -> None:
    from dashtam.application.ledger.accounts import ListAccounts
    from dashtam.application.ledger.statements import ShowContinuity
    from dashtam.container import container
    from domain.shared.result import Success

    user_id = await _find(email)
    accounts = await container.use(ListAccounts)(user_id=user_id)
    assert isinstance(accounts, Success)
    for each in accounts.value:
        account = each.account
        shown = await container.use(ShowContinuity)(account_id=account.id, user_id=user_id)
        assert isinstance(shown, Success)
        told = shown.value
        counts = {
            "statements": told.statements,
            "links": told.linked,
            "failing": len(told.unbalanced),
            "unknown": told.unknown,
        }
        breaks = [
            (each.kind, str(each.first_day), str(each.last_day), str(each.difference))
            for each in told.discrepancies
        ]
        tell(json.dumps([account.number, {**counts, "breaks": breaks}]))


ORDERS: dict[str, Callable[..., dict[str, Any]]] = {
    "register": register,
    "whole": whole,
    "killed": killed,
    "stepped": stepped,
    "judge": judge,
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    import django

    django.setup()
    # Children find everything loaded.
    import dashtam.urls

    assert dashtam.urls.api
    for line in sys.stdin:
        kind, given = json.loads(line)
        sys.stdout.write(json.dumps(ORDERS[kind](**given)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
