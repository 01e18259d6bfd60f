"""The same statements with no ORM, on psycopg's asynchronous pool: about the least they cost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from psycopg_pool import AsyncConnectionPool  # type: ignore[import-not-found]  # see requirements

from benchmarks.unit_of_work.contender import POOL_SIZE, Unit, serve
from benchmarks.unit_of_work.rows import Row

INSERT = """
INSERT INTO entry (id, user_id, description, amount) VALUES (%s, %s, %s, %s) RETURNING created_at
"""
SELECT = "SELECT id, user_id, description, amount, created_at FROM entry WHERE user_id = %s"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Unit]:
    async with AsyncConnectionPool(url, min_size=POOL_SIZE, open=False) as pool:

        async def unit(rows: list[Row]) -> Decimal:
            async with pool.connection() as connection:
                for row in rows:
                    values = (row.id, row.user_id, row.description, row.amount)
                    await (await connection.execute(INSERT, values)).fetchone()
                found = await connection.execute(SELECT, [rows[0].user_id])
                return sum((amount for _, _, _, amount, _ in await found.fetchall()), Decimal())

        yield unit


if __name__ == "__main__":
    serve(opened)
