"""Tokens for programs, kept in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Never

from django.db.models import QuerySet

from adapters.persistence.database import Database, in_database
from adapters.persistence.identity.models import ApiTokenModel
from adapters.persistence.identity.usage import usages
from domain.audit.origin import origin
from domain.identity.entities import ApiToken
from domain.identity.errors import ApiTokenNotFound
from domain.identity.values import Scope, TokenDigest, Usage
from domain.shared.ids import ApiTokenId, UserId
from domain.shared.result import Failure, Result, Success

NONE = Failure(ApiTokenNotFound("No such API token."))


class DjangoApiTokenRepository:
    """`ApiTokenRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def get(self, api_token_id: ApiTokenId, *, owner: UserId) -> Result[ApiToken, ApiTokenNotFound]:
        return _found(ApiTokenModel.objects.filter(id=api_token_id, user_id=owner).first())

    @in_database
    def get_by_token(self, digest: TokenDigest) -> Result[ApiToken, ApiTokenNotFound]:
        rows = ApiTokenModel.objects.raw(
            "SELECT * FROM identity_enter_api_token(%s, %s)", [digest, origin.get().ip_address]
        )
        return _found(next(iter(rows), None))

    @in_database
    def of_user(
        self, owner: UserId, at: datetime
    ) -> Result[Sequence[tuple[ApiToken, Usage]], Never]:
        rows = list(_standing(owner, at).order_by("-id"))
        used = usages((row.id for row in rows), owner)
        return Success([(_entity(row), used.get(row.id, Usage())) for row in rows])

    @in_database
    def add(self, token: ApiToken) -> Result[None, Never]:
        ApiTokenModel.objects.create(
            id=token.id,
            user_id=token.user_id,
            name=token.name,
            scopes=sorted(token.scopes),
            token_digest=token.token_digest,
            issued_at=token.issued_at,
            expires_at=token.expires_at,
            revoked_at=token.revoked_at,
        )
        return Success(None)

    @in_database
    def update(self, token: ApiToken) -> Result[None, ApiTokenNotFound]:
        rows = ApiTokenModel.objects.filter(id=token.id, user_id=token.user_id, revoked_at=None)
        return Success(None) if rows.update(revoked_at=token.revoked_at) else NONE

    @in_database
    def revoke_all(self, owner: UserId, at: datetime) -> Result[int, Never]:
        return Success(_standing(owner, at).update(revoked_at=at))


def _standing(owner: UserId, at: datetime) -> "QuerySet[ApiTokenModel]":
    return ApiTokenModel.objects.filter(user_id=owner, revoked_at=None, expires_at__gt=at)


def _found(row: ApiTokenModel | None) -> Result[ApiToken, ApiTokenNotFound]:
    return Success(_entity(row)) if row else NONE


def _entity(row: ApiTokenModel) -> ApiToken:
    return ApiToken(
        id=ApiTokenId(row.id),
        user_id=UserId(row.user_id),
        name=row.name,
        scopes=frozenset(map(Scope, row.scopes)),
        token_digest=TokenDigest(bytes(row.token_digest)),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
