"""Login attempts, counted in PostgreSQL for all processes and by its clock."""

import asyncio
import math
import random
import time
from dataclasses import dataclass
from typing import Any, Never
from uuid import uuid4

from django.db import connection

from adapters.persistence.database import Database, in_database
from domain.shared.errors import Unavailable
from domain.shared.limits import (
    ATTEMPT_WINDOW,
    LONGEST_ATTEMPT,
    AttemptKey,
    Reservation,
    TooManyRequests,
)
from domain.shared.result import Failure, Result, Success

#: How long an attempt waits for others in progress.
PATIENCE_SECONDS = 15.0
PAUSE_SECONDS = (0.05, 0.2)
#: The response when others are still in progress after that.
SOON_SECONDS = 5
BATCH = 5000

_RESERVE = "SELECT taken, pending, seconds FROM limits_reserve(%s, %s, %s, %s, %s)"
_GIVE_BACK = "DELETE FROM limits_guess WHERE name = ANY (%s) AND reservation = %s"
_LEAVE = "UPDATE limits_guess SET failed = true WHERE name = ANY (%s) AND reservation = %s"
_FORGET = """
DELETE FROM limits_guess WHERE (name, reservation) IN (
    SELECT name, reservation FROM limits_guess WHERE taken_at <= clock_timestamp() - %s
    ORDER BY taken_at LIMIT %s FOR UPDATE SKIP LOCKED
)
"""


@dataclass(frozen=True, slots=True)
class _Answer:
    """The outcome of a reservation. `pending` attempts may still return their tokens."""

    is_reserved: bool
    pending: bool
    seconds: float


class PostgresLoginAttemptLimiter:
    """`LoginAttemptLimiter` with one row for each reserved token."""

    def __init__(self, database: Database, patience: float = PATIENCE_SECONDS) -> None:
        self._database = database
        self._patience = patience

    async def reserve(
        self, *keys: AttemptKey
    ) -> Result[Reservation, TooManyRequests | Unavailable]:
        allowed = {key.name: key.allowed for key in keys}
        reservation = Reservation(uuid4(), tuple(allowed))
        until = time.monotonic() + self._patience
        while True:
            tried = await self._try(reservation, list(allowed.values()))
            if isinstance(tried, Failure):
                return tried
            if tried.value.is_reserved:
                return Success(reservation)
            if not tried.value.pending:
                return _refused(tried.value.seconds)
            if time.monotonic() > until:
                return _refused(SOON_SECONDS)
            # Without a connection; not all at once, or they would meet again and again.
            await asyncio.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311

    @in_database
    def settle(self, reservation: Reservation, *, failed: bool) -> Result[None, Never]:
        with connection.cursor() as cursor:
            names = list(reservation.names)
            cursor.execute(_LEAVE if failed else _GIVE_BACK, [names, reservation.id])
        return Success(None)

    async def delete_expired(self) -> Result[int, Unavailable]:
        total = 0
        while True:
            swept = await self._sweep()
            if isinstance(swept, Failure):
                return swept
            total += swept.value
            if swept.value < BATCH:
                return Success(total)

    @in_database
    def _try(self, reservation: Reservation, allowed: list[int]) -> Result[_Answer, Never]:
        self._database.refuse_in_transaction()
        names = list(reservation.names)
        asked: list[Any] = [names, allowed, reservation.id, ATTEMPT_WINDOW, LONGEST_ATTEMPT]
        with connection.cursor() as cursor:
            cursor.execute(_RESERVE, asked)
            return Success(_Answer(*cursor.fetchone()))

    @in_database
    def _sweep(self) -> Result[int, Never]:
        with connection.cursor() as cursor:
            asked: list[Any] = [ATTEMPT_WINDOW, BATCH]
            cursor.execute(_FORGET, asked)
            return Success(cursor.rowcount)


def _refused(seconds: float) -> Failure[TooManyRequests]:
    wait = max(math.ceil(seconds), 1)
    return Failure(TooManyRequests(f"Too many failed attempts. Try again in {wait} seconds.", wait))
