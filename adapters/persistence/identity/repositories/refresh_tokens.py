"""Refresh tokens kept in PostgreSQL."""

from datetime import datetime
from typing import Never

from adapters.persistence.database import Database, in_database
from adapters.persistence.identity.models import RefreshTokenModel
from domain.identity.entities import RefreshToken
from domain.identity.errors import InvalidToken
from domain.identity.values import TokenDigest
from domain.shared.ids import SessionId, UserId
from domain.shared.result import Failure, Result, Success


class DjangoRefreshTokenRepository:
    """`RefreshTokenRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def get_by_token(self, digest: TokenDigest) -> Result[RefreshToken, InvalidToken]:
        rows = RefreshTokenModel.objects.raw(
            "SELECT * FROM identity_refresh_token_by_token(%s)", [digest]
        )
        row = next(iter(rows), None)
        return Success(_entity(row)) if row else Failure(InvalidToken("The token is not valid."))

    @in_database
    def add(self, token: RefreshToken) -> Result[None, Never]:
        RefreshTokenModel.objects.create(
            user_id=token.user_id,
            session_id=token.session_id,
            digest=token.digest,
            issued_at=token.issued_at,
            expires_at=token.expires_at,
            used_at=token.used_at,
        )
        return Success(None)

    @in_database
    def consume(self, token: RefreshToken, at: datetime) -> Result[bool, Never]:
        rows = RefreshTokenModel.objects.filter(
            user_id=token.user_id, digest=token.digest, used_at=None
        )
        return Success(rows.update(used_at=at) == 1)


def _entity(row: RefreshTokenModel) -> RefreshToken:
    return RefreshToken(
        digest=TokenDigest(bytes(row.digest)),
        session_id=SessionId(row.session_id),
        user_id=UserId(row.user_id),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
