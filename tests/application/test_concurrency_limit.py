"""Few at a time do what is costly, on whichever event loop they are."""

import asyncio

from dashtam.application.concurrency_limit import ConcurrencyLimit


class Desk:
    """Somewhere that few are let in at once."""

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


async def crowd(desk: Desk, size: int = 20) -> None:
    await asyncio.gather(*(desk.visit(number) for number in range(size)))


async def test_work_above_the_limit_waits_in_order() -> None:
    desk = Desk(3)

    await crowd(desk)

    assert (desk.fullest, desk.inside) == (3, 0)
    assert desk.served == list(range(20))


async def test_a_cancelled_waiter_frees_its_place() -> None:
    desk = Desk(1)
    async with desk.limit.slot():
        waiting = asyncio.create_task(desk.visit(1))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    await asyncio.wait_for(desk.visit(2), 5)

    assert desk.served == [2]


def test_each_event_loop_has_a_limit_of_its_own() -> None:
    desk = Desk(1)

    for _ in range(2):
        # A semaphore that waited on one loop is refused by the next.
        asyncio.run(crowd(desk, 5))

    assert len(desk.served) == 10
