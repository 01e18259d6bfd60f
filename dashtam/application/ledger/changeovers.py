"""Find accounts whose currency was abolished while a file is imported, and end them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice

from domain.ledger.account_numbers import AccountKey, key_of
from domain.ledger.as_of import AsOf
from domain.ledger.changeovers import ABOLISHED, CHANGEOVER, EURO, Changeover, has_abolished
from domain.ledger.entities import Account
from domain.ledger.imports import StatementOutcome
from domain.ledger.kinds import BalanceKind
from domain.ledger.ports import (
    AccountRepository,
    BalanceRepository,
    StatementRepository,
    TransactionFilter,
    TransactionRepository,
)
from domain.ledger.values import StatedBalance, Statement, TransactionStatus
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.pages import MAX_PAGE_SIZE
from domain.shared.result import Failure, Result, Success

_ONE_DAY = timedelta(days=1)
Ending = tuple[Statement, Account]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindChangeovers:
    """Finds what ends accounts in abolished currencies, and begins those that go on in euros.

    It takes two balances that meet: the last one of an account, and that with which another one of
    the same number begins in euros. The import of either of them states the changeover too, so that
    undoing it undoes that.
    """

    accounts: AccountRepository
    balances: BalanceRepository
    statements: StatementRepository
    transactions: TransactionRepository

    async def __call__(
        self, outcomes: Sequence[StatementOutcome], *, owner: UserId
    ) -> Result[list[Ending], Unavailable]:
        """Return statements and their accounts; the rows of the import are posted already."""
        # The accounts of a changeover have such currencies: other imports look no further.
        if not any(each.currency == EURO or each.currency in ABOLISHED for each in outcomes):
            return Success([])
        every = await self.accounts.all(owner=owner)
        if isinstance(every, Failure):
            return every
        if not has_abolished(every.value):
            return Success([])
        aliases = await self.accounts.aliases(owner=owner)
        if isinstance(aliases, Failure):
            return aliases
        keys = [(key_of(each.reference), each.account) for each in aliases.value]
        endings: list[Ending] = []
        for changeover in dict.fromkeys(_changeovers(keys, outcomes)):
            ending = await self._ending(changeover, outcomes)
            if isinstance(ending, Failure):
                return ending
            endings += ending.value
        return Success(endings)

    async def _ending(
        self, changeover: Changeover, outcomes: Sequence[StatementOutcome]
    ) -> Result[list[Ending], Unavailable]:
        opening = await self._opening(changeover, outcomes)
        if isinstance(opening, Failure):
            return opening
        amount = await self._amount(changeover, outcomes)
        if isinstance(amount, Failure):
            return amount
        begins, ends = opening.value, amount.value
        if begins is None or not ends or begins.money.amount != changeover.converted(ends):
            return Success([])
        if not _states_either(outcomes, changeover, begins):
            return Success([])
        pair = changeover.statements(ends)
        return Success(list(zip(pair, (changeover.old, changeover.new), strict=True)))

    async def _opening(
        self, changeover: Changeover, outcomes: Sequence[StatementOutcome]
    ) -> Result[StatedBalance | None, Unavailable]:
        """Return the balance with which the new account begins, of any import."""
        new = changeover.new
        stored = await self.statements.all(new.id, owner=new.user_id)
        if isinstance(stored, Failure):
            return stored
        every = [*(each.outcome for each in stored.value), *outcomes]
        openings = [
            each.opening
            for each in every
            if each.account_id == new.id and each.report_type != CHANGEOVER and each.opening
        ]
        since = [each for each in openings if each.day >= changeover.eve]
        # An account that had euros before is another one.
        first = min(since, key=lambda each: each.day, default=None)
        return Success(first if len(since) == len(openings) else None)

    async def _amount(
        self, changeover: Changeover, outcomes: Sequence[StatementOutcome]
    ) -> Result[Decimal | None, Unavailable]:
        """Return what the old account has on its last day, if a balance and its rows say so."""
        old, eve = changeover.old, changeover.eve
        latest = await self.balances.page(
            old.id, owner=old.user_id, after=None, limit=MAX_PAGE_SIZE, as_of=AsOf(day=eve)
        )
        if isinstance(latest, Failure):
            return latest
        booked = (each for each in latest.value.items if each.kind is BalanceKind.BOOKED)
        known = [(each.day, each.money) for each in islice(booked, 1)]
        known += [
            (each.closing.day, each.closing.money)
            for each in outcomes
            if each.account_id == old.id and each.closing and each.closing.day <= eve
        ]
        if not known:
            return Success(None)
        day, money = max(known, key=lambda each: each[0])
        moved = await self._moved(old, day + _ONE_DAY, eve)
        if isinstance(moved, Failure):
            return moved
        return Success(None if moved.value is None else money.amount + moved.value)

    async def _moved(
        self, account: Account, first: date, last: date
    ) -> Result[Decimal | None, Unavailable]:
        """Return the sum of what was booked on some days, unless that is too much to add up."""
        where = TransactionFilter(
            booked_from=first, booked_to=last, status=TransactionStatus.POSTED
        )
        page = await self.transactions.page(
            account.id, owner=account.user_id, where=where, after=None, limit=MAX_PAGE_SIZE
        )
        if isinstance(page, Failure):
            return page
        total = sum((each.amount.amount for each in page.value.items), Decimal(0))
        return Success(None if page.value.next else total)


def _changeovers(
    keys: Collection[tuple[AccountKey, Account]], outcomes: Sequence[StatementOutcome]
) -> Iterator[Changeover]:
    """Yield pairs of accounts of one number of which the import states one."""
    touched = {each.account_id for each in outcomes}
    in_euros = {key: account for key, account in keys if account.currency == EURO}
    for key, account in keys:
        new = in_euros.get(key)
        if new and has_abolished([account]) and not touched.isdisjoint({account.id, new.id}):
            yield Changeover(account, new)


def _states_either(
    outcomes: Sequence[StatementOutcome], changeover: Changeover, begins: StatedBalance
) -> bool:
    """Return whether one of the two balances that meet is of this import."""
    return any(
        each.account_id == changeover.old.id
        or (each.account_id == changeover.new.id and each.opening == begins)
        for each in outcomes
    )
