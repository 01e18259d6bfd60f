"""Which account of the ledger an account of a provider is."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from dashtam.application.ledger.account_resolver import AccountResolver
from domain.connections.entities import Connection
from domain.connections.links import AccountLink
from domain.connections.providers import AccountProblem, TroubleKind
from domain.connections.values import LinkStatus
from domain.ledger.account_names import nearly_same_name, same_name
from domain.ledger.account_numbers import canonical
from domain.ledger.entities import Account
from domain.ledger.errors import AccountExists, TooManyAccounts
from domain.ledger.kinds import AccountKind
from domain.ledger.values import AccountReference, words_of
from domain.shared.errors import Unavailable
from domain.shared.events import Fact
from domain.shared.ids import AccountId
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success

_LAST_DIGITS = re.compile(r"(\d{3,})\D*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchAccounts:
    """Links new accounts of a connection, in the unit of work of the caller.

    One that is known by its number is linked to that account. If that one is `filled` by another
    account of a provider, or if it resembles one that none fills, a person has to say which it is.
    Any other becomes an account.
    """

    account_resolver: AccountResolver
    clock: Clock

    async def __call__(
        self,
        connection: Connection,
        links: Sequence[AccountLink],
        accounts: Sequence[Account],
        filled: Collection[AccountId],
    ) -> Result[tuple[list[AccountLink], list[Fact]], Unavailable]:
        """Return the links with the new ones settled as far as possible, and what happened."""
        settled, facts, filled = list[AccountLink](), list[Fact](), set(filled)
        for link in links:
            # One that could not be read may lack its currency.
            if link.status is not LinkStatus.NEW or not link.currency:
                settled.append(link)
                continue
            matched = await self._match(connection, link, accounts, filled)
            if isinstance(matched, Failure):
                return matched
            found, happened = matched.value
            if found.account_id:
                filled.add(found.account_id)
            settled.append(found)
            facts += happened
        return Success((settled, facts))

    async def _match(
        self,
        connection: Connection,
        link: AccountLink,
        accounts: Sequence[Account],
        filled: Collection[AccountId],
    ) -> Result[tuple[AccountLink, list[Fact]], Unavailable]:
        reference = reference_of(link)
        found = await self.account_resolver.find_known(reference, user_id=link.user_id)
        if isinstance(found, Failure):
            return found
        if found.value:
            return self._settled(link, found.value.id, filled)
        if any(link.number.startswith(str(each.id)) for each in accounts):
            # This server is read by itself: an account is no source of its own.
            ignored, record = link.ignore(at=self.clock.now())
            return Success((ignored, [record]))
        free = (each for each in accounts if each.id not in filled)
        if alike := frozenset[UUID](each.id for each in free if may_be(link, each)):
            return Success((link.ask(alike), []))
        return await self.add(connection, link)

    def _settled(
        self, link: AccountLink, account_id: AccountId, filled: Collection[AccountId]
    ) -> Success[tuple[AccountLink, list[Fact]]]:
        """Link it; but what two people share, and both report, is filled once."""
        if account_id in filled:
            return Success((link.ask(frozenset({account_id})), []))
        return self._linked(link, account_id)

    async def add(
        self, connection: Connection, link: AccountLink
    ) -> Result[tuple[AccountLink, list[Fact]], Unavailable]:
        """Make the account of a provider an account of the ledger."""
        added = await self._add(connection, link, reference_of(link))
        if isinstance(added, Failure) and isinstance(added.error, AccountExists):
            # Its number is that of another account, as a person says: this one has an id instead.
            added = await self._add(
                connection, link, replace(reference_of(link), number=str(link.id))
            )
        if isinstance(added, Failure):
            if isinstance(added.error, Unavailable):
                return Failure(added.error)
            problem = AccountProblem(kind=TroubleKind.PROTOCOL, detail=added.error.detail)
            return Success((link.failed(problem, at=self.clock.now()), []))
        account, events = added.value
        linked = self._linked(link, account.id)
        return Success((linked.value[0], [*events, *linked.value[1]]))

    async def _add(
        self, connection: Connection, link: AccountLink, reference: AccountReference
    ) -> Result[tuple[Account, list[Fact]], AccountExists | TooManyAccounts | Unavailable]:
        added = await self.account_resolver.add(
            reference, user_id=link.user_id, name=link.name, connection=connection
        )
        if isinstance(added, Failure):
            return added
        account, events = added.value
        return Success((account, [*events]))

    def _linked(
        self, link: AccountLink, account_id: AccountId
    ) -> Success[tuple[AccountLink, list[Fact]]]:
        linked = link.link(account_id, at=self.clock.now())
        assert isinstance(linked, Success), "a new link fills no account yet"
        settled, event = linked.value
        return Success((settled, [event]))


def reference_of(link: AccountLink) -> AccountReference:
    """Return the reference by which the ledger knows an account of a provider."""
    known = link.kind in set(AccountKind)
    return canonical(
        AccountReference(
            kind=AccountKind(link.kind) if known else AccountKind.OTHER,
            number=link.number or link.account_key,
            institution=link.institution,
            currency=link.currency,
        )
    )


def may_be(link: AccountLink, account: Account) -> bool:
    """Return whether an account of a provider resembles one of the ledger."""
    if link.currency != account.currency:
        return False
    shown = _LAST_DIGITS.search(link.number) or _LAST_DIGITS.search(link.name)
    if shown and account.number.endswith(shown[1][-4:]):
        return True
    if same_name(link.name, account.name) or nearly_same_name(link.name, account.name):
        return True
    if not words_of(link.institution).isdisjoint(words_of(account.institution)):
        return link.kind in ("", AccountKind.OTHER, account.kind)
    return False
