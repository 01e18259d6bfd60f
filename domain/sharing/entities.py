"""Connected apps: programs of others that read a user's ledger."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Self, TypedDict

from domain.identity.values import TokenDigest
from domain.shared.events import Actor, AuditRecord
from domain.shared.ids import AccountId, ConnectedAppId, UserId
from domain.shared.limits import Limit
from domain.shared.result import Failure, Result, Success
from domain.sharing.actions import (
    CONNECTED_APP_ADDED,
    CONNECTED_APP_CHANGED,
    CONNECTED_APP_REVOKED,
    SETUP_TOKEN_ISSUED,
)
from domain.sharing.errors import InvalidConnectedApp
from domain.sharing.events import ConnectedAppClaimed
from domain.sharing.values import SetupToken

_MINUTES_A_DAY = 24 * 60


class AppChanges(TypedDict, total=False):
    """What a user changes of a connected app; what is left out stays as it is."""

    name: str
    account_ids: frozenset[AccountId] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedApp:
    """A program that reads the chosen accounts, or without a choice all that are not hidden.

    It gets access by a setup token, once. Another setup token lets it claim again, and only then
    its former access ends.
    """

    id: ConnectedAppId
    user_id: UserId
    name: str = field(repr=False)
    account_ids: frozenset[AccountId] | None = None
    added_at: datetime
    setup_digest: TokenDigest | None = field(default=None, repr=False)
    setup_expires_at: datetime | None = None
    claimed_at: datetime | None = None
    access_digest: TokenDigest | None = field(default=None, repr=False)
    revoked_at: datetime | None = None

    #: How many connected apps a user may have.
    MOST: ClassVar = 50
    LONGEST_NAME: ClassVar = 100
    #: Requests a day: some clients request every account by itself whenever they synchronise.
    REQUESTS_A_DAY: ClassVar = 200
    REQUESTS_OF_AN_ACCOUNT: ClassVar = 20

    @classmethod
    def add(
        cls,
        *,
        id: ConnectedAppId,
        user_id: UserId,
        name: str,
        account_ids: frozenset[AccountId] | None,
        setup_token: SetupToken,
        at: datetime,
    ) -> Result[tuple[Self, AuditRecord], InvalidConnectedApp]:
        invalid = cls._validate(name, account_ids)
        if invalid:
            return Failure(invalid)
        app = cls(
            id=id,
            user_id=user_id,
            name=name,
            account_ids=account_ids,
            added_at=at,
            setup_digest=setup_token.digest,
            setup_expires_at=at + SetupToken.LIFETIME,
        )
        added = CONNECTED_APP_ADDED.record(
            subject_id=id,
            actor=Actor.user(user_id),
            occurred_at=at,
            accounts=None if account_ids is None else len(account_ids),
        )
        return Success((app, added))

    @classmethod
    def _validate(
        cls, name: str, account_ids: frozenset[AccountId] | None
    ) -> InvalidConnectedApp | None:
        if not (name.strip() and len(name) <= cls.LONGEST_NAME and name.isprintable()):
            return InvalidConnectedApp(
                f"A name has 1 to {cls.LONGEST_NAME} characters that can be seen."
            )
        if account_ids is not None and not account_ids:
            return InvalidConnectedApp("Choose at least one account, or all of them with null.")
        return None

    def edit(
        self, changes: AppChanges, at: datetime
    ) -> Result[tuple[Self, AuditRecord | None], InvalidConnectedApp]:
        """Change the name or the accounts; there is no record if nothing is different."""
        edited = replace(self, **changes)
        invalid = self._validate(edited.name, edited.account_ids)
        if invalid:
            return Failure(invalid)
        changed = [each for each in sorted(changes) if getattr(self, each) != changes[each]]  # type: ignore[literal-required]  # the keys are its own
        if not changed:
            return Success((self, None))
        record = CONNECTED_APP_CHANGED.record(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            fields=tuple(changed),
        )
        return Success((edited, record))

    def issue(self, setup_token: SetupToken, at: datetime) -> tuple[Self, AuditRecord]:
        """Issue another setup token, in place of one that was not used yet."""
        record = SETUP_TOKEN_ISSUED.record(
            subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at
        )
        expires_at = at + SetupToken.LIFETIME
        waiting = replace(self, setup_digest=setup_token.digest, setup_expires_at=expires_at)
        return waiting, record

    def accepts(self, setup_token: SetupToken, at: datetime) -> bool:
        """Return whether this setup token gives access."""
        expires_at = self.setup_expires_at
        in_time = expires_at is not None and at < expires_at
        return self.is_active and in_time and self.setup_digest == setup_token.digest

    def claim(self, access_digest: TokenDigest, at: datetime) -> tuple[Self, ConnectedAppClaimed]:
        """Use up the setup token; from now on, only this access is valid."""
        claimed = replace(
            self,
            setup_digest=None,
            setup_expires_at=None,
            claimed_at=at,
            access_digest=access_digest,
        )
        event = ConnectedAppClaimed(
            subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at
        )
        return claimed, event

    def revoke(self, at: datetime) -> tuple[Self, AuditRecord]:
        record = CONNECTED_APP_REVOKED.record(
            subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at
        )
        return replace(self, revoked_at=at), record

    def shares(self, account_id: AccountId, is_hidden: bool) -> bool:
        """Return whether this account was chosen; without a choice, hidden ones are left out."""
        return not is_hidden if self.account_ids is None else account_id in self.account_ids

    @property
    def is_active(self) -> bool:
        return self.revoked_at is None

    def quota(self, most_accounts: int) -> Limit:
        """Return how many requests a day it may send, as a limit whose tokens return all day."""
        count = most_accounts if self.account_ids is None else len(self.account_ids)
        a_day = self.REQUESTS_A_DAY + self.REQUESTS_OF_AN_ACCOUNT * count
        return Limit(burst=a_day, per_minute=a_day / _MINUTES_A_DAY)
