"""Statements of accounts in memory."""

from collections.abc import Sequence

from domain.ledger.continuity import ImportedStatement
from domain.ledger.evidence import Outline
from domain.ledger.imports import StatementOutcome
from domain.ledger.statement_numbers import Number
from domain.ledger.values import BY_HAND, Reconciliation, StatementRef
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Result, Success
from tests.fakes import Store


class InMemoryStatementRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[Sequence[ImportedStatement], Unavailable]:
        return Success(self._active(account_id, owner))

    async def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        reconciliation: Reconciliation | None,
        after: Cursor | None,
        limit: int,
    ) -> Result[Page[ImportedStatement], Unavailable]:
        rows = [
            e
            for e in self._active(account_id, owner)
            if reconciliation in (None, e.outcome.reconciliation)
        ]
        rows.sort(key=lambda each: (each.day, each.outcome.id), reverse=True)
        if after:
            position = (after.day, after.id)
            rows = [each for each in rows if (each.day, each.outcome.id) < position]
        items = rows[:limit]
        more = len(rows) > limit
        return Success(Page(items, Cursor(items[-1].day, items[-1].outcome.id) if more else None))

    async def near(
        self, statement: Outline, account_id: AccountId, *, owner: UserId
    ) -> Result[Sequence[Outline], Unavailable]:
        """Return every statement of the account: callers ignore those that are far away."""
        found = []
        for done in self._store.imports.values():
            if done.user_id != owner or done.undone_at is not None:
                continue
            for place, outcome in enumerate(done.statements, 1):
                if outcome.account_id == account_id and outcome.currency == statement.currency:
                    found.append(self._outline(outcome, StatementRef(done.id, place)))
        return Success(found)

    def _outline(self, outcome: StatementOutcome, ref: StatementRef) -> Outline:
        rows = [
            self._store.transactions[each.transaction_id].booking_date
            for each in self._store.imported_rows
            if (each.import_id, each.place) == ref
        ]
        return Outline(
            ref=ref,
            currency=outcome.currency,
            report_type=outcome.report_type,
            number=Number.parse(outcome.number),
            first_day=outcome.first_day or min(rows, default=None),
            last_day=outcome.last_day or max(rows, default=None),
            has_period=outcome.first_day is not None and outcome.last_day is not None,
            opening=outcome.opening,
            closing=outcome.closing,
            rows=outcome.rows,
        )

    def _active(self, account_id: AccountId, owner: UserId) -> list[ImportedStatement]:
        return [
            ImportedStatement(each.id, outcome)
            for each in self._store.imports.values()
            if each.user_id == owner and each.undone_at is None
            for outcome in each.statements
            if outcome.account_id == account_id
            if outcome.report_type != BY_HAND or outcome.closing
        ]
