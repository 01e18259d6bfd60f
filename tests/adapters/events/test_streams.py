"""Events over Redis Streams: once in effect, in order, whatever dies in between."""

import asyncio
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from redis.exceptions import ConnectionError as Gone

from adapters.events import Lane, Reactions, Relay, on
from adapters.events.deliveries import stream_consumer
from adapters.events.streams import (
    GROUP,
    PARTITIONS,
    READER,
    RedisStream,
    StreamConsumer,
    redis_at,
    stream,
    stream_of,
)
from adapters.persistence.outbox import outbox, returns
from adapters.persistence.outbox.models import OutboxModel
from dashtam.application.audit.resend_events import ResendEvents
from dashtam.container import container
from domain.identity.events import UserRegistered
from domain.shared.ids import UserId, new_id
from domain.shared.result import Success
from tests.adapters.events.reactions import Reaction, commit, make_due, registered, row
from tests.adapters.persistence.scratch import until
from tests.lanes import SEED

SERVER = shutil.which("redis-server")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("committing_database"),
    pytest.mark.skipif(
        SERVER is None, reason="STREAMS ARE NOT TESTED: apt-get install redis-server"
    ),
]


class Server:
    """A Redis of our own, without persistence."""

    def __init__(self, directory: Path) -> None:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert SERVER
        options = ["--save", "", "--appendonly", "no", "--dir", str(self._directory)]
        address = ["--bind", "127.0.0.1", "--port", str(self.port)]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen([SERVER, *address, *options], stdout=quiet)
        for _ in range(5000):
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise AssertionError("redis-server did not start")

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("redis"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def reaction() -> Reaction:
    return Reaction()


@pytest.fixture
def empty(server: Server) -> Server:
    async def forget() -> None:
        async with redis_at(server.url) as redis:
            await redis.flushall()

    asyncio.run(forget())
    return server


@asynccontextmanager
async def relaying(server: Server) -> AsyncIterator[Relay]:
    async with redis_at(server.url) as redis:
        yield Relay(container.database, {Lane.DEFAULT: RedisStream(redis)})


@asynccontextmanager
async def consuming(server: Server, reaction: Reaction) -> AsyncIterator[None]:
    reactions = Reactions(container.database, [on(UserRegistered, reaction, consumer="reaction")])
    async with redis_at(server.url) as redis:
        task = asyncio.create_task(StreamConsumer(container.database, redis, reactions).run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def was_received(reaction: Reaction, count: int) -> Callable[[], bool]:
    return lambda: len(reaction.received) == count


async def test_an_event_is_delivered_once(empty: Server, reaction: Reaction) -> None:
    event = registered()
    await commit(event)

    async with relaying(empty) as relay, consuming(empty, reaction):
        assert await relay.deliver_all() == (1, 0)
        await until(was_received(reaction, 1))

    assert reaction.received == [event]
    assert (await row()).delivered_at is not None


async def test_events_of_one_aggregate_stay_in_order(empty: Server, reaction: Reaction) -> None:
    users = [UserId(new_id()) for _ in range(5)]
    events = [registered(users[number % 5]) for number in range(40)]
    for event in events:
        await commit(event)

    async with relaying(empty) as relay, consuming(empty, reaction), consuming(empty, reaction):
        await relay.deliver_all()
        await until(was_received(reaction, 40))

    for user in users:
        expected = [event for event in events if event.subject_id == user]
        assert [event for event in reaction.received if event.subject_id == user] == expected


async def test_an_event_added_twice_has_one_effect(empty: Server, reaction: Reaction) -> None:
    await commit(registered())
    async with relaying(empty) as relay, redis_at(empty.url) as redis:
        claimed = await container.database.run(outbox.claim, Lane.DEFAULT, timedelta(seconds=60))
        # As a relay that dies before it marks what it has put in.
        await RedisStream(redis).deliver(claimed[0])
        await make_due()
        assert await relay.deliver_all() == (1, 0)
        assert await redis.xlen(stream_of(claimed[0].aggregate_id)) == 2

    async with consuming(empty, reaction):
        await until(was_received(reaction, 1))
        await asyncio.sleep(0.1)

    assert len(reaction.received) == 1


async def test_what_a_dead_consumer_had_read_is_delivered(
    empty: Server, reaction: Reaction
) -> None:
    event = registered()
    await commit(event)
    async with relaying(empty) as relay, redis_at(empty.url) as redis:
        await relay.deliver_all()
        name = stream_of(event.subject_id or event.event_id)
        await redis.xgroup_create(name, GROUP, id="0")
        assert await redis.xreadgroup(GROUP, READER, {name: ">"})

    async with consuming(empty, reaction):
        await until(was_received(reaction, 1))


async def test_a_failing_event_is_requeued_and_delays_its_aggregate(
    empty: Server, reaction: Reaction
) -> None:
    ada, bob = UserId(new_id()), UserId(new_id())
    first, second, other = registered(ada), registered(ada), registered(bob)
    reaction.error = KeyError("x")
    await commit(first)
    await commit(second, other)

    async with relaying(empty) as relay, consuming(empty, reaction):
        await relay.deliver_all()
        for _ in range(5000):
            if (await container.database.run(outbox.backlog)).waiting == 3:
                break
            await asyncio.sleep(0.02)
        failed = await container.database.run(OutboxModel.objects.get, id=first.event_id)
        assert (failed.last_error, failed.delivered_at) == ("KeyError", None)
        reaction.error = None
        await make_due()
        await relay.deliver_all()
        await until(was_received(reaction, 3))

    of_ada = [event for event in reaction.received if event.subject_id == ada]
    assert of_ada == [first, second]


async def test_after_twelve_attempts_it_is_dead_and_can_be_resent(
    empty: Server, reaction: Reaction
) -> None:
    reaction.error = KeyError("x")
    event = registered()
    await commit(event)
    await container.database.run(lambda: OutboxModel.objects.update(attempts=11))

    async with relaying(empty) as relay, consuming(empty, reaction):
        await relay.deliver_all()
        for _ in range(5000):
            if (await container.database.run(outbox.backlog)).dead == 1:
                break
            await asyncio.sleep(0.02)
        reaction.error = None
        assert await container.use(ResendEvents)(event_ids=None) == Success([event.event_id])
        await relay.deliver_all()
        await until(was_received(reaction, 1))


async def test_an_event_belongs_to_the_relay_until_it_is_marked(empty: Server) -> None:
    await commit(registered())
    (claimed,) = await container.database.run(outbox.claim, Lane.DEFAULT, timedelta(seconds=60))

    # A consumer that is faster than the relay's mark leaves the fact where it is.
    assert not await container.database.run(returns.put_back_failed, claimed, "KeyError")
    await container.database.run(outbox.mark_delivered, claimed)
    assert await container.database.run(returns.put_back_failed, claimed, "KeyError")

    # A relay that has lost its lease does not mark what was requeued either.
    await container.database.run(outbox.mark_delivered, claimed)
    assert (await row()).delivered_at is None


async def test_events_wait_in_the_outbox_while_redis_is_down(
    empty: Server, reaction: Reaction
) -> None:
    await commit(registered())
    empty.stop()
    async with relaying(empty) as relay:
        assert await relay.deliver_all() == (0, 1)
        assert (await row()).last_error == Gone.__name__
        empty.start()
        await make_due()
        async with consuming(empty, reaction):
            assert await relay.deliver_all() == (1, 0)
            await until(was_received(reaction, 1))


async def test_a_consumer_can_be_stopped_at_any_time(empty: Server, reaction: Reaction) -> None:
    chance = random.Random(SEED)
    reactions = Reactions(container.database, [on(UserRegistered, reaction, consumer="reaction")])
    async with redis_at(empty.url) as redis:
        for _ in range(12):
            task = asyncio.create_task(StreamConsumer(container.database, redis, reactions).run())
            await asyncio.sleep(chance.uniform(0, 0.02))
            task.cancel()
            ended, _ = await asyncio.wait([task], timeout=120)
            assert ended


def test_every_aggregate_is_mapped_to_one_stream() -> None:
    names = {stream_of(new_id()) for _ in range(500)}

    assert names == {stream(partition) for partition in range(PARTITIONS)}


def consumer() -> StreamConsumer:
    return stream_consumer(container.database, container.reactions, settings.EVENT_STREAM_URL)


class TestSetting:
    @pytest.fixture(autouse=True)
    def own_container(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(container.__dict__, "relay", raising=False)

    def test_connects_the_relay_to_the_streams(
        self, empty: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "EVENT_STREAM_URL", empty.url)

        assert isinstance(container.relay._deliveries[Lane.DEFAULT], RedisStream)
        assert isinstance(container.relay._deliveries[Lane.IMPORTS], Reactions)
        assert isinstance(consumer(), StreamConsumer)
        del container.__dict__["relay"]

    def test_without_it_there_are_no_streams(self) -> None:
        with pytest.raises(ImproperlyConfigured, match="no event streams: set EVENT_STREAM_URL"):
            call_command("consume")

    def test_without_the_package_it_names_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "EVENT_STREAM_URL", "redis://127.0.0.1:1/0")
        monkeypatch.setitem(sys.modules, "adapters.events.streams", None)
        monkeypatch.delattr("adapters.events.streams", raising=False)

        with pytest.raises(ImproperlyConfigured, match=r"requirements/scale\.txt"):
            consumer()
