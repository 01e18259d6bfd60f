"""Sessions with their refresh tokens in PostgreSQL, and when credentials were last used."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Never
from uuid import UUID

from django.db.models import F, Q, QuerySet

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.identity.models import RefreshTokenModel, SessionModel, UsageModel
from adapters.persistence.limits.rates import TAKE, parameters_of, refusal_after, retried
from adapters.persistence.mapping import columns_of, entity_of, row_of
from domain.audit.origin import origin
from domain.identity.entities import RefreshToken, Session
from domain.identity.errors import InvalidToken, SessionNotFound
from domain.identity.values import TokenDigest, Usage
from domain.shared.errors import Unavailable
from domain.shared.ids import SessionId, UserId
from domain.shared.limits import Charge, TooManyRequests
from domain.shared.result import Failure, Result, Success

_NO_SESSION = Failure(SessionNotFound())
# One statement is one round trip: it looks up the token, notes its use, and takes what is charged.
_TAKE = TAKE.format(whose="' ' || user_id")
_ENTER = f"""
SELECT entered.*, CASE
    WHEN ended_at IS NULL AND %(at)s::timestamptz < least(expires_at, token_expires_at)
    THEN {_TAKE}
END AS seconds
FROM identity_enter_session(%(digest)s, %(seen_from)s) AS entered
"""  # noqa: S608


class DjangoSessionRepository(UsesDatabase):
    """`SessionRepository` on the Django ORM."""

    @in_database
    def get(self, session_id: SessionId, *, owner: UserId) -> Result[Session, SessionNotFound]:
        return _found(SessionModel.objects.filter(id=session_id, user_id=owner).first())

    @in_database
    def lock(self, session_id: SessionId, *, owner: UserId) -> Result[Session, SessionNotFound]:
        rows = SessionModel.objects.filter(id=session_id, user_id=owner)
        return _found(rows.select_for_update().first())

    async def get_by_token(
        self, digest: TokenDigest, charge: Charge | None = None
    ) -> Result[Session, SessionNotFound | TooManyRequests | Unavailable]:
        return await retried(lambda: self._enter(digest, charge))

    @in_database
    def _enter(
        self, digest: TokenDigest, charge: Charge | None
    ) -> Result[Session, SessionNotFound | TooManyRequests]:
        # The function also checks the user and records the usage: see `entering.sql`.
        row = row_of(_ENTER, entering(digest, charge))
        return (row and refusal_after(row.seconds)) or _found(row)

    @in_database
    def of_user(
        self, owner: UserId, at: datetime
    ) -> Result[Sequence[tuple[Session, Usage]], Never]:
        known = Q(security_stamp=F("user__security_stamp"), user__erase_after=None)
        rows = list(_active(owner, at).filter(known).order_by("-id"))
        used = usages((row.id for row in rows), owner)
        return Success([(entity_of(Session, row), used.get(row.id, Usage())) for row in rows])

    @in_database
    def add(self, session: Session) -> Result[None, Never]:
        SessionModel.objects.create(**columns_of(session))
        return Success(None)

    @in_database
    def update(self, session: Session) -> Result[None, SessionNotFound]:
        # A session that has ended in between stays ended.
        rows = SessionModel.objects.filter(id=session.id, user_id=session.user_id, ended_at=None)
        changed = rows.update(
            token_digest=session.token_digest,
            token_expires_at=session.token_expires_at,
            authenticated_at=session.authenticated_at,
            ended_at=session.ended_at,
        )
        return Success(None) if changed else _NO_SESSION

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
        return Success(_active(owner, at).filter(others, outdated).update(ended_at=at))

    @in_database
    def restamp(
        self, session_id: SessionId, stamp: int, *, owner: UserId
    ) -> Result[None, SessionNotFound]:
        rows = SessionModel.objects.filter(id=session_id, user_id=owner, ended_at=None)
        return Success(None) if rows.update(security_stamp=stamp) else _NO_SESSION


def _active(owner: UserId, at: datetime) -> "QuerySet[SessionModel]":
    return SessionModel.objects.filter(user_id=owner, ended_at=None, expires_at__gt=at)


def _found(row: SessionModel | SimpleNamespace | None) -> Result[Session, SessionNotFound]:
    return Success(entity_of(Session, row)) if row else _NO_SESSION


class DjangoRefreshTokenRepository(UsesDatabase):
    """`RefreshTokenRepository` on the Django ORM."""

    @in_database
    def get_by_token(self, digest: TokenDigest) -> Result[RefreshToken, InvalidToken]:
        row = row_of("SELECT * FROM identity_refresh_token_by_token(%s)", [digest])
        return Success(entity_of(RefreshToken, row)) if row else Failure(InvalidToken())

    @in_database
    def add(self, token: RefreshToken) -> Result[None, Never]:
        RefreshTokenModel.objects.create(**columns_of(token))
        return Success(None)

    @in_database
    def consume(self, token: RefreshToken, at: datetime) -> Result[bool, Never]:
        rows = RefreshTokenModel.objects.filter(
            user_id=token.user_id, digest=token.digest, used_at=None
        )
        return Success(rows.update(used_at=at) == 1)


def entering(digest: TokenDigest, charge: Charge | None) -> Mapping[str, Any]:
    """Return the parameters of a statement by which somebody enters with a token."""
    return {
        "digest": digest,
        "seen_from": origin.get().ip_address,
        "at": charge and charge.at,
        **parameters_of(charge.buckets if charge else ()),
    }


def usages(ids: Iterable[UUID], owner: UserId) -> Mapping[UUID, Usage]:
    """Return when and from where each of these sessions or API tokens was last used."""
    rows = UsageModel.objects.filter(user_id=owner, id__in=list(ids))
    return {row.id: Usage(row.used_at, row.ip_address) for row in rows}
