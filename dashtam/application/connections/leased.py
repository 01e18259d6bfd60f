"""The connection of a lease, locked so that nobody else changes it meanwhile."""

from domain.connections.entities import Connection
from domain.connections.errors import LeaseLost
from domain.connections.ports import ConnectionRepository, Lease, SyncSchedule
from domain.connections.values import ConnectionStatus
from domain.shared.errors import Unavailable
from domain.shared.result import Failure, Result


async def lock_leased(
    lease: Lease, connections: ConnectionRepository, sync_schedule: SyncSchedule
) -> Result[Connection, LeaseLost | Unavailable]:
    """Lock the connection of a lease; the lease is lost if its owner has ended the connection.

    The connection is locked before its schedule, as by all who change a connection and then when
    it is due: otherwise two of them could wait for each other.
    """
    locked = await connections.lock(lease.connection_id, owner=lease.owner)
    if isinstance(locked, Failure):
        if isinstance(locked.error, Unavailable):
            return Failure(locked.error)
        return Failure(LeaseLost("The connection does not exist any more."))
    if locked.value.status is ConnectionStatus.REVOKED:
        return Failure(LeaseLost("The connection was ended."))
    confirmed = await sync_schedule.confirm(lease)
    return confirmed if isinstance(confirmed, Failure) else locked
