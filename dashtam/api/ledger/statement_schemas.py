"""Bodies of requests and responses about the statements of an account."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from dashtam.api.ledger.import_schemas import StatementOutcomeResponse
from dashtam.api.ledger.pages import LimitQuery, PageQuery
from domain.ledger.continuity import Continuity, Discrepancy, DiscrepancyKind, ImportedStatement
from domain.ledger.values import Proof
from domain.shared.pages import Page

T = TypeVar("T")


class StatementsQuery(PageQuery):
    """Which statements are wanted: latest day first, those of one proof if it is given."""

    proof: Proof | None = None


class StatementResponse(StatementOutcomeResponse):
    """One statement of an account, and the import that tells it."""

    id: UUID
    import_id: UUID

    @classmethod
    def told(cls, statement: ImportedStatement) -> "StatementResponse":
        outcome = StatementOutcomeResponse.of(statement.outcome)
        return cls(id=statement.outcome.id, import_id=statement.import_id, **outcome.model_dump())


class StatementsResponse(BaseModel):
    """A page of statements; without `next_cursor` it is the last."""

    items: list[StatementResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[ImportedStatement]) -> "StatementsResponse":
        return cls(
            items=[StatementResponse.told(statement) for statement in page.items],
            next_cursor=str(page.next) if page.next else None,
        )


class ContinuityQuery(LimitQuery):
    """How many breaks are wanted, and how many statements that do not add up: the latest ones."""


class StatementEndResponse(BaseModel):
    """One of the two statements of a break."""

    id: UUID
    import_id: UUID
    number: str

    @classmethod
    def of(cls, statement: ImportedStatement) -> "StatementEndResponse":
        outcome = statement.outcome
        return cls(id=outcome.id, import_id=statement.import_id, number=outcome.number)


class BreakResponse(BaseModel):
    """Two statements of which the second does not begin where the first ends.

    Of a gap, the days that are missing and by how much the balances differ; of an overlap, the days
    that both cover.
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
    def of(cls, told: Discrepancy) -> "BreakResponse":
        return cls(
            kind=told.kind,
            first_day=told.first_day,
            last_day=told.last_day,
            difference=told.difference.digits if told.difference else None,
            currency=told.after.outcome.currency,
            missing_numbers=list(told.missing),
            before=StatementEndResponse.of(told.before),
            after=StatementEndResponse.of(told.after),
        )


class ContinuityResponse(BaseModel):
    """How far the statements of an account follow one another, each counted once.

    `links` are statements that open with what another one closed with. Of the breaks and of the
    statements that do not add up, the latest are listed.
    """

    statements: int
    links: int
    gaps: int
    overlaps: int
    failing_proofs: int
    unknown_proofs: int
    breaks: list[BreakResponse]
    failing: list[StatementResponse]

    @classmethod
    def of(cls, continuity: Continuity, limit: int) -> "ContinuityResponse":
        failing = sorted(continuity.failing, key=lambda each: each.day)
        return cls(
            statements=continuity.statements,
            links=continuity.linked,
            gaps=continuity.gaps,
            overlaps=len(continuity.discrepancies) - continuity.gaps,
            failing_proofs=len(continuity.failing),
            unknown_proofs=continuity.unknown,
            breaks=[BreakResponse.of(each) for each in _latest(continuity.discrepancies, limit)],
            failing=[StatementResponse.told(each) for each in _latest(failing, limit)],
        )


def _latest(items: Sequence[T], limit: int) -> list[T]:
    return list(reversed(items))[:limit]
