"""The number of concurrent costly operations is limited, on every event loop."""

import asyncio

from dashtam.application.concurrency_limit import ConcurrencyLimit


class LimitedWork:
    """Work with a concurrency limit."""

    def __init__(self, most: int) -> None:
        self.limit = ConcurrencyLimit(most)
        self.inside = self.fullest = 0
        self.served: list[int] = []

    async def visit(self, number: int) -> None:
        async with self.limit.slot():
            self.inside += 1
            self.fullest = max(self.fullest, self.inside)
            await asyncio.sleep(0)
            self.inside -= 1
            self.served.append(number)


async def crowd(work: LimitedWork, size: int = 20) -> None:
    await asyncio.gather(*(work.visit(number) for number in range(size)))


async def test_work_above_the_limit_waits_in_order() -> None:
    work = LimitedWork(3)

    await crowd(work)

    assert (work.fullest, work.inside) == (3, 0)
    assert work.served == list(range(20))


async def test_a_cancelled_waiter_frees_its_place() -> None:
    work = LimitedWork(1)
    async with work.limit.slot():
        waiting = asyncio.create_task(work.visit(1))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    await asyncio.wait_for(work.visit(2), 5)

    assert work.served == [2]


def test_each_event_loop_has_a_limit_of_its_own() -> None:
    work = LimitedWork(1)

    for _ in range(2):
        # A semaphore that waited on one loop is refused by the next.
        asyncio.run(crowd(work, 5))

    assert len(work.served) == 10
