"""Accounts. Everything is asked for with its owner."""

from collections.abc import Collection, Sequence
from typing import Protocol

from domain.ledger.entities import Account
from domain.ledger.errors import AccountExists, AccountNotFound
from domain.ledger.values import AccountReference
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Result


class AccountRepository(Protocol):
    """All accounts; one for each person, institution and number."""

    async def get(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[Account, AccountNotFound | Unavailable]: ...

    async def find(
        self, reference: AccountReference, *, owner: UserId
    ) -> Result[Account, AccountNotFound | Unavailable]: ...

    async def all(self, *, owner: UserId) -> Result[Sequence[Account], Unavailable]: ...

    async def count(self, *, owner: UserId) -> Result[int, Unavailable]:
        """Count a person's accounts; whoever else counts them waits until the unit of work ends."""

    async def add(self, account: Account) -> Result[None, AccountExists | Unavailable]: ...

    async def name(
        self, account: Account, reference: AccountReference
    ) -> Result[None, Unavailable]:
        """Know the account by one more name, unless that is a name of an account already."""

    async def lock(
        self, account_ids: Collection[AccountId], *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Let nobody else write to these accounts until the unit of work ends."""
