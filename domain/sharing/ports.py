"""The port of connected apps. Every call but the look-ups by a secret names the owner."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.identity.values import TokenDigest, Usage
from domain.shared.errors import Unavailable
from domain.shared.ids import ConnectedAppId, UserId
from domain.shared.limits import Charge, TooManyRequests
from domain.shared.result import Result
from domain.sharing.entities import ConnectedApp
from domain.sharing.errors import ConnectedAppNotFound


class ConnectedAppRepository(Protocol):
    """All connected apps, including those that were revoked."""

    async def get(
        self, app_id: ConnectedAppId, *, owner: UserId
    ) -> Result[tuple[ConnectedApp, Usage], ConnectedAppNotFound | Unavailable]: ...

    async def lock(
        self, app_id: ConnectedAppId, *, owner: UserId
    ) -> Result[ConnectedApp, ConnectedAppNotFound | Unavailable]:
        """Return a connected app, locked until the transaction ends."""

    async def get_by_setup_token(
        self, digest: TokenDigest
    ) -> Result[ConnectedApp, ConnectedAppNotFound | Unavailable]: ...

    async def get_by_access_key(
        self, digest: TokenDigest, charge: Charge | None = None
    ) -> Result[ConnectedApp, ConnectedAppNotFound | TooManyRequests | Unavailable]:
        """Return an app of a user whose account is open, and record its use.

        If it is active, this takes what is charged, or refuses it if that is not there.
        """

    async def of_user(
        self, owner: UserId
    ) -> Result[Sequence[tuple[ConnectedApp, Usage]], Unavailable]:
        """Return the apps that were not revoked, latest first."""

    async def add(self, app: ConnectedApp) -> Result[None, Unavailable]: ...

    async def update(self, app: ConnectedApp) -> Result[None, Unavailable]:
        """Store a changed app, which the transaction has locked."""

    async def revoke_all(self, owner: UserId, at: datetime) -> Result[int, Unavailable]: ...
