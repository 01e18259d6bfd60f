"""The rivals: FastAPI with SQLAlchemy's asynchronous ORM on asyncpg, over Dashtam's rows.

The bare one trusts a header that names the user. The other keeps the promises that Dashtam keeps of
a request: it looks up a token and notes its usage, limits the rate, and commits an audit entry.
"""

import argparse
import hashlib
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import DateTime, ForeignKey, Select, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
    undefer_group,
)

POOL_SIZE = 8


class Base(DeclarativeBase):  # type: ignore[misc]  # not installed where types are checked
    """What knows all mapped classes."""

    type_annotation_map = {datetime: DateTime(timezone=True)}


class User(Base):
    """A user."""

    __tablename__ = "identity_user"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    registered_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    wanted_email: Mapped[str | None]


class Account(Base):
    """An account, of which only the owner matters here."""

    __tablename__ = "ledger_account"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]


class Security(Base):
    """A security."""

    __tablename__ = "ledger_security"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    scheme: Mapped[str]
    number: Mapped[str]
    name: Mapped[str]
    ticker: Mapped[str]


class Transaction(Base):
    """A transaction, with the columns that a list shows."""

    __tablename__ = "ledger_transaction"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    account_id: Mapped[UUID]
    import_id: Mapped[UUID]
    provider_id: Mapped[str | None]
    booking_date: Mapped[date]
    value_date: Mapped[date | None]
    amount: Mapped[Decimal]
    currency: Mapped[str]
    kind: Mapped[str]
    status: Mapped[str]
    description: Mapped[str]
    note: Mapped[str]
    category: Mapped[str]
    original_currency: Mapped[str | None]
    exchange_rate: Mapped[Decimal | None]
    quantity: Mapped[Decimal | None]
    unit_price: Mapped[Decimal | None]
    removal: Mapped[str | None]
    security_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_security.id"))
    security: Mapped[Security | None] = relationship()
    raw: Mapped[dict[str, str]] = mapped_column(JSONB, deferred=True, deferred_group="feed")
    version: Mapped[int] = mapped_column(deferred=True, deferred_group="feed")
    recorded_at: Mapped[datetime] = mapped_column(deferred=True, deferred_group="feed")
    feed_position: Mapped[int] = mapped_column(deferred=True, deferred_group="feed")


class Token(Base):
    """The SHA-256 of a token."""

    __tablename__ = "token"
    __table_args__ = {"schema": "rival"}

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ip_address: Mapped[str | None]


class Bucket(Base):
    """A bucket of a rate limit, and when it is full again."""

    __tablename__ = "bucket"
    __table_args__ = {"schema": "rival"}

    key: Mapped[str] = mapped_column(primary_key=True)
    full_at: Mapped[datetime]


class AuditEntry(Base):
    """An entry of the audit trail."""

    __tablename__ = "audit_entry"
    __table_args__ = {"schema": "rival"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    action: Mapped[str]
    user_id: Mapped[UUID]
    occurred_at: Mapped[datetime]
    trace_id: Mapped[str]
    ip_address: Mapped[str | None]
    user_agent: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Response(BaseModel):
    """A part of a response."""

    model_config = ConfigDict(from_attributes=True)


class UserResponse(Response):
    """A user."""

    id: UUID
    email: str
    registered_at: datetime
    verified_at: datetime | None
    wanted_email: str | None


class SecurityResponse(Response):
    """A security."""

    scheme: str
    number: str
    name: str
    ticker: str


class TransactionResponse(Response):
    """A transaction."""

    id: UUID
    account_id: UUID
    import_id: UUID
    provider_id: str | None
    booking_date: date
    value_date: date | None
    amount: Decimal
    currency: str
    kind: str
    status: str
    description: str
    note: str
    category: str
    original_currency: str | None
    exchange_rate: Decimal | None
    quantity: Decimal | None
    unit_price: Decimal | None
    security: SecurityResponse | None


class PageResponse(BaseModel):
    """A page of transactions."""

    items: list[TransactionResponse]
    next_cursor: str | None


class ChangedResponse(TransactionResponse):
    """A transaction with everything that the bank said about it."""

    raw: dict[str, str]
    version: int
    recorded_at: datetime


class ChangesResponse(BaseModel):
    """A page of changes."""

    items: list[ChangedResponse]
    next_cursor: str | None


class Work:
    """One request: a session in a transaction, and the user whose rows it reads."""

    def __init__(self, request: Request, session: AsyncSession, user_id: UUID) -> None:
        self.request = request
        self.session = session
        self.user_id = user_id
        self.keeps_promises: bool = request.app.state.keeps_promises

    async def commit(self, action: str, **details: int) -> None:
        """Commit what was read, with an audit entry of it if that is promised."""
        if self.keeps_promises:
            agent = self.request.headers.get("user-agent", "")
            entry = AuditEntry(
                id=uuid.uuid4(),
                action=action,
                user_id=self.user_id,
                occurred_at=datetime.now(UTC),
                trace_id=uuid.uuid4().hex,
                ip_address=address_of(self.request),
                user_agent=agent,
                details=details,
            )
            self.session.add(entry)
        await self.session.commit()


async def opened(
    request: Request,
    authorization: Annotated[str, Header()] = "",
    x_user: Annotated[UUID | None, Header()] = None,
) -> AsyncIterator[Work]:
    sessions: async_sessionmaker[AsyncSession] = request.app.state.sessions
    if request.app.state.keeps_promises:
        async with sessions.begin() as session:
            x_user = await _admit(request, session, authorization)
    if x_user is None:
        raise HTTPException(401)
    async with sessions() as session:
        yield Work(request, session, x_user)


async def _admit(request: Request, session: AsyncSession, authorization: str) -> UUID:
    """Look up the token, note that it was used, and take one from two buckets of its user."""
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest()
    token = await session.get(Token, digest)
    now = datetime.now(UTC)
    if token is None or token.expires_at < now:
        raise HTTPException(401)
    if token.used_at is None or token.used_at < now - timedelta(minutes=1):
        used = update(Token).where(Token.digest == digest)
        await session.execute(used.values(used_at=now, ip_address=address_of(request)))
    user_id: UUID = token.user_id
    # Dashtam's limits are raised too, so that they do not bound the measurement.
    delay = text("interval '1 microsecond'")
    keys = [f"{request.url.path} {user_id}", f"all {user_id}"]
    taken = insert(Bucket).values([{"key": key, "full_at": now} for key in keys])
    full_at = func.greatest(Bucket.full_at, func.clock_timestamp()) + delay
    taken = taken.on_conflict_do_update(index_elements=["key"], set_={"full_at": full_at})
    for waits in (await session.scalars(taken.returning(Bucket.full_at))).all():
        if waits > now + timedelta(minutes=1):
            raise HTTPException(429)
    return user_id


def address_of(request: Request) -> str | None:
    return request.client.host if request.client else None


Opened = Annotated[Work, Depends(opened)]


async def live() -> dict[str, str]:
    return {"status": "live"}


async def profile(work: Opened) -> Any:
    user = await work.session.get(User, work.user_id)
    await work.commit("user.viewed")
    return user


async def page(work: Opened, account_id: UUID, limit: int = 50) -> dict[str, Any]:
    owned = select(Account.id).where(Account.id == account_id, Account.user_id == work.user_id)
    if (await work.session.scalars(owned)).first() is None:
        raise HTTPException(404)
    found = await work.session.scalars(_page(account_id, work.user_id, limit))
    rows = found.all()
    await work.commit("transactions.viewed", count=len(rows[:limit]))
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": rows[:limit],
        "next_cursor": f"{last.booking_date}_{last.id}" if last else None,
    }


def _page(account_id: UUID, user_id: UUID, limit: int) -> "Select[Any]":
    mine = (
        Transaction.account_id == account_id,
        Transaction.user_id == user_id,
        Transaction.removal.is_(None),
    )
    rows = select(Transaction).options(joinedload(Transaction.security)).where(*mine)
    newest = rows.order_by(Transaction.booking_date.desc(), Transaction.id.desc())
    return newest.limit(limit + 1)


async def changes(work: Opened, limit: int = 100) -> dict[str, Any]:
    whole = (joinedload(Transaction.security), undefer_group("feed"))
    rows = select(Transaction).options(*whole).where(Transaction.user_id == work.user_id)
    ordered = rows.order_by(Transaction.feed_position, Transaction.id)
    found = (await work.session.scalars(ordered.limit(limit + 1))).all()
    await work.commit("changes.viewed", count=len(found[:limit]))
    last = found[limit - 1] if len(found) > limit else None
    return {
        "items": found[:limit],
        "next_cursor": f"{last.feed_position}_{last.id}" if last else None,
    }


def application(url: str, *, keeps_promises: bool) -> Any:
    app = FastAPI()
    app.state.keeps_promises = keeps_promises
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_pre_ping=True,
    )
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    app.add_api_route("/health/live", live)
    app.add_api_route("/health/ready", live)
    app.add_api_route("/api/v1/users/me", profile, response_model=UserResponse)
    transactions = "/api/v1/accounts/{account_id}/transactions"
    app.add_api_route(transactions, page, response_model=PageResponse)
    app.add_api_route("/api/v1/changes", changes, response_model=ChangesResponse)
    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("port", type=int)
    parser.add_argument("--promises", action="store_true")
    given = parser.parse_args()
    app = application(given.url, keeps_promises=given.promises)
    uvicorn.run(app, port=given.port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
