"""Connect apps, list and change them, and revoke their access."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.query import audited_query, count
from dashtam.application.use_case import UseCase
from domain.identity.errors import InvalidToken, UserNotFound
from domain.identity.ports import TokenIssuer, UserRepository
from domain.identity.values import Usage
from domain.ledger.errors import AccountNotFound
from domain.ledger.ports import AccountRepository
from domain.shared.errors import Unavailable
from domain.shared.events import AuditRecord, ResourceType
from domain.shared.ids import AccountId, ConnectedAppId, UserId, new_id
from domain.shared.result import Failure, Result, Success
from domain.sharing.actions import CONNECTED_APP_VIEWED, CONNECTED_APPS_VIEWED
from domain.sharing.entities import AppChanges, ConnectedApp
from domain.sharing.errors import (
    ConnectedAppNotFound,
    InvalidConnectedApp,
    TooManyConnectedApps,
)
from domain.sharing.ports import ConnectedAppRepository
from domain.sharing.values import SetupToken

ListedApp = tuple[ConnectedApp, Usage]
InsertError = TooManyConnectedApps | AccountNotFound | InvalidToken | UserNotFound | Unavailable
AddError = InvalidConnectedApp | InsertError
EditError = ConnectedAppNotFound | InvalidConnectedApp | AccountNotFound | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedSetupToken:
    """A connected app and its setup token, which is shown this once."""

    app: ConnectedApp
    usage: Usage
    setup_token: SetupToken


async def refuse_unknown_accounts(
    accounts: AccountRepository, wanted: Collection[AccountId] | None, owner: UserId
) -> Result[None, AccountNotFound | Unavailable]:
    """Fail unless the user has all of these accounts."""
    if wanted is None:
        return Success(None)
    found = await accounts.all(owner=owner)
    if isinstance(found, Failure):
        return found
    missing = set(wanted) - {each.id for each in found.value}
    return Failure(AccountNotFound()) if missing else Success(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddConnectedApp(UseCase):
    """Connect an app, and issue its first setup token.

    A session that requests it must have the security stamp of its user; an operator has none.
    """

    users: UserRepository
    accounts: AccountRepository
    connected_apps: ConnectedAppRepository
    tokens: TokenIssuer

    @audit_failures("connected_app.add", ResourceType.CONNECTED_APP)
    @retry_on_conflict
    async def __call__(
        self,
        *,
        user_id: UserId,
        security_stamp: int | None = None,
        name: str,
        account_ids: frozenset[AccountId] | None = None,
    ) -> Result[IssuedSetupToken, AddError]:
        setup_token = SetupToken.of(self.tokens.issue().secret)
        made = ConnectedApp.add(
            id=ConnectedAppId(new_id()),
            user_id=user_id,
            name=name,
            account_ids=account_ids,
            setup_token=setup_token,
            at=self.clock.now(),
        )
        if isinstance(made, Failure):
            return made
        app, added = made.value
        inserted = await self._insert(app, added, security_stamp)
        if isinstance(inserted, Failure):
            return inserted
        return Success(IssuedSetupToken(app=app, usage=Usage(), setup_token=setup_token))

    async def _insert(
        self, app: ConnectedApp, record: AuditRecord, security_stamp: int | None
    ) -> Result[None, InsertError]:
        owner = app.user_id
        async with self.unit_of_work(owner=owner) as uow:
            # The lock makes requests at the same time count one after the other.
            locked = await self.users.lock(owner)
            if isinstance(locked, Failure):
                return locked
            # A password reset or a closure meanwhile has revoked all apps, so add none.
            stamp = locked.value.security_stamp
            if locked.value.erase_after or security_stamp not in (stamp, None):
                return Failure(InvalidToken())
            chosen = await refuse_unknown_accounts(self.accounts, app.account_ids, owner)
            if isinstance(chosen, Failure):
                return chosen
            found = await self.connected_apps.of_user(owner)
            if isinstance(found, Failure):
                return found
            if len(found.value) >= ConnectedApp.MOST:
                most = f"There are {ConnectedApp.MOST} connected apps: revoke one that is not used."
                return Failure(TooManyConnectedApps(most))
            stored = await self.connected_apps.add(app)
            if isinstance(stored, Failure):
                return stored
            await uow.commit(record)
        return Success(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueSetupToken(UseCase):
    """Issue another setup token. The access that the app has ends when the token is claimed."""

    connected_apps: ConnectedAppRepository
    tokens: TokenIssuer

    @audit_failures("connected_app.issue_setup_token", ResourceType.CONNECTED_APP)
    @retry_on_conflict
    async def __call__(
        self, *, connected_app_id: ConnectedAppId, user_id: UserId
    ) -> Result[IssuedSetupToken, ConnectedAppNotFound | Unavailable]:
        setup_token = SetupToken.of(self.tokens.issue().secret)
        async with self.unit_of_work(owner=user_id) as uow:
            locked = await lock_active(self.connected_apps, connected_app_id, user_id)
            if isinstance(locked, Failure):
                return locked
            app, issued = locked.value.issue(setup_token, self.clock.now())
            shown = await store(self.connected_apps, app)
            if isinstance(shown, Failure):
                return shown
            await uow.commit(issued)
        _, usage = shown.value
        return Success(IssuedSetupToken(app=app, usage=usage, setup_token=setup_token))


async def lock_active(
    connected_apps: ConnectedAppRepository, app_id: ConnectedAppId, owner: UserId
) -> Result[ConnectedApp, ConnectedAppNotFound | Unavailable]:
    """Lock an app that was not revoked."""
    locked = await connected_apps.lock(app_id, owner=owner)
    if isinstance(locked, Success) and not locked.value.is_active:
        return Failure(ConnectedAppNotFound())
    return locked


async def store(
    connected_apps: ConnectedAppRepository, app: ConnectedApp
) -> Result[ListedApp, ConnectedAppNotFound | Unavailable]:
    """Update an app, and return it with its last use."""
    updated = await connected_apps.update(app)
    if isinstance(updated, Failure):
        return updated
    return await connected_apps.get(app.id, owner=app.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListConnectedApps(UseCase):
    """List a user's connected apps, the latest first; there are never many."""

    connected_apps: ConnectedAppRepository

    @audited_query("connected_apps.view", CONNECTED_APPS_VIEWED, count)
    async def __call__(self, *, user_id: UserId) -> Result[Sequence[ListedApp], Unavailable]:
        return await self.connected_apps.of_user(user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowConnectedApp(UseCase):
    """Show one connected app."""

    connected_apps: ConnectedAppRepository

    @audited_query("connected_app.view", CONNECTED_APP_VIEWED)
    async def __call__(
        self, *, connected_app_id: ConnectedAppId, user_id: UserId
    ) -> Result[ListedApp, ConnectedAppNotFound | Unavailable]:
        found = await self.connected_apps.get(connected_app_id, owner=user_id)
        if isinstance(found, Success) and not found.value[0].is_active:
            return Failure(ConnectedAppNotFound())
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class EditConnectedApp(UseCase):
    """Rename a connected app, or choose other accounts, which its next request is about."""

    accounts: AccountRepository
    connected_apps: ConnectedAppRepository

    @audit_failures("connected_app.edit", ResourceType.CONNECTED_APP)
    @retry_on_conflict
    async def __call__(
        self, *, connected_app_id: ConnectedAppId, user_id: UserId, changes: AppChanges
    ) -> Result[ListedApp, EditError]:
        async with self.unit_of_work(owner=user_id) as uow:
            locked = await lock_active(self.connected_apps, connected_app_id, user_id)
            if isinstance(locked, Failure):
                return locked
            wanted = changes.get("account_ids")
            chosen = await refuse_unknown_accounts(self.accounts, wanted, user_id)
            if isinstance(chosen, Failure):
                return chosen
            edited = locked.value.edit(changes, self.clock.now())
            if isinstance(edited, Failure):
                return edited
            app, changed = edited.value
            shown = await store(self.connected_apps, app)
            if isinstance(shown, Success) and changed:
                await uow.commit(changed)
        return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeConnectedApp(UseCase):
    """Revoke the access of an app; its next request is refused.

    If it was revoked already, nothing is changed or recorded.
    """

    connected_apps: ConnectedAppRepository

    @audit_failures("connected_app.revoke", ResourceType.CONNECTED_APP)
    @retry_on_conflict
    async def __call__(
        self, *, connected_app_id: ConnectedAppId, user_id: UserId
    ) -> Result[None, ConnectedAppNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            locked = await self.connected_apps.lock(connected_app_id, owner=user_id)
            if isinstance(locked, Failure):
                return locked
            if not locked.value.is_active:
                return Success(None)
            app, revoked = locked.value.revoke(self.clock.now())
            updated = await self.connected_apps.update(app)
            if isinstance(updated, Failure):
                return updated
            await uow.commit(revoked)
        return Success(None)
