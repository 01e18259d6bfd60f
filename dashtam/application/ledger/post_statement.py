"""Post the rows of a statement to its account."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.ledger.progress import NO_PROGRESS, Progress
from domain.ledger.entities import (
    Account,
    BalanceSnapshot,
    ImportedRow,
    Transaction,
)
from domain.ledger.evidence import Outline
from domain.ledger.imports import StatementOutcome
from domain.ledger.matches import ExistingTransaction, Match
from domain.ledger.matching import match_statement
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.ports import (
    BalanceRepository,
    HoldingRepository,
    MatchRepository,
    StatementRepository,
    TransactionRepository,
)
from domain.ledger.suggested_matches import NewSuggestion
from domain.ledger.values import (
    MatchResult,
    Statement,
    StatementRow,
    transaction_keys,
)
from domain.shared.errors import Unavailable
from domain.shared.ids import ImportId, MatchId, StatementId, new_id
from domain.shared.result import Failure, Result, Success

#: How many rows are written at once: enough to be fast, few enough for memory and progress.
ROWS_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """A row of a statement, its match, and the transaction that it may be in other words."""

    row: StatementRow
    match: Match
    may_be: ExistingTransaction | None


@dataclass(frozen=True, slots=True)
class Postings:
    """What is to be written for some rows."""

    added: Sequence[Transaction]
    updated: Sequence[Transaction]
    prior_states: Sequence[Transaction]
    imported_rows: Sequence[ImportedRow]
    suggestions: Sequence[NewSuggestion]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a statement goes: its account, its import, and its number in the file.

    `posted` are the statements of the account that the file has before it.
    """

    account: Account
    outline: Outline
    posted: Sequence[Outline] = ()

    @property
    def import_id(self) -> ImportId:
        return self.outline.ref.import_id

    @property
    def place(self) -> int:
        return self.outline.ref.place


@dataclass(frozen=True, slots=True, kw_only=True)
class PostStatement:
    """Posts each row once: as a new transaction, or as one that the account has already."""

    transactions: TransactionRepository
    matches: MatchRepository
    statements: StatementRepository
    balances: BalanceRepository
    holdings: HoldingRepository

    async def __call__(
        self, statement: Statement, to: Destination, progress: Progress = NO_PROGRESS
    ) -> Result[StatementOutcome, Unavailable]:
        """Post a statement; the caller has locked its account and opened a unit of work."""
        matched = await self._match(statement, to)
        if isinstance(matched, Failure):
            return matched
        for start in range(0, len(matched.value), ROWS_AT_ONCE):
            some = matched.value[start : start + ROWS_AT_ONCE]
            written = await self._write(await asyncio.to_thread(postings_of, some, to))
            if isinstance(written, Failure):
                return written
            await progress.advance(len(some))
        balances = await self.balances.add(
            [
                BalanceSnapshot.of(stated, account=to.account, import_id=to.import_id)
                for stated in statement.balances
            ]
        )
        if isinstance(balances, Failure):
            return balances
        statement_id = StatementId(new_id())
        held = await self.holdings.add(statement_id, to.import_id, to.account, statement.holdings)
        if isinstance(held, Failure):
            return held
        return Success(
            StatementOutcome.of(
                statement,
                [each.match.result for each in matched.value],
                id=statement_id,
                account_id=to.account.id,
                balances=balances.value,
                suggested=sum(each.may_be is not None for each in matched.value),
            )
        )

    async def _match(
        self, statement: Statement, to: Destination
    ) -> Result[list[MatchedRow], Unavailable]:
        rows, account = statement.rows, to.account
        keys = await asyncio.to_thread(transaction_keys, rows)
        near = await self._neighbourhood(to)
        if isinstance(near, Failure):
            return near
        context = await self.transactions.match_context(
            account.id, owner=account.user_id, rows=rows, keys=keys, near=near.value
        )
        if isinstance(context, Failure):
            return context
        pairing = await asyncio.to_thread(
            match_statement, statement, keys, context.value, near.value
        )
        return Success(
            [
                MatchedRow(row, match, _active(pairing.suggestions.get(place)))
                for place, (row, match) in enumerate(zip(rows, pairing.matches, strict=True))
            ]
        )

    async def _neighbourhood(self, to: Destination) -> Result[Neighbourhood, Unavailable]:
        """Return what the statements around this one prove about its rows."""
        account = to.account
        others = await self.statements.near(to.outline, account.id, owner=account.user_id)
        if isinstance(others, Failure):
            return others
        return Success(await asyncio.to_thread(_around, to.outline, others.value, to.posted))

    async def _write(self, postings: Postings) -> Result[None, Unavailable]:
        added = await self.transactions.add(postings.added)
        if isinstance(added, Failure):
            return added
        updated = await self.transactions.update_from_import(postings.updated)
        if isinstance(updated, Failure):
            return updated
        prior = await self.transactions.add_prior_states(postings.prior_states)
        if isinstance(prior, Failure):
            return prior
        recorded = await self.transactions.record_rows(postings.imported_rows)
        if isinstance(recorded, Failure):
            return recorded
        return await self.matches.suggest(postings.suggestions)


#: Of more statements about the same days, only those that end nearest are compared with one.
MOST_NEAR = 60


def _around(
    outline: Outline, stored: Sequence[Outline], posted: Sequence[Outline]
) -> Neighbourhood:
    near = [*stored, *(each for each in posted if each.is_near(outline))]
    if len(near) > MOST_NEAR:
        near.sort(key=outline.distance)
    return Neighbourhood.of(outline, near[:MOST_NEAR])


def _active(existing: ExistingTransaction | None) -> ExistingTransaction | None:
    """Leave out what the user has deleted: nobody can decide about it."""
    return existing if existing and existing.removal is None else None


def postings_of(matched: Sequence[MatchedRow], to: Destination) -> Postings:
    """Return what has to be written for these rows."""
    added: list[Transaction] = []
    updated: list[Transaction] = []
    prior_states: list[Transaction] = []
    imported_rows: list[ImportedRow] = []
    suggestions = [_suggestion(each.match, each.may_be, to) for each in matched if each.may_be]
    for each in matched:
        existing = each.match.existing
        if existing and each.match.result is MatchResult.SAME and not each.match.other_state:
            imported_rows.append(_unchanged(each, existing, to))
            continue
        stated = Transaction.from_row(
            each.row,
            each.match.key,
            id=each.match.id,
            account=to.account,
            import_id=to.import_id,
        )
        if each.match.other_state and each.match.result is not MatchResult.UPDATES:
            prior_states.append(stated)
        elif existing is None:
            added.append(stated)
        elif each.match.result in (MatchResult.NEW, MatchResult.CONFLICT, MatchResult.UPDATES):
            updated.append(stated)
        imported_rows.append(stated.imported_row(each.match.result, place=to.place))
    return Postings(added, updated, prior_states, imported_rows, suggestions)


def _suggestion(match: Match, existing: ExistingTransaction, to: Destination) -> NewSuggestion:
    return NewSuggestion(
        id=MatchId(new_id()),
        user_id=to.account.user_id,
        added_id=match.id,
        existing_id=existing.id,
    )


def _unchanged(each: MatchedRow, existing: ExistingTransaction, to: Destination) -> ImportedRow:
    return ImportedRow(
        import_id=to.import_id,
        user_id=to.account.user_id,
        account_id=to.account.id,
        transaction_id=existing.id,
        key=each.match.key,
        day=each.row.booking_date,
        result=each.match.result,
        place=to.place,
        line=each.row.line,
    )
