"""Connected apps in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Never

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.identity.sessions import entering, usages
from adapters.persistence.limits.rates import TAKE, refusal_after, retried
from adapters.persistence.mapping import columns_of, entity_of, row_of
from adapters.persistence.sharing.models import ConnectedAppModel
from domain.identity.values import TokenDigest, Usage
from domain.shared.errors import Unavailable
from domain.shared.ids import ConnectedAppId, UserId
from domain.shared.limits import Charge, TooManyRequests
from domain.shared.result import Failure, Result, Success
from domain.sharing.entities import ConnectedApp
from domain.sharing.errors import ConnectedAppNotFound

_TAKE = TAKE.format(whose="' ' || user_id")
_ENTER = f"""
SELECT entered.*, CASE
    WHEN revoked_at IS NULL AND %(at)s::timestamptz IS NOT NULL THEN {_TAKE}
END AS seconds
FROM sharing_enter_connected_app(%(digest)s, %(seen_from)s) AS entered
"""  # noqa: S608
_BY_SETUP_TOKEN = "SELECT * FROM sharing_connected_app_by_setup_token(%s)"  # noqa: S105
#: What no update changes.
_FIXED = ("id", "user_id", "added_at")
_NO_APP = Failure(ConnectedAppNotFound())


class DjangoConnectedAppRepository(UsesDatabase):
    """`ConnectedAppRepository` on the Django ORM."""

    @in_database
    def get(
        self, app_id: ConnectedAppId, *, owner: UserId
    ) -> Result[tuple[ConnectedApp, Usage], ConnectedAppNotFound]:
        row = ConnectedAppModel.objects.filter(id=app_id, user_id=owner).first()
        if row is None:
            return _NO_APP
        used = usages([row.id], owner)
        return Success((entity_of(ConnectedApp, row), used.get(row.id, Usage())))

    @in_database
    def lock(
        self, app_id: ConnectedAppId, *, owner: UserId
    ) -> Result[ConnectedApp, ConnectedAppNotFound]:
        rows = ConnectedAppModel.objects.filter(id=app_id, user_id=owner)
        return _found(rows.select_for_update().first())

    @in_database
    def get_by_setup_token(self, digest: TokenDigest) -> Result[ConnectedApp, ConnectedAppNotFound]:
        return _found(row_of(_BY_SETUP_TOKEN, [digest]))

    async def get_by_access_key(
        self, digest: TokenDigest, charge: Charge | None = None
    ) -> Result[ConnectedApp, ConnectedAppNotFound | TooManyRequests | Unavailable]:
        return await retried(lambda: self._enter(digest, charge))

    @in_database
    def _enter(
        self, digest: TokenDigest, charge: Charge | None
    ) -> Result[ConnectedApp, ConnectedAppNotFound | TooManyRequests]:
        row = row_of(_ENTER, entering(digest, charge))
        return (row and refusal_after(row.seconds)) or _found(row)

    @in_database
    def of_user(self, owner: UserId) -> Result[Sequence[tuple[ConnectedApp, Usage]], Never]:
        rows = list(
            ConnectedAppModel.objects.filter(user_id=owner, revoked_at=None).order_by("-id")
        )
        used = usages((row.id for row in rows), owner)
        return Success([(entity_of(ConnectedApp, row), used.get(row.id, Usage())) for row in rows])

    @in_database
    def add(self, app: ConnectedApp) -> Result[None, Never]:
        ConnectedAppModel.objects.create(**columns_of(app))
        return Success(None)

    @in_database
    def update(self, app: ConnectedApp) -> Result[None, Never]:
        rows = ConnectedAppModel.objects.filter(id=app.id, user_id=app.user_id)
        rows.update(**columns_of(app, except_for=_FIXED))
        return Success(None)

    @in_database
    def revoke_all(self, owner: UserId, at: datetime) -> Result[int, Never]:
        rows = ConnectedAppModel.objects.filter(user_id=owner, revoked_at=None)
        return Success(rows.update(revoked_at=at))


def _found(
    row: ConnectedAppModel | SimpleNamespace | None,
) -> Result[ConnectedApp, ConnectedAppNotFound]:
    return Success(entity_of(ConnectedApp, row)) if row else _NO_APP
