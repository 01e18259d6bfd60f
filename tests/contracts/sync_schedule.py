"""What every implementation of `SyncSchedule` must do.

Its own clock decides: what is due was due long ago, and what is not will be in a long time.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from domain.connections.errors import LeaseLost
from domain.connections.ports import Lease
from domain.connections.schedule import Due
from domain.connections.values import DueReason
from domain.shared.ids import ConnectionId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.contracts.world import World

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
FAR_OFF = datetime(2200, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DUE = Due(LONG_AGO, DueReason.INTERVAL)
NEXT = Due(FAR_OFF, DueReason.INTERVAL)
REQUESTED = Due(LONG_AGO + SECOND, DueReason.REQUESTED)
#: A lease that is over as soon as it begins.
NO_TIME = timedelta(0)
MINUTE = timedelta(minutes=1)
ADA, EVE = UserId(new_id()), UserId(new_id())
DAY = date(2026, 3, 14)
LOST = Failure(LeaseLost("Somebody else syncs this connection by now."))


async def scheduled(world: World, due: Due | None = DUE, owner: UserId = ADA) -> ConnectionId:
    """Schedule a connection; there is no need for it to exist."""
    connection_id = ConnectionId(new_id())
    assert await world.sync_schedule.set_due(connection_id, due, owner=owner) == Success(None)
    return connection_id


async def claimed(world: World, *, most: int = 9, lease: timedelta = MINUTE) -> list[Lease]:
    found = await world.sync_schedule.claim(most=most, lease=lease)
    assert isinstance(found, Success)
    return list(found.value)


async def due_of(world: World, connection_id: ConnectionId) -> Due | None:
    found = await world.sync_schedule.due([connection_id])
    assert isinstance(found, Success)
    return found.value.get(connection_id)


class DueContract:
    async def test_returns_when_connections_are_due(self, world: World) -> None:
        soon, later = await scheduled(world), await scheduled(world, NEXT)
        never, unknown = await scheduled(world, None), ConnectionId(new_id())
        await scheduled(world)

        found = await world.sync_schedule.due([soon, later, never, unknown])

        assert found == Success({soon: DUE, later: NEXT})
        assert await world.sync_schedule.due([]) == Success({})

    async def test_the_last_due_date_counts(self, world: World) -> None:
        connection_id = await scheduled(world)
        for due in (NEXT, None, REQUESTED):
            await world.sync_schedule.set_due(connection_id, due, owner=ADA)

            assert await due_of(world, connection_id) == due

    async def test_a_new_due_date_ends_a_series_of_failures(self, world: World) -> None:
        connection_id = await scheduled(world)
        (lease,) = await claimed(world)
        await world.sync_schedule.finish(lease, DUE, failures=3)
        (again,) = await claimed(world)
        await world.sync_schedule.finish(again, NEXT, failures=again.failures + 1)

        await world.sync_schedule.set_due(connection_id, REQUESTED, owner=ADA)

        (last,) = await claimed(world)
        assert (lease.failures, again.failures, last.failures) == (0, 3, 0)


class ClaimContract:
    async def test_claims_what_is_due_the_longest_waiting_first(self, world: World) -> None:
        dues = [Due(LONG_AGO + n * SECOND, DueReason.OUTAGE) for n in (3, 1, 2)]
        made = {due.at: await scheduled(world, due) for due in dues}
        await scheduled(world, NEXT)
        await scheduled(world, None)

        first, rest = await claimed(world, most=2), await claimed(world)

        assert [each.due for each in first] == [dues[1], dues[2]]
        assert [each.due for each in rest] == [dues[0]]
        assert [each.connection_id for each in (*first, *rest)] == [made[at] for at in sorted(made)]
        assert {each.owner for each in (*first, *rest)} == {ADA}

    async def test_claims_for_all_users(self, world: World) -> None:
        made = {await scheduled(world): ADA, await scheduled(world, owner=EVE): EVE}

        found = await claimed(world)

        assert {each.connection_id: each.owner for each in found} == made

    async def test_what_is_leased_is_not_claimed(self, world: World) -> None:
        connection_id = await scheduled(world)

        assert len(await claimed(world)) == 1
        assert await claimed(world) == []
        lost = await world.sync_schedule.claim_one(connection_id, owner=ADA, lease=MINUTE)
        assert lost == LOST

    async def test_an_expired_lease_is_claimed_again_under_another_number(
        self, world: World
    ) -> None:
        connection_id = await scheduled(world)
        (expired,) = await claimed(world, lease=NO_TIME)

        (lease,) = await claimed(world)

        assert (lease.connection_id, lease.due) == (connection_id, DUE)
        assert lease.number > expired.number
        assert lease.until > expired.until

    async def test_one_connection_is_claimed_due_or_not(self, world: World) -> None:
        for due in (DUE, NEXT):
            connection_id = await scheduled(world, due)

            found = await world.sync_schedule.claim_one(connection_id, owner=ADA, lease=MINUTE)

            assert isinstance(found, Success)
            assert (found.value.connection_id, found.value.owner) == (connection_id, ADA)
            assert found.value.due == due

    async def test_one_that_is_never_due_is_claimed_as_if_requested(self, world: World) -> None:
        """If whoever claimed it is killed, somebody else goes on."""
        connection_id = await scheduled(world, None)

        found = await world.sync_schedule.claim_one(connection_id, owner=ADA, lease=NO_TIME)

        assert isinstance(found, Success)
        assert found.value.due.reason is DueReason.REQUESTED
        (again,) = await claimed(world)
        assert (again.connection_id, again.due) == (connection_id, found.value.due)
        assert await world.sync_schedule.finish(again, NEXT, failures=0) == Success(None)
        assert await due_of(world, connection_id) == NEXT

    async def test_nobody_claims_a_connection_of_another_user(self, world: World) -> None:
        connection_id = await scheduled(world)
        unknown = ConnectionId(new_id())

        for which, owner in ((connection_id, EVE), (unknown, ADA)):
            found = await world.sync_schedule.claim_one(which, owner=owner, lease=MINUTE)
            assert found == LOST


class LeaseContract:
    async def test_a_renewed_lease_goes_on(self, world: World) -> None:
        await scheduled(world)
        (lease,) = await claimed(world, lease=NO_TIME)

        renewed = await world.sync_schedule.renew(lease, by=MINUTE)

        assert isinstance(renewed, Success)
        assert renewed.value.until > lease.until
        assert replace(renewed.value, until=lease.until) == lease
        assert await claimed(world) == []
        assert await world.sync_schedule.confirm(renewed.value) == Success(None)
        assert await world.sync_schedule.confirm(lease) == Success(None)

    async def test_a_lost_lease_is_good_for_nothing(self, world: World) -> None:
        connection_id = await scheduled(world)
        (lost,) = await claimed(world, lease=NO_TIME)
        (lease,) = await claimed(world)

        assert await world.sync_schedule.renew(lost, by=MINUTE) == LOST
        assert await world.sync_schedule.confirm(lost) == LOST
        assert await world.sync_schedule.finish(lost, NEXT, failures=0) == LOST

        assert await due_of(world, connection_id) == DUE
        assert await world.sync_schedule.confirm(lease) == Success(None)

    async def test_a_lease_ends_once(self, world: World) -> None:
        connection_id = await scheduled(world)
        (lease,) = await claimed(world)

        assert await world.sync_schedule.finish(lease, NEXT, failures=1) == Success(None)

        assert await due_of(world, connection_id) == NEXT
        assert await world.sync_schedule.finish(lease, DUE, failures=0) == LOST
        assert await world.sync_schedule.renew(lease, by=MINUTE) == LOST
        assert await world.sync_schedule.confirm(lease) == LOST
        assert await due_of(world, connection_id) == NEXT

    async def test_what_has_ended_is_claimed_when_it_is_due_again(self, world: World) -> None:
        connection_id = await scheduled(world)
        (lease,) = await claimed(world)
        later = Due(LONG_AGO + SECOND, DueReason.OUTAGE)

        await world.sync_schedule.finish(lease, later, failures=lease.failures + 1)

        (again,) = await claimed(world)
        assert (again.connection_id, again.due, again.failures) == (connection_id, later, 1)
        await world.sync_schedule.finish(again, None, failures=0)
        assert await due_of(world, connection_id) is None
        assert await claimed(world) == []

    async def test_what_was_requested_during_a_lease_stays_due(self, world: World) -> None:
        connection_id = await scheduled(world)
        (lease,) = await claimed(world)
        await world.sync_schedule.set_due(connection_id, REQUESTED, owner=ADA)
        renewed = await world.sync_schedule.renew(lease, by=MINUTE)
        assert isinstance(renewed, Success)

        assert await claimed(world) == []
        assert await world.sync_schedule.finish(renewed.value, NEXT, failures=0) == Success(None)

        assert await due_of(world, connection_id) == REQUESTED
        (again,) = await claimed(world)
        assert again.due == REQUESTED

    async def test_what_was_paused_during_a_lease_is_not_due(self, world: World) -> None:
        connection_id = await scheduled(world)
        (lease,) = await claimed(world)
        await world.sync_schedule.set_due(connection_id, None, owner=ADA)

        await world.sync_schedule.finish(lease, NEXT, failures=0)

        assert await due_of(world, connection_id) is None


class RequestCountContract:
    async def test_counts_up_to_the_quota(self, world: World) -> None:
        connection_id = ConnectionId(new_id())
        allowed = [
            await world.sync_schedule.count_request(connection_id, "", DAY, owner=ADA, most=2)
            for _ in range(4)
        ]

        assert allowed == [Success(True), Success(True), Success(False), Success(False)]
        assert await world.sync_schedule.requests(connection_id, DAY) == Success({"": 2})

    async def test_counts_by_connection_account_and_day(self, world: World) -> None:
        one, other = ConnectionId(new_id()), ConnectionId(new_id())
        tomorrow = DAY + timedelta(days=1)
        sent = [(one, "a", DAY), (one, "b", DAY), (one, "a", tomorrow), (other, "a", DAY)]
        for connection_id, key, day in (*sent, (one, "a", DAY)):
            counted = await world.sync_schedule.count_request(
                connection_id, key, day, owner=ADA, most=2
            )
            assert counted == Success(True)

        assert await world.sync_schedule.requests(one, DAY) == Success({"a": 2, "b": 1})
        assert await world.sync_schedule.requests(one, tomorrow) == Success({"a": 1})
        assert await world.sync_schedule.requests(other, DAY) == Success({"a": 1})
        assert await world.sync_schedule.requests(other, tomorrow) == Success({})

    async def test_a_quota_of_nothing_allows_nothing(self, world: World) -> None:
        connection_id = ConnectionId(new_id())

        counted = await world.sync_schedule.count_request(connection_id, "", DAY, owner=ADA, most=0)

        assert counted == Success(False)
        assert await world.sync_schedule.requests(connection_id, DAY) == Success({})


class SyncScheduleContract(DueContract, ClaimContract, LeaseContract, RequestCountContract):
    """All of it."""
