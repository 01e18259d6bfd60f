"""Sessions kept in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Never

from django.db.models import F, Q, QuerySet

from adapters.persistence.database import Database, in_database
from adapters.persistence.identity.models import SessionModel
from adapters.persistence.identity.usage import usages
from domain.audit.origin import origin
from domain.identity.entities import Session
from domain.identity.errors import SessionNotFound
from domain.identity.values import TokenDigest, Usage
from domain.shared.ids import SessionId, UserId
from domain.shared.result import Failure, Result, Success

NONE = Failure(SessionNotFound("No such session."))


class DjangoSessionRepository:
    """`SessionRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def get(self, session_id: SessionId, *, owner: UserId) -> Result[Session, SessionNotFound]:
        return _found(SessionModel.objects.filter(id=session_id, user_id=owner).first())

    @in_database
    def lock(self, session_id: SessionId, *, owner: UserId) -> Result[Session, SessionNotFound]:
        rows = SessionModel.objects.filter(id=session_id, user_id=owner)
        return _found(rows.select_for_update().first())

    @in_database
    def get_by_token(self, digest: TokenDigest) -> Result[Session, SessionNotFound]:
        # It sees to the user and to the usage in the same round trip: see `entering.sql`.
        rows = SessionModel.objects.raw(
            "SELECT * FROM identity_enter_session(%s, %s)", [digest, origin.get().ip_address]
        )
        return _found(next(iter(rows), None))

    @in_database
    def of_user(
        self, owner: UserId, at: datetime
    ) -> Result[Sequence[tuple[Session, Usage]], Never]:
        known = Q(security_stamp=F("user__security_stamp"), user__erase_after=None)
        rows = list(_standing(owner, at).filter(known).order_by("-id"))
        used = usages((row.id for row in rows), owner)
        return Success([(_entity(row), used.get(row.id, Usage())) for row in rows])

    @in_database
    def add(self, session: Session) -> Result[None, Never]:
        SessionModel.objects.create(**asdict(session))
        return Success(None)

    @in_database
    def update(self, session: Session) -> Result[None, SessionNotFound]:
        # One that was ended meanwhile stays so, whatever was read before.
        rows = SessionModel.objects.filter(id=session.id, user_id=session.user_id, ended_at=None)
        changed = rows.update(
            token_digest=session.token_digest,
            token_expires_at=session.token_expires_at,
            proved_at=session.proved_at,
            ended_at=session.ended_at,
        )
        return Success(None) if changed else NONE

    @in_database
    def end_all(
        self,
        owner: UserId,
        at: datetime,
        *,
        except_for: SessionId | None = None,
        below: int | None = None,
    ) -> Result[int, Never]:
        others = ~Q(id=except_for) if except_for else Q()
        outdated = Q() if below is None else Q(security_stamp__lt=below)
        return Success(_standing(owner, at).filter(others, outdated).update(ended_at=at))

    @in_database
    def restamp(
        self, session_id: SessionId, stamp: int, *, owner: UserId
    ) -> Result[None, SessionNotFound]:
        rows = SessionModel.objects.filter(id=session_id, user_id=owner, ended_at=None)
        return Success(None) if rows.update(security_stamp=stamp) else NONE


def _standing(owner: UserId, at: datetime) -> "QuerySet[SessionModel]":
    return SessionModel.objects.filter(user_id=owner, ended_at=None, expires_at__gt=at)


def _found(row: SessionModel | None) -> Result[Session, SessionNotFound]:
    return Success(_entity(row)) if row else NONE


def _entity(row: SessionModel) -> Session:
    return Session(
        id=SessionId(row.id),
        user_id=UserId(row.user_id),
        token_digest=TokenDigest(bytes(row.token_digest)),
        token_expires_at=row.token_expires_at,
        security_stamp=row.security_stamp,
        opened_at=row.opened_at,
        proved_at=row.proved_at,
        expires_at=row.expires_at,
        user_agent=row.user_agent,
        ip_address=row.ip_address,
        ended_at=row.ended_at,
    )
