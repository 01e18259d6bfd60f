"""What the ledger has between balances, in memory."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.ledger.days import Days
from domain.ledger.entities import Transaction
from domain.ledger.evidence import Outline
from domain.ledger.imported import ImportedRow
from domain.ledger.imports import StatementOutcome
from domain.ledger.reconciling import (
    AccountReconciliation,
    Addend,
    ReconciledStatement,
    Stating,
    StretchSum,
    outline_of,
)
from domain.ledger.values import LedgerReconciliation, MatchResult, Reconciliation, StatementRef
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.result import Result, Success
from tests.fakes import Store

Places = dict[TransactionId, set[int]]


class InMemoryReconciliationRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def changed_days(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[Mapping[int, Days], Unavailable]:
        found: dict[int, list[date]] = {}
        for row in self._store.imported_rows:
            transaction = self._store.transactions[row.transaction_id]
            known = row.result is MatchResult.SAME and row.key == transaction.key
            if (row.import_id, row.user_id) == (import_id, owner) and not known:
                found.setdefault(row.place, []).append(transaction.booking_date)
        return Success({place: Days(min(days), max(days)) for place, days in found.items()})

    async def days_of(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[Mapping[int, Days], Unavailable]:
        rows = [*self._store.imported_rows, *self._store.undone_rows]
        its = [each for each in rows if (each.import_id, each.user_id) == (import_id, owner)]
        return Success({place: _days(its, place) for place in {each.place for each in its}})

    async def about(
        self, account_id: AccountId, days: Days, *, owner: UserId
    ) -> Result[Sequence[ReconciledStatement], Unavailable]:
        """Return every statement of the account."""
        return Success(
            [
                ReconciledStatement(self._outline(outcome, ref), outcome.ledger)
                for ref, outcome in self._active(owner)
                if outcome.account_id == account_id
            ]
        )

    async def sums(
        self,
        account_id: AccountId,
        currency: str,
        addends: Sequence[Addend],
        places: Mapping[StatementRef, int],
        *,
        owner: UserId,
    ) -> Result[Mapping[int, StretchSum], Unavailable]:
        stated: Places = defaultdict(set)
        listed = set()
        for row in self._store.imported_rows:
            place = places.get(StatementRef(row.import_id, row.place))
            if place is not None:
                listed.add(row.transaction_id)
                if not self._is_pending(row):
                    stated[row.transaction_id].add(place)
        found: dict[int, dict[TransactionId, tuple[Transaction, bool]]] = defaultdict(dict)
        for addend in addends:
            for each in self._booked(account_id, owner):
                foreign = each.amount.currency != currency
                if foreign and addend.stating is not Stating.OWN:
                    continue
                is_loose = each.id not in listed
                if addend.days.has(each.booking_date) and _is_of(
                    addend, stated[each.id], is_loose=is_loose
                ):
                    found[addend.stretch][each.id] = (each, addend.certain)
        return Success({stretch: _sum(its, currency) for stretch, its in found.items()})

    async def store(
        self, ledgers: Mapping[StatementRef, LedgerReconciliation], *, owner: UserId
    ) -> Result[None, Unavailable]:
        for ref, ledger in ledgers.items():
            done = self._store.imports[ref.import_id]
            statements = list(done.statements)
            statements[ref.place - 1] = replace(statements[ref.place - 1], ledger=ledger)
            self._store.imports[done.id] = replace(done, statements=statements)
        return Success(None)

    async def by_account(
        self, *, owner: UserId
    ) -> Result[Mapping[AccountId, AccountReconciliation], Unavailable]:
        stretches = {
            (each.account_id, each.closing, each.ledger) for _, each in self._active(owner)
        }
        counts = Counter((account_id, ledger.state) for account_id, _, ledger in stretches)
        return Success(
            {
                account_id: AccountReconciliation(
                    counts[account_id, Reconciliation.BALANCED],
                    counts[account_id, Reconciliation.UNBALANCED],
                )
                for account_id, _ in counts
            }
        )

    def _active(self, owner: UserId) -> Iterator[tuple[StatementRef, StatementOutcome]]:
        for done in self._store.imports.values():
            if done.user_id == owner and done.undone_at is None:
                for place, outcome in enumerate(done.statements, 1):
                    yield StatementRef(done.id, place), outcome

    def _outline(self, outcome: StatementOutcome, ref: StatementRef) -> Outline:
        its = [each for each in self._store.imported_rows if each.import_id == ref.import_id]
        has_rows = any(each.place == ref.place for each in its)
        return outline_of(outcome, ref, _days(its, ref.place) if has_rows else None)

    def _booked(self, account_id: AccountId, owner: UserId) -> list[Transaction]:
        return [
            each
            for each in self._store.transactions.values()
            if (each.account_id, each.user_id, each.removal) == (account_id, owner, None)
            and not each.is_pending
        ]

    def _is_pending(self, row: ImportedRow) -> bool:
        state = self._store.prior_states.get((row.account_id, row.key))
        return state is not None and state.is_pending


def _days(rows: Sequence[ImportedRow], place: int) -> Days:
    days = [each.day for each in rows if each.place == place]
    return Days(min(days), max(days))


def _is_of(addend: Addend, places: set[int], *, is_loose: bool) -> bool:
    if addend.stating is Stating.NONE:
        return is_loose
    if not places or min(places) <= addend.after or not places.isdisjoint(addend.leading):
        return False
    if addend.stating is Stating.OWN:
        return addend.place in places
    before = addend.stating is Stating.ANY or min(places) < addend.place
    return before and addend.place not in places


def _sum(its: Mapping[TransactionId, tuple[Transaction, bool]], currency: str) -> StretchSum:
    amounts: dict[bool, list[Decimal]] = {True: [], False: []}
    for each, certain in its.values():
        amounts[certain].append(each.amount.amount)
    is_foreign = any(each.amount.currency != currency for each, _ in its.values())
    return StretchSum(sum(amounts[True], Decimal(0)), amounts[False], is_foreign)
