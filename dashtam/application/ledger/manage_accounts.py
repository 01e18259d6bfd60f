"""Change, close and delete accounts, and add them by hand."""

from dataclasses import dataclass
from datetime import date

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.account_resolver import AccountResolver
from dashtam.application.ledger.accounts import AccountOverview, ShowsAccounts
from dashtam.application.ledger.locking import lock_account
from dashtam.application.use_case import UseCase
from domain.ledger.account_names import clean_name
from domain.ledger.accounts import AccountRemoval
from domain.ledger.actions import ACCOUNT_CHANGED, ACCOUNT_REMOVED
from domain.ledger.as_of import NOW
from domain.ledger.entities import AccountChanges
from domain.ledger.errors import (
    AccountExists,
    AccountNotEmpty,
    AccountNotFound,
    InvalidAccount,
    TooManyAccounts,
)
from domain.ledger.ports import AccountRepository
from domain.ledger.values import AccountReference
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Failure, Result, Success

AddAccountError = AccountExists | InvalidAccount | TooManyAccounts | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAccount(ShowsAccounts):
    """Add an account by hand, for cash or for a bank without statements."""

    account_resolver: AccountResolver

    @audit_failures("account.add", ResourceType.ACCOUNT)
    @retry_on_conflict
    async def __call__(
        self,
        reference: AccountReference,
        *,
        user_id: UserId,
        name: str,
        opened_on: date | None = None,
    ) -> Result[AccountOverview, AddAccountError]:
        name = clean_name(name)
        if not name:
            return Failure(InvalidAccount("An account needs a name."))
        async with self.unit_of_work(owner=user_id) as uow:
            added = await self.account_resolver.add(
                reference, user_id=user_id, name=name, opened_on=opened_on
            )
            if isinstance(added, Failure):
                return added
            account, events = added.value
            shown = await self.overviews([account], user_id, NOW)
            if isinstance(shown, Failure):
                return shown
            await uow.commit(*events)
        return Success(shown.value[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class EditAccount(ShowsAccounts):
    """Change what a user says of an account: its name, kind and days, and whether it is hidden."""

    @audit_failures("account.change", ResourceType.ACCOUNT)
    @retry_on_conflict
    async def __call__(
        self, *, account_id: AccountId, user_id: UserId, changes: AccountChanges
    ) -> Result[AccountOverview, AccountNotFound | InvalidAccount | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await lock_account(self.accounts, account_id, user_id)
            if isinstance(found, Failure):
                return found
            edited = found.value.edit(changes)
            if isinstance(edited, Failure):
                return edited
            stored = await self.accounts.update(edited.value)
            if isinstance(stored, Failure):
                return stored
            shown = await self.overviews([edited.value], user_id, NOW)
            if isinstance(shown, Failure):
                return shown
            await uow.commit(
                ACCOUNT_CHANGED.record(
                    subject_id=account_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    fields=tuple(sorted(changes)),
                )
            )
        return Success(shown.value[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteAccount(UseCase):
    """Delete an account that is empty. A statement that names it adds a new one."""

    accounts: AccountRepository

    @audit_failures("account.delete", ResourceType.ACCOUNT)
    @retry_on_conflict
    async def __call__(
        self, *, account_id: AccountId, user_id: UserId
    ) -> Result[None, AccountNotFound | AccountNotEmpty | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await lock_account(self.accounts, account_id, user_id)
            if isinstance(found, Failure):
                return found
            contents = await self.accounts.contents(account_id, owner=user_id)
            if isinstance(contents, Failure):
                return contents
            refusal = contents.value.refuse_deletion()
            if refusal:
                return Failure(refusal)
            removed = await self.accounts.remove(found.value, AccountRemoval.DELETED)
            if isinstance(removed, Failure):
                return removed
            await uow.commit(
                ACCOUNT_REMOVED.record(
                    subject_id=account_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                )
            )
        return Success(None)
