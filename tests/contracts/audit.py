"""What every implementation of the audit trail must do."""

from domain.audit.origin import Origin
from domain.shared.events import ANONYMOUS, AuditResult
from domain.shared.result import Success
from tests.contracts.world import World
from tests.factories import NOON, make_entry


class AuditTrailContract:
    async def test_returns_entries_in_order(self, world: World) -> None:
        entries = [make_entry(minutes) for minutes in range(3)]
        assert await world.audit_trail.append(*entries) == Success(None)

        assert await world.audit_trail.since(NOON, limit=10) == Success(entries)
        assert await world.audit_trail.since(NOON, limit=2) == Success(entries[:2])

    async def test_starts_at_the_given_time(self, world: World) -> None:
        entries = [make_entry(minutes) for minutes in range(3)]
        await world.audit_trail.append(*entries)

        later = await world.audit_trail.since(entries[1].occurred_at, limit=10)

        assert later == Success(entries[1:])

    async def test_stores_denials_without_a_user(self, world: World) -> None:
        entry = make_entry(
            actor=ANONYMOUS,
            result=AuditResult.DENIED,
            resource_id=None,
            origin=Origin(actor=ANONYMOUS),
        )
        await world.audit_trail.append(entry)

        assert await world.audit_trail.since(NOON, limit=10) == Success([entry])
