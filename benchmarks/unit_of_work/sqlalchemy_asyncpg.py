"""The rival: SQLAlchemy's asynchronous ORM session on asyncpg."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import DateTime, Numeric, Text, func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.unit_of_work.contender import POOL_SIZE, Unit, serve
from benchmarks.unit_of_work.rows import Row


class Base(DeclarativeBase):  # type: ignore[misc]  # not installed where types are checked
    """What knows all mapped classes."""


class Entry(Base):
    """The table as SQLAlchemy's ORM knows it."""

    __tablename__ = "entry"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    description: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Numeric(28, 10))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Unit]:
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_pre_ping=True,
    )
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    async def unit(rows: list[Row]) -> Decimal:
        async with sessions.begin() as session:
            for row in rows:
                session.add(
                    Entry(
                        id=row.id,
                        user_id=row.user_id,
                        description=row.description,
                        amount=row.amount,
                    )
                )
                await session.flush()
            wanted = select(Entry).where(Entry.user_id == rows[0].user_id)
            found = (await session.scalars(wanted)).all()
        return sum((entry.amount for entry in found), Decimal())

    yield unit
    await engine.dispose()


if __name__ == "__main__":
    serve(opened)
