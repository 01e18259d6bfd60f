"""Find or add the account that a statement refers to."""

from dataclasses import dataclass

from domain.connections.entities import Connection
from domain.connections.errors import AlreadyConnected, ConnectionNotFound
from domain.connections.ports import ConnectionRepository
from domain.connections.values import STATEMENT_FILES
from domain.ledger.entities import Account
from domain.ledger.errors import AccountExists, AccountNotFound, TooManyAccounts
from domain.ledger.ports import AccountRepository
from domain.ledger.values import AccountReference
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from domain.shared.ids import AccountId, ConnectionId, UserId, new_id
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountResolver:
    """Finds accounts by the way statements refer to them, and adds those that are new.

    Two imports may add the same account at once: a unique constraint decides, and the second finds
    what the first has added. A user gets no more than `accounts_per_user`, because additions are
    made one after the other. Who has more already keeps them.
    """

    connections: ConnectionRepository
    accounts: AccountRepository
    clock: Clock
    accounts_per_user: int

    async def resolve(
        self, reference: AccountReference, *, user_id: UserId, named: Account | None = None
    ) -> Result[tuple[Account, list[DomainEvent]], TooManyAccounts | Unavailable]:
        """Return the account, and the events if it was added.

        The user may have `named` the account: then `reference` becomes an alias of it, unless it is
        an alias of another account already.
        """
        if named:
            return await self._add_alias(named, reference)
        found = await self.accounts.find(reference, owner=user_id)
        if isinstance(found, Success):
            return Success((found.value, []))
        if not isinstance(found.error, AccountNotFound):
            return Failure(found.error)
        return await self._add(reference, user_id)

    async def _add_alias(
        self, account: Account, reference: AccountReference
    ) -> Result[tuple[Account, list[DomainEvent]], Unavailable]:
        if not reference.number:
            return Success((account, []))
        added = await self.accounts.add_alias(account, reference)
        return added if isinstance(added, Failure) else Success((account, []))

    async def _add(
        self, reference: AccountReference, user_id: UserId
    ) -> Result[tuple[Account, list[DomainEvent]], TooManyAccounts | Unavailable]:
        # Lock first, before adding anything that other transactions might wait for.
        room = await self._room(user_id)
        if isinstance(room, Failure):
            return room
        connected = await self._connect(reference.institution, user_id)
        if isinstance(connected, Failure):
            return connected
        connection, events = connected.value
        account, added = Account.add(
            reference,
            id=AccountId(new_id()),
            user_id=user_id,
            connection_id=connection.id,
            at=self.clock.now(),
        )
        stored = await self.accounts.add(account)
        if isinstance(stored, Success):
            return Success((account, [*events, added]))
        if isinstance(stored.error, AccountExists):
            return await self.resolve(reference, user_id=user_id)
        return Failure(stored.error)

    async def _room(self, user_id: UserId) -> Result[None, TooManyAccounts | Unavailable]:
        counted = await self.accounts.count(owner=user_id)
        if isinstance(counted, Failure):
            return counted
        if counted.value < self.accounts_per_user:
            return Success(None)
        detail = (
            f"You can have at most {self.accounts_per_user} accounts; this file would exceed that."
        )
        return Failure(TooManyAccounts(f"{detail} Nothing was imported."))

    async def _connect(
        self, institution: str, user_id: UserId
    ) -> Result[tuple[Connection, list[DomainEvent]], Unavailable]:
        found = await self.connections.find(
            owner=user_id, provider=STATEMENT_FILES, institution=institution
        )
        if isinstance(found, Success):
            return Success((found.value, []))
        if not isinstance(found.error, ConnectionNotFound):
            return Failure(found.error)
        connection, connected = Connection.establish(
            id=ConnectionId(new_id()),
            user_id=user_id,
            provider=STATEMENT_FILES,
            institution=institution,
            at=self.clock.now(),
        )
        added = await self.connections.add(connection)
        if isinstance(added, Success):
            return Success((connection, [connected]))
        if isinstance(added.error, AlreadyConnected):
            return await self._connect(institution, user_id)
        return Failure(added.error)
