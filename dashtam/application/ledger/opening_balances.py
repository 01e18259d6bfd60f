"""Opening balances that users write by hand, for accounts whose files state none."""

from dataclasses import dataclass
from datetime import date

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.import_pipeline import PipelineError
from dashtam.application.ledger.locking import lock_account
from dashtam.application.ledger.transactions_by_hand import EnterByHand, ReplaceError
from dashtam.application.use_case import UseCase
from domain.ledger.as_of import AsOf
from domain.ledger.by_hand import OpeningBalance
from domain.ledger.days import Days
from domain.ledger.entities import Account
from domain.ledger.errors import AccountNotFound, BankStatesBalance, OpeningBalanceNotFound
from domain.ledger.events import OpeningBalanceRemoved, OpeningBalanceStated
from domain.ledger.imports import StatementImport, StatementOutcome
from domain.ledger.kinds import BalanceKind
from domain.ledger.ports import (
    AccountRepository,
    BalanceRepository,
    DailyBalanceRepository,
    EntriesByHand,
    StatementRepository,
)
from domain.ledger.values import LedgerReconciliation, Reconciliation
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, DomainEvent, ResourceType
from domain.shared.ids import AccountId, ImportId, UserId
from domain.shared.result import Failure, Result, Success

SetError = BankStatesBalance | PipelineError | ReplaceError
RemoveError = AccountNotFound | OpeningBalanceNotFound | ReplaceError
#: More balances than are stated of two days.
_OF_TWO_DAYS = 100


@dataclass(frozen=True, slots=True)
class StatedOpening:
    """The opening balance of an account, and how the ledger agrees with it."""

    account: Account
    import_id: ImportId
    balance: OpeningBalance
    ledger: LedgerReconciliation


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOpeningBalance(UseCase):
    """Set what an account has at the beginning of a day; another one replaces it.

    It is stated as the balance of the evening before, unless a bank states another one of then.
    """

    accounts: AccountRepository
    balances: BalanceRepository
    daily_balances: DailyBalanceRepository
    statements: StatementRepository
    entries_by_hand: EntriesByHand
    enter_by_hand: EnterByHand

    @audit_failures("opening_balance.set", ResourceType.ACCOUNT)
    @retry_on_conflict
    async def __call__(
        self, balance: OpeningBalance, *, account_id: AccountId, user_id: UserId
    ) -> Result[StatedOpening, SetError]:
        async with self.unit_of_work(owner=user_id) as uow:
            account = await lock_account(self.accounts, account_id, user_id)
            if isinstance(account, Failure):
                return account
            replaced = await self._replace(balance, account.value)
            if isinstance(replaced, Failure):
                return replaced
            done, events = replaced.value
            changed = OpeningBalanceStated(
                subject_id=account_id, actor=Actor.user(user_id), occurred_at=self.clock.now()
            )
            await uow.commit(changed, *events)
        (outcome,) = done.statements
        return Success(StatedOpening(account.value, done.id, balance, outcome.ledger))

    async def _replace(
        self, balance: OpeningBalance, account: Account
    ) -> Result[tuple[StatementImport, list[DomainEvent]], SetError]:
        before = await self.entries_by_hand.opening_balance(account.id, owner=account.user_id)
        if isinstance(before, Failure):
            return before
        events: list[DomainEvent] = []
        if before.value:
            undone = await self.enter_by_hand.undo(before.value, account.user_id)
            if isinstance(undone, Failure):
                return undone
            events = undone.value
        agreed = await self._agrees_with_bank(balance, account)
        if isinstance(agreed, Failure):
            return agreed
        entered = await self.enter_by_hand(balance, account)
        if isinstance(entered, Failure):
            return entered
        done, more = entered.value
        return Success((done, [*events, *more]))

    async def _agrees_with_bank(
        self, balance: OpeningBalance, account: Account
    ) -> Result[None, BankStatesBalance | Unavailable]:
        stated = balance.stated(account.currency)
        found = await self.balances.page(
            account.id,
            owner=account.user_id,
            after=None,
            limit=_OF_TWO_DAYS,
            as_of=AsOf(day=balance.day),
        )
        if isinstance(found, Failure):
            return found
        banks = {
            each.money
            for each in found.value.items
            if (each.kind, each.day)
            in ((BalanceKind.BOOKED, stated.day), (BalanceKind.OPENING, balance.day))
            and each.money.currency == account.currency
        }
        if banks and stated.money not in banks:
            return Failure(BankStatesBalance("Its bank states another balance of that evening."))
        return await self._agrees_with_statements(balance, account)

    async def _agrees_with_statements(
        self, balance: OpeningBalance, account: Account
    ) -> Result[None, BankStatesBalance | Unavailable]:
        """Refuse a balance that follows otherwise from a statement that adds up."""
        owner, stated = account.user_id, balance.stated(account.currency)
        statements = await self.statements.all(account.id, owner=owner)
        if isinstance(statements, Failure):
            return statements
        if not any(_encloses(each.outcome, balance.day) for each in statements.value):
            return Success(None)
        known = await self.daily_balances.by_day(
            Days(stated.day, stated.day), owner=owner, account_id=account.id
        )
        if isinstance(known, Failure):
            return known
        its = [each.amount for each in known.value if each.currency == account.currency]
        if its in ([], [None], [stated.money.amount]):
            return Success(None)
        text = "Another balance of that evening follows from a statement of its bank."
        return Failure(BankStatesBalance(text))


def _encloses(statement: StatementOutcome, day: date) -> bool:
    """Return whether a statement adds up, and a day begins within it."""
    opening, closing = statement.opening, statement.closing
    return (
        opening is not None
        and closing is not None
        and statement.reconciliation is Reconciliation.BALANCED
        and opening.day <= day <= closing.day
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveOpeningBalance(UseCase):
    """Remove the opening balance that its user set."""

    accounts: AccountRepository
    entries_by_hand: EntriesByHand
    enter_by_hand: EnterByHand

    @audit_failures("opening_balance.remove", ResourceType.ACCOUNT)
    @retry_on_conflict
    async def __call__(
        self, *, account_id: AccountId, user_id: UserId
    ) -> Result[None, RemoveError]:
        async with self.unit_of_work(owner=user_id) as uow:
            account = await lock_account(self.accounts, account_id, user_id)
            if isinstance(account, Failure):
                return account
            found = await self.entries_by_hand.opening_balance(account_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            if found.value is None:
                return Failure(OpeningBalanceNotFound("You have set no opening balance."))
            undone = await self.enter_by_hand.undo(found.value, user_id)
            if isinstance(undone, Failure):
                return undone
            removed = OpeningBalanceRemoved(
                subject_id=account_id, actor=Actor.user(user_id), occurred_at=self.clock.now()
            )
            await uow.commit(removed, *undone.value)
        return Success(None)
