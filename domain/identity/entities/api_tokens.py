"""API tokens."""

from collections.abc import Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar, Self

from domain.identity.errors import InvalidApiToken
from domain.identity.events import ApiTokenIssued, ApiTokenRevoked
from domain.identity.values import Scope, TokenDigest
from domain.shared.events import Actor
from domain.shared.ids import ApiTokenId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A token for a program that acts in a user's name, with a name, scopes and an expiry."""

    id: ApiTokenId
    user_id: UserId
    name: str = field(repr=False)
    scopes: frozenset[Scope]
    token_digest: TokenDigest = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    #: How many valid tokens a user may have.
    MOST: ClassVar = 50
    LIFETIME: ClassVar = timedelta(days=90)
    LONGEST_LIFETIME: ClassVar = timedelta(days=366)
    LONGEST_NAME: ClassVar = 100

    @classmethod
    def issue(
        cls,
        *,
        id: ApiTokenId,
        user_id: UserId,
        name: str,
        scopes: Set[Scope],
        token_digest: TokenDigest,
        at: datetime,
        expires_at: datetime,
    ) -> tuple[Self, ApiTokenIssued]:
        token = cls(
            id=id,
            user_id=user_id,
            name=name,
            scopes=frozenset(scopes),
            token_digest=token_digest,
            issued_at=at,
            expires_at=expires_at,
        )
        event = ApiTokenIssued(
            subject_id=id, actor=Actor.user(user_id), occurred_at=at, scopes=tuple(sorted(scopes))
        )
        return token, event

    @classmethod
    def validate(
        cls, name: str, scopes: Set[Scope], expires_at: datetime, at: datetime
    ) -> InvalidApiToken | None:
        """Return why such a token is not allowed, or an empty text if it is."""
        if not (name.strip() and len(name) <= cls.LONGEST_NAME and name.isprintable()):
            return InvalidApiToken(
                f"A name has 1 to {cls.LONGEST_NAME} characters that can be seen."
            )
        if not scopes:
            return InvalidApiToken("An API token needs at least one scope.")
        if not at < expires_at <= at + cls.LONGEST_LIFETIME:
            days = cls.LONGEST_LIFETIME.days
            return InvalidApiToken(f"An API token expires in the future, within {days} days.")
        return None

    def revoke(self, at: datetime) -> tuple[Self, ApiTokenRevoked]:
        event = ApiTokenRevoked(subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at)
        return replace(self, revoked_at=at), event

    def is_active(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at
