"""Tokens that were sent by mail, kept in PostgreSQL."""

from datetime import datetime
from typing import Never

from django.db.models import F, Q, QuerySet

from adapters.persistence.database import Database, in_database
from adapters.persistence.identity.models import MailedTokenModel
from domain.identity.entities import MailedToken
from domain.identity.errors import InvalidMailedToken
from domain.identity.values import Email, MailPurpose, TokenDigest
from domain.shared.ids import MailedTokenId, UserId
from domain.shared.result import Failure, Result, Success


class DjangoMailedTokenRepository:
    """`MailedTokenRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def get_by_token(self, digest: TokenDigest) -> Result[MailedToken, InvalidMailedToken]:
        rows = MailedTokenModel.objects.raw(
            "SELECT * FROM identity_mailed_token_by_token(%s)", [digest]
        )
        row = next(iter(rows), None)
        if row is None:
            return Failure(
                InvalidMailedToken("The token from the email is not valid or has expired.")
            )
        return Success(_entity(row))

    @in_database
    def add(self, token: MailedToken) -> Result[None, Never]:
        _of(token.user_id, token.purpose).filter(used_at=None).update(used_at=token.issued_at)
        MailedTokenModel.objects.create(
            id=token.id,
            user_id=token.user_id,
            purpose=token.purpose,
            email=token.email.address,
            digest=token.digest,
            issued_at=token.issued_at,
            expires_at=token.expires_at,
            used_at=token.used_at,
        )
        return Success(None)

    @in_database
    def consume(self, token: MailedToken, at: datetime) -> Result[bool, Never]:
        rows = MailedTokenModel.objects.filter(id=token.id, user_id=token.user_id, used_at=None)
        return Success(rows.update(used_at=at) == 1)

    @in_database
    def consume_all(self, owner: UserId, purpose: MailPurpose, at: datetime) -> Result[int, Never]:
        return Success(_of(owner, purpose).filter(used_at=None).update(used_at=at))

    @in_database
    def issued_since(
        self, owner: UserId, purpose: MailPurpose, moment: datetime
    ) -> Result[int, Never]:
        rows = _of(owner, purpose).filter(issued_at__gte=moment)
        return Success(rows.filter(Q(used_at=None) | ~Q(used_at=F("issued_at"))).count())


def _of(owner: UserId, purpose: MailPurpose) -> "QuerySet[MailedTokenModel]":
    return MailedTokenModel.objects.filter(user_id=owner, purpose=purpose)


def _entity(row: MailedTokenModel) -> MailedToken:
    return MailedToken(
        id=MailedTokenId(row.id),
        user_id=UserId(row.user_id),
        purpose=MailPurpose(row.purpose),
        email=Email(row.email),
        digest=TokenDigest(bytes(row.digest)),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
