"""Connections of users to institutions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from domain.connections.events import ProviderConnected
from domain.connections.values import ConnectionStatus, ProviderSlug
from domain.shared.events import Actor
from domain.shared.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The connection of a user to an institution through a provider."""

    id: ConnectionId
    user_id: UserId
    provider: ProviderSlug
    institution: str
    status: ConnectionStatus
    established_at: datetime

    @classmethod
    def establish(
        cls,
        *,
        id: ConnectionId,
        user_id: UserId,
        provider: ProviderSlug,
        institution: str,
        at: datetime,
    ) -> tuple[Self, ProviderConnected]:
        """Connect a user to an institution."""
        connection = cls(
            id=id,
            user_id=user_id,
            provider=provider,
            institution=institution,
            status=ConnectionStatus.ACTIVE,
            established_at=at,
        )
        event = ProviderConnected(
            subject_id=id, actor=Actor.user(user_id), occurred_at=at, provider=provider
        )
        return connection, event
