"""The statements of an account, and whether they follow on from one another."""

from collections.abc import Sequence
from datetime import date
from typing import Self, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import read_query
from dashtam.api.ledger.imports import StatementOutcomeResponse
from dashtam.api.ledger.parameters import READ_ACCOUNTS, LimitQuery, PageQuery
from dashtam.api.problems import unwrap
from dashtam.api.responses import PageResponse, Response, respond_in_thread
from dashtam.api.session import CallerView
from dashtam.application.ledger.statements import ListStatements, ShowContinuity
from domain.ledger.continuity import Continuity, Discrepancy, DiscrepancyKind, ImportedStatement
from domain.ledger.values import Reconciliation
from domain.shared.ids import AccountId
from domain.shared.pages import Cursor

T = TypeVar("T")


class StatementResponse(StatementOutcomeResponse):
    """One statement of an account, and the import that it came with."""

    id: UUID
    import_id: UUID

    @classmethod
    def imported(cls, statement: ImportedStatement) -> Self:
        return cls.of(statement.outcome, import_id=statement.import_id)


class StatementEndResponse(Response):
    """One of the two statements at a discrepancy."""

    id: UUID
    import_id: UUID
    number: str

    @classmethod
    def of(cls, statement: ImportedStatement) -> Self:
        return cls.copy_from(statement.outcome, import_id=statement.import_id)


class DiscrepancyResponse(Response):
    """Two statements of which the second does not begin where the first ends.

    For a gap, the days that are missing and by how much the balances differ; for an overlap, the
    days that both cover.
    """

    kind: DiscrepancyKind
    first_day: date
    last_day: date
    difference: str | None
    currency: str
    missing_numbers: list[str]
    before: StatementEndResponse
    after: StatementEndResponse

    @classmethod
    def of(cls, found: Discrepancy) -> Self:
        return cls.copy_from(
            found,
            difference=found.difference.digits if found.difference else None,
            currency=found.after.outcome.currency,
            missing_numbers=list(found.missing),
            before=StatementEndResponse.of(found.before),
            after=StatementEndResponse.of(found.after),
        )


class ContinuityResponse(Response):
    """How far the statements of an account follow on from one another, each counted once.

    `linked` statements open with the balance that another one closed with. Up to the closing
    balance of those of `ledger_unbalanced_statements`, the ledger does not agree with the bank. Of
    the discrepancies and of the unbalanced statements, the latest are listed.
    """

    statements: int
    linked: int
    gaps: int
    overlaps: int
    unbalanced: int
    ledger_unbalanced: int
    unknown: int
    discrepancies: list[DiscrepancyResponse]
    unbalanced_statements: list[StatementResponse]
    ledger_unbalanced_statements: list[StatementResponse]

    @classmethod
    def of(cls, continuity: Continuity, limit: int) -> Self:
        breaks, unbalanced = continuity.discrepancies, continuity.unbalanced
        return cls.copy_from(
            continuity,
            overlaps=len(breaks) - continuity.gaps,
            unbalanced=len(unbalanced),
            ledger_unbalanced=len(continuity.ledger_unbalanced),
            discrepancies=[DiscrepancyResponse.of(each) for each in _latest(breaks, limit)],
            unbalanced_statements=_latest_statements(unbalanced, limit),
            ledger_unbalanced_statements=_latest_statements(continuity.ledger_unbalanced, limit),
        )


class StatementsQuery(PageQuery):
    """Which statements to return: all, or those with one reconciliation."""

    reconciliation: Reconciliation | None = None


class ContinuityQuery(LimitQuery):
    """How many discrepancies and unbalanced statements to return: the latest ones."""


class StatementsView(CallerView):
    """The statements of an account."""

    scopes = {"get": READ_ACCOUNTS}
    list_statements: ListStatements

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """List a page of statements, latest first."""
        query = read_query(request, StatementsQuery)
        page = unwrap(
            await self.list_statements(
                account_id=AccountId(account_id),
                user_id=self.caller.user_id,
                reconciliation=query.reconciliation,
                after=query.after(Cursor),
                limit=query.limit,
            )
        )
        return await respond_in_thread(
            PageResponse[StatementResponse].of, page, StatementResponse.imported
        )


class ContinuityView(CallerView):
    """Whether the statements of an account follow on from one another."""

    scopes = {"get": READ_ACCOUNTS}
    show_continuity: ShowContinuity

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Show what is missing between statements, and which of them do not add up."""
        query = read_query(request, ContinuityQuery)
        continuity = unwrap(
            await self.show_continuity(
                account_id=AccountId(account_id), user_id=self.caller.user_id
            )
        )
        return await respond_in_thread(ContinuityResponse.of, continuity, query.limit)


def _latest_statements(
    statements: Sequence[ImportedStatement], limit: int
) -> list[StatementResponse]:
    by_day = sorted(statements, key=lambda each: each.day)
    return [StatementResponse.imported(each) for each in _latest(by_day, limit)]


def _latest(items: Sequence[T], limit: int) -> list[T]:
    return list(reversed(items))[:limit]
