"""Find or add the account that a statement refers to."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dashtam.application.use_case import or_none
from domain.connections.entities import Connection
from domain.connections.errors import AlreadyConnected, ConnectionNotFound
from domain.connections.ports import ConnectionRepository
from domain.connections.values import STATEMENT_FILES
from domain.ledger.account_names import is_number
from domain.ledger.account_numbers import Likeness, canonical, compare
from domain.ledger.accounts import is_called, is_word, may_be_called
from domain.ledger.entities import Account, AccountAlias
from domain.ledger.errors import AccountExists, HintNeeded, TooManyAccounts
from domain.ledger.hints import SimilarAccounts
from domain.ledger.ports import AccountRepository
from domain.ledger.questions import Asked, Question
from domain.ledger.values import AccountReference, masked
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from domain.shared.ids import AccountId, ConnectionId, UserId, new_id
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success

Added = Result[tuple[Account, list[DomainEvent]], AccountExists | TooManyAccounts | Unavailable]
Resolved = Result[tuple[Account, list[DomainEvent]], HintNeeded | TooManyAccounts | Unavailable]

#: How many accounts a question names.
_NAMED = 5
_TOO_MANY = "You can have at most {most} accounts; this would exceed that. Nothing was imported."


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountResolver:
    """Finds accounts by the way statements refer to them, and adds those that are new.

    Two imports may add the same account at once: a unique constraint decides, and the second finds
    what the first has added. A user gets no more than `accounts_per_user`, because additions are
    made one after the other. Who has more already keeps them.

    A reference that is not known may still mean an account that is: then it becomes an alias. If it
    only looks like one, the user has to say whether it is.
    """

    connections: ConnectionRepository
    accounts: AccountRepository
    clock: Clock
    accounts_per_user: int

    async def resolve(
        self,
        reference: AccountReference,
        *,
        user_id: UserId,
        named: Account | None = None,
        similar: SimilarAccounts | None = None,
        distinct_from: Collection[UUID] = (),
    ) -> Resolved:
        """Return the account, and the events if it was added.

        The user may have `named` the account: then `reference` becomes an alias of it, unless it is
        an alias of another account already. Or the user has said what `similar` accounts are. It is
        `distinct_from` accounts that the same file has added under other numbers.
        """
        reference = canonical(reference)
        if named:
            return await self._add_alias(named, reference)
        found = await self._find(reference, user_id)
        if isinstance(found, Failure):
            return found
        if found.value:
            return Success((found.value, []))
        # Lock first, before adding anything that other transactions might wait for.
        counted = await self.accounts.count(owner=user_id)
        if isinstance(counted, Failure):
            return counted
        known = await self._known(reference, user_id, similar, distinct_from)
        if isinstance(known, Failure):
            return known
        if known.value:
            return await self._add_alias(known.value, reference)
        added = await self._add(reference, user_id, counted.value)
        if isinstance(added, Failure) and isinstance(added.error, AccountExists):
            return await self.resolve(reference, user_id=user_id)
        return added  # type: ignore[return-value]  # that it exists is out of the question now

    async def add(
        self,
        reference: AccountReference,
        *,
        user_id: UserId,
        name: str,
        opened_on: date | None = None,
        connection: Connection | None = None,
    ) -> Added:
        """Add an account that a user or a provider describes, unless one has this number already.

        It belongs to the `connection`, or else to the files of its institution.
        """
        reference = canonical(reference)
        counted = await self.accounts.count(owner=user_id)
        if isinstance(counted, Failure):
            return counted
        aliases = await self.accounts.aliases(owner=user_id)
        if isinstance(aliases, Failure):
            return aliases
        likeness = (compare(reference, each.reference) for each in aliases.value)
        if any(each is Likeness.SAME for each in likeness):
            return Failure(AccountExists("There is already an account with this number."))
        return await self._add(
            reference,
            user_id,
            counted.value,
            name=name,
            opened_on=opened_on,
            connection=connection,
        )

    async def find_known(
        self, reference: AccountReference, *, user_id: UserId
    ) -> Result[Account | None, Unavailable]:
        """Return the account that a reference is an alias of, or means for certain."""
        reference = canonical(reference)
        found = or_none(await self.accounts.find(reference, owner=user_id))
        if isinstance(found, Failure) or found.value:
            return found
        aliases = await self.accounts.aliases(owner=user_id)
        if isinstance(aliases, Failure):
            return aliases
        likeness = ((compare(reference, each.reference), each.account) for each in aliases.value)
        return Success(next((account for each, account in likeness if each is Likeness.SAME), None))

    async def _find(
        self, reference: AccountReference, user_id: UserId
    ) -> Result[Account | None, HintNeeded | Unavailable]:
        """Return the account that the user calls so, or that has this alias."""
        if is_word(reference) and not reference.layout:
            accounts = await self.accounts.all(owner=user_id)
            if isinstance(accounts, Failure):
                return accounts
            called = [each for each in accounts.value if is_called(reference, each)]
            if len(called) == 1:
                return Success(called[0])
            if called:
                return Failure(_question(reference, called))
        return or_none(await self.accounts.find(reference, owner=user_id))

    async def _known(
        self,
        reference: AccountReference,
        user_id: UserId,
        similar: SimilarAccounts | None,
        distinct_from: Collection[UUID],
    ) -> Result[Account | None, HintNeeded | Unavailable]:
        """Return the account that a reference without an alias means, if there is one."""
        aliases = await self.accounts.aliases(owner=user_id)
        if isinstance(aliases, Failure):
            return aliases
        accounts = await self.accounts.all(owner=user_id)
        if isinstance(accounts, Failure):
            return accounts
        known = [each for each in aliases.value if each.account.id not in distinct_from]
        others = [each for each in accounts.value if each.id not in distinct_from]
        return await asyncio.to_thread(_known_account, reference, known, others, similar)

    async def _add_alias(self, account: Account, reference: AccountReference) -> Resolved:
        if not reference.number:
            return Success((account, []))
        added = await self.accounts.add_alias(account, reference)
        return added if isinstance(added, Failure) else Success((account, []))

    async def _add(
        self,
        reference: AccountReference,
        user_id: UserId,
        count: int,
        *,
        name: str = "",
        opened_on: date | None = None,
        connection: Connection | None = None,
    ) -> Added:
        if count >= self.accounts_per_user:
            return Failure(TooManyAccounts(_TOO_MANY.format(most=self.accounts_per_user)))
        events: list[DomainEvent] = []
        if connection is None:
            bank = reference.institution or reference.routing_number
            connected = await self._connect(bank, user_id)
            if isinstance(connected, Failure):
                return connected
            connection, events = connected.value
        account, added = Account.add(
            reference,
            name=name,
            opened_on=opened_on,
            id=AccountId(new_id()),
            user_id=user_id,
            connection_id=connection.id,
            at=self.clock.now(),
        )
        stored = await self.accounts.add(account, reference)
        return stored if isinstance(stored, Failure) else Success((account, [*events, added]))

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


def _known_account(
    reference: AccountReference,
    aliases: Sequence[AccountAlias],
    accounts: Sequence[Account],
    similar: SimilarAccounts | None,
) -> Result[Account | None, HintNeeded]:
    """Return the account that a reference means, or none if it is a new one; or ask."""
    likeness = [(compare(reference, each.reference), each.account) for each in aliases]
    same = [account for each, account in likeness if each is Likeness.SAME]
    if same:
        return Success(same[0])
    by_number = [account for each, account in likeness if each is Likeness.ALIKE]
    by_name = [each for each in accounts if may_be_called(reference, each)]
    alike = list(dict.fromkeys([*by_number, *by_name]))
    if not alike or similar is SimilarAccounts.DIFFERENT:
        return Success(None)
    if len(alike) == 1 and similar is SimilarAccounts.SAME:
        return Success(alike[0])
    return Failure(_question(reference, alike))


def _question(reference: AccountReference, alike: Sequence[Account]) -> HintNeeded:
    named = " or ".join(
        f"“{account.name}”{_number_of(account)}{_at(account.institution)} (account_id={account.id})"
        for account in alike[:_NAMED]
    )
    reason = (
        f"The account {_shown(reference)}{_at(reference.institution)} of the file may be"
        f" your account {named}. If it is, say so by its account_id; if it is a new account, by"
        " similar_accounts=different. Nothing was imported."
    )
    return HintNeeded.ask(
        Question(
            field=Asked.SIMILAR_ACCOUNTS,
            reason=reason,
            options=[each.value for each in SimilarAccounts],
        )
    )


def _shown(reference: AccountReference) -> str:
    return f"“{reference.number}”" if is_word(reference) else masked(reference.number)


def _number_of(account: Account) -> str:
    return f", {account.masked_number}" if is_number(account.number) else ""


def _at(institution: str) -> str:
    return f" at {institution}" if institution else ""
