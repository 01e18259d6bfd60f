"""When connections are synced, and how often providers were asked, in PostgreSQL by its clock."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, Never

from django.db import connection
from django.db.models import Max

from adapters.persistence.connections.models import RequestCountModel, ScheduleModel
from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.mapping import row_of, rows_of
from domain.connections.errors import LeaseLost
from domain.connections.ports import Lease
from domain.connections.schedule import Due
from domain.connections.values import DueReason
from domain.shared.ids import ConnectionId, UserId, new_id
from domain.shared.result import Failure, Result, Success

#: The channel that wakes those who sync.
CHANNEL = "connections_due"

_SET_DUE = """
INSERT INTO connections_schedule AS schedule (id, owner, due_at, reason, lease, failures)
VALUES (%(id)s, %(owner)s, %(at)s, %(reason)s, 0, 0)
ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at, reason = excluded.reason, failures = 0,
    lease = schedule.lease + %(ends)s::int,
    leased_until = CASE WHEN %(ends)s THEN NULL ELSE schedule.leased_until END
"""
_CLAIM = "SELECT * FROM connections_claim(%s, %s) ORDER BY due_at, id"
# What was not due is from now on, so that somebody else goes on if its holder is killed.
_CLAIM_ONE = """
UPDATE connections_schedule
SET leased_until = clock_timestamp() + %(lease)s, lease = lease + 1,
    due_at = coalesce(due_at, clock_timestamp()),
    reason = CASE WHEN due_at IS NULL THEN 'requested' ELSE reason END
WHERE id = %(id)s AND owner = %(owner)s
AND (leased_until IS NULL OR leased_until <= clock_timestamp())
RETURNING *
"""
_RENEW = """
UPDATE connections_schedule SET leased_until = clock_timestamp() + %(by)s
WHERE id = %(id)s AND lease = %(number)s AND leased_until IS NOT NULL RETURNING *
"""
_CONFIRM = """
SELECT FROM connections_schedule
WHERE id = %(id)s AND lease = %(number)s AND leased_until IS NOT NULL FOR UPDATE
"""
# What was requested after the lease began stays due.
_FINISH = """
UPDATE connections_schedule SET leased_until = NULL, failures = %(failures)s,
    due_at = CASE WHEN due_at IS DISTINCT FROM %(was)s THEN due_at ELSE %(at)s END,
    reason = CASE WHEN due_at IS DISTINCT FROM %(was)s THEN reason ELSE %(reason)s END
WHERE id = %(id)s AND lease = %(number)s AND leased_until IS NOT NULL
"""
_COUNT = """
INSERT INTO connections_request_count AS counted
    (id, owner, connection_id, account_key, day, requests)
SELECT %(new)s, %(owner)s, %(id)s, %(key)s, %(day)s, 1 WHERE %(most)s > 0
ON CONFLICT (connection_id, account_key, day) DO UPDATE SET requests = counted.requests + 1
WHERE counted.requests < %(most)s
"""
_FORGET = "DELETE FROM connections_request_count WHERE connection_id = %s AND day < %s"
_LOST = Failure(LeaseLost("Somebody else syncs this connection by now."))
#: So long counts of requests are of use: to say how often a provider was asked.
_KEPT = timedelta(days=40)


class PostgresSyncSchedule(UsesDatabase):
    """`SyncSchedule` on one row for each connection, and one for each count of a day."""

    @in_database
    def set_due(
        self,
        connection_id: ConnectionId,
        due: Due | None,
        *,
        owner: UserId,
        ends_lease: bool = False,
    ) -> Result[None, Never]:
        given = {"id": connection_id, "owner": owner, "ends": ends_lease, **_columns(due)}
        with connection.cursor() as cursor:
            cursor.execute(_SET_DUE, given)
            # Heard when the transaction commits.
            cursor.execute(f"NOTIFY {CHANNEL}")
        return Success(None)

    @in_database
    def due(
        self, connection_ids: Sequence[ConnectionId]
    ) -> Result[Mapping[ConnectionId, Due], Never]:
        rows = ScheduleModel.objects.filter(id__in=connection_ids, due_at__isnull=False)
        return Success(
            {ConnectionId(row.id): Due(row.due_at, DueReason(row.reason)) for row in rows}  # type: ignore[arg-type]  # the filter says so
        )

    @in_database
    def claim(self, *, most: int, lease: timedelta) -> Result[Sequence[Lease], Never]:
        return Success([_lease(row) for row in rows_of(_CLAIM, (most, lease))])

    @in_database
    def claim_one(
        self, connection_id: ConnectionId, *, owner: UserId, lease: timedelta
    ) -> Result[Lease, LeaseLost]:
        row = row_of(_CLAIM_ONE, {"id": connection_id, "owner": owner, "lease": lease})
        return Success(_lease(row)) if row else _LOST

    @in_database
    def renew(self, lease: Lease, *, by: timedelta) -> Result[Lease, LeaseLost]:
        row = row_of(_RENEW, {**_named(lease), "by": by})
        # What was requested meanwhile is not what this lease is for.
        return Success(replace(lease, until=row.leased_until)) if row else _LOST

    @in_database
    def confirm(self, lease: Lease) -> Result[None, LeaseLost]:
        with connection.cursor() as cursor:
            cursor.execute(_CONFIRM, _named(lease))
            return Success(None) if cursor.rowcount == 1 else _LOST

    @in_database
    def finish(self, lease: Lease, due: Due | None, *, failures: int) -> Result[None, LeaseLost]:
        given = {**_named(lease), **_columns(due), "failures": failures, "was": lease.due.at}
        with connection.cursor() as cursor:
            cursor.execute(_FINISH, given)
            return Success(None) if cursor.rowcount == 1 else _LOST

    @in_database
    def count_request(
        self, connection_id: ConnectionId, account_key: str, day: date, *, owner: UserId, most: int
    ) -> Result[bool, Never]:
        self._database.refuse_in_transaction()
        given: dict[str, Any] = {
            "new": new_id(),
            "owner": owner,
            "id": connection_id,
            "key": account_key,
        }
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, {**given, "day": day, "most": most})
            allowed = cursor.rowcount == 1
            cursor.execute(_FORGET, [connection_id, day - _KEPT])
        return Success(allowed)

    @in_database
    def requests(self, connection_id: ConnectionId, day: date) -> Result[Mapping[str, int], Never]:
        rows = RequestCountModel.objects.filter(connection_id=connection_id, day=day)
        return Success(dict(rows.values_list("account_key", "requests")))

    @in_database
    def most_requests(
        self, connection_ids: Sequence[ConnectionId], day: date
    ) -> Result[Mapping[ConnectionId, int], Never]:
        rows = RequestCountModel.objects.filter(connection_id__in=connection_ids, day=day)
        most = rows.values_list("connection_id").annotate(most=Max("requests"))
        return Success({ConnectionId(each): count for each, count in most})


def _columns(due: Due | None) -> dict[str, Any]:
    return {"at": due and due.at, "reason": due.reason if due else ""}


def _named(lease: Lease) -> dict[str, Any]:
    return {"id": lease.connection_id, "number": lease.number}


def _lease(row: SimpleNamespace) -> Lease:
    return Lease(
        connection_id=ConnectionId(row.id),
        owner=UserId(row.owner),
        number=row.lease,
        until=row.leased_until,
        due=Due(row.due_at, DueReason(row.reason)),
        failures=row.failures,
    )
