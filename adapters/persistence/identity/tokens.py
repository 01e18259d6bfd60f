"""API tokens, and tokens that were sent by email, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Never

from django.db.models import F, Q, QuerySet

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.identity.models import ApiTokenModel, MailedTokenModel
from adapters.persistence.identity.sessions import entering, usages
from adapters.persistence.limits.rates import TAKE, refusal_after, retried
from adapters.persistence.mapping import columns_of, entity_of, row_of
from domain.identity.entities import ApiToken, MailedToken
from domain.identity.errors import ApiTokenNotFound, InvalidMailedToken
from domain.identity.values import MailPurpose, TokenDigest, Usage
from domain.shared.errors import Unavailable
from domain.shared.ids import ApiTokenId, UserId
from domain.shared.limits import Charge, TooManyRequests
from domain.shared.result import Failure, Result, Success

_TAKE = TAKE.format(whose="' ' || user_id")
_ENTER = f"""
SELECT entered.*, CASE
    WHEN revoked_at IS NULL AND %(at)s::timestamptz < expires_at
    THEN {_TAKE}
END AS seconds
FROM identity_enter_api_token(%(digest)s, %(seen_from)s) AS entered
"""  # noqa: S608
_NO_TOKEN = Failure(ApiTokenNotFound("No such API token."))


class DjangoApiTokenRepository(UsesDatabase):
    """`ApiTokenRepository` on the Django ORM."""

    @in_database
    def get(self, api_token_id: ApiTokenId, *, owner: UserId) -> Result[ApiToken, ApiTokenNotFound]:
        return _found(ApiTokenModel.objects.filter(id=api_token_id, user_id=owner).first())

    async def get_by_token(
        self, digest: TokenDigest, charge: Charge | None = None
    ) -> Result[ApiToken, ApiTokenNotFound | TooManyRequests | Unavailable]:
        return await retried(lambda: self._enter(digest, charge))

    @in_database
    def _enter(
        self, digest: TokenDigest, charge: Charge | None
    ) -> Result[ApiToken, ApiTokenNotFound | TooManyRequests]:
        row = row_of(_ENTER, entering(digest, charge))
        return (row and refusal_after(row.seconds)) or _found(row)

    @in_database
    def of_user(
        self, owner: UserId, at: datetime
    ) -> Result[Sequence[tuple[ApiToken, Usage]], Never]:
        rows = list(_active_api_tokens(owner, at).order_by("-id"))
        used = usages((row.id for row in rows), owner)
        return Success([(entity_of(ApiToken, row), used.get(row.id, Usage())) for row in rows])

    @in_database
    def add(self, token: ApiToken) -> Result[None, Never]:
        ApiTokenModel.objects.create(**columns_of(token))
        return Success(None)

    @in_database
    def update(self, token: ApiToken) -> Result[None, ApiTokenNotFound]:
        rows = ApiTokenModel.objects.filter(id=token.id, user_id=token.user_id, revoked_at=None)
        return Success(None) if rows.update(revoked_at=token.revoked_at) else _NO_TOKEN

    @in_database
    def revoke_all(self, owner: UserId, at: datetime) -> Result[int, Never]:
        return Success(_active_api_tokens(owner, at).update(revoked_at=at))


def _active_api_tokens(owner: UserId, at: datetime) -> "QuerySet[ApiTokenModel]":
    return ApiTokenModel.objects.filter(user_id=owner, revoked_at=None, expires_at__gt=at)


def _found(row: ApiTokenModel | SimpleNamespace | None) -> Result[ApiToken, ApiTokenNotFound]:
    return Success(entity_of(ApiToken, row)) if row else _NO_TOKEN


class DjangoMailedTokenRepository(UsesDatabase):
    """`MailedTokenRepository` on the Django ORM."""

    @in_database
    def get_by_token(self, digest: TokenDigest) -> Result[MailedToken, InvalidMailedToken]:
        row = row_of("SELECT * FROM identity_mailed_token_by_token(%s)", [digest])
        return Success(entity_of(MailedToken, row)) if row else Failure(InvalidMailedToken())

    @in_database
    def add(self, token: MailedToken) -> Result[None, Never]:
        _mailed_tokens(token.user_id, token.purpose).filter(used_at=None).update(
            used_at=token.issued_at
        )
        MailedTokenModel.objects.create(**columns_of(token))
        return Success(None)

    @in_database
    def consume(self, token: MailedToken, at: datetime) -> Result[bool, Never]:
        rows = MailedTokenModel.objects.filter(id=token.id, user_id=token.user_id, used_at=None)
        return Success(rows.update(used_at=at) == 1)

    @in_database
    def consume_all(self, owner: UserId, purpose: MailPurpose, at: datetime) -> Result[int, Never]:
        return Success(_mailed_tokens(owner, purpose).filter(used_at=None).update(used_at=at))

    @in_database
    def issued_since(
        self, owner: UserId, purpose: MailPurpose, moment: datetime
    ) -> Result[int, Never]:
        rows = _mailed_tokens(owner, purpose).filter(issued_at__gte=moment)
        return Success(rows.filter(Q(used_at=None) | ~Q(used_at=F("issued_at"))).count())


def _mailed_tokens(owner: UserId, purpose: MailPurpose) -> "QuerySet[MailedTokenModel]":
    return MailedTokenModel.objects.filter(user_id=owner, purpose=purpose)
