"""Post the rows of a statement to its account."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from itertools import islice, repeat
from operator import attrgetter

from dashtam.application.ledger.fill_categories import FillCategories
from dashtam.application.ledger.progress import NO_PROGRESS, Progress
from domain.ledger.allocations import CategoryChoice, StatedAllocation
from domain.ledger.entities import Account, Transaction
from domain.ledger.evidence import NEARBY, Outline
from domain.ledger.imported import BalanceSnapshot, ImportedRow
from domain.ledger.imports import StatementOutcome
from domain.ledger.matches import ExistingTransaction, Match, MatchContext
from domain.ledger.matching import match_statement
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.pending import ended_by
from domain.ledger.ports import (
    BalanceRepository,
    HoldingRepository,
    MatchRepository,
    RuleApplicationRepository,
    StatementRepository,
    TransactionRepository,
)
from domain.ledger.rule_effects import NO_RULES, ImportRules, RuleEffect, of_import
from domain.ledger.suggested_matches import NewSuggestion
from domain.ledger.values import (
    MatchResult,
    StatedBalance,
    Statement,
    StatementRow,
    TransactionKey,
    transaction_keys,
)
from domain.shared.errors import Unavailable
from domain.shared.ids import ImportId, MatchId, StatementId, TransactionId, new_id
from domain.shared.records import records
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
    allocations: Sequence[StatedAllocation]
    rule_effects: Sequence[RuleEffect]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a statement goes: its account, its import, and its number in the file.

    `posted` are the statements of the account that the file has before it, and `coming` some of
    those after it. `known_file` is the digest of a file that was imported before, and that this
    release reads in another way. Its only row may be known to be a transaction that it `revises`.
    """

    account: Account
    outline: Outline
    posted: Sequence[Outline] = ()
    coming: Sequence[Outline] = ()
    known_file: bytes | None = field(default=None, repr=False)
    revises: ExistingTransaction | None = None
    #: The user's categories, by what the file calls them.
    categories: Mapping[str, CategoryChoice] = field(default_factory=dict, repr=False)
    rules: ImportRules = NO_RULES

    @property
    def import_id(self) -> ImportId:
        return self.outline.ref.import_id

    def snapshot(self, stated: StatedBalance) -> BalanceSnapshot:
        """Return a balance of the account, as the import states it."""
        return BalanceSnapshot.of(
            stated,
            account_id=self.account.id,
            user_id=self.account.user_id,
            import_id=self.import_id,
        )

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
    fill_categories: FillCategories
    rule_applications: RuleApplicationRepository

    async def __call__(
        self, statement: Statement, to: Destination, progress: Progress = NO_PROGRESS
    ) -> Result[StatementOutcome, Unavailable]:
        """Post a statement; the caller has locked its account and opened a unit of work."""
        named = await self.fill_categories.of_statement(statement, owner=to.account.user_id)
        if isinstance(named, Failure):
            return named
        to = replace(to, categories=named.value)
        found = await self._match(statement, to)
        if isinstance(found, Failure):
            return found
        matched, withdrawn = found.value
        suggested = await self._write_all(matched, to, progress)
        if isinstance(suggested, Failure):
            return suggested
        balances = await self.balances.add([to.snapshot(each) for each in statement.balances])
        if isinstance(balances, Failure):
            return balances
        statement_id = StatementId(new_id())
        held = await self.holdings.add(statement_id, to.import_id, to.account, statement.holdings)
        if isinstance(held, Failure):
            return held
        return Success(
            await asyncio.to_thread(
                StatementOutcome.of,
                statement,
                map(attrgetter("match.result"), matched),
                id=statement_id,
                account_id=to.account.id,
                balances=balances.value,
                suggested=suggested.value,
                withdrawn=tuple(withdrawn),
            )
        )

    async def _write_all(
        self, matched: Sequence[MatchedRow], to: Destination, progress: Progress
    ) -> Result[int, Unavailable]:
        """Write what becomes of the rows; return how many of them are suggested to be others."""
        suggested = 0
        async with aclosing(_postings_of_all(matched, to)) as prepared:
            async for some, postings in prepared:
                written = await self._write(postings, to)
                if isinstance(written, Failure):
                    return written
                refreshed = await self._refresh(some, to)
                if isinstance(refreshed, Failure):
                    return refreshed
                suggested += len(postings.suggestions)
                await progress.advance(len(some))
        return Success(suggested)

    async def _match(
        self, statement: Statement, to: Destination
    ) -> Result[tuple[list[MatchedRow], list[TransactionId]], Unavailable]:
        """Return the rows with their matches, and the pending transactions that are withdrawn."""
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
        matched, withdrawn = await asyncio.to_thread(
            _matched, statement, keys, context.value, near.value
        )
        if to.revises:
            matched = [_revising(each, to.revises, keys[0]) for each in matched]
        return Success((matched, withdrawn))

    async def _neighbourhood(self, to: Destination) -> Result[Neighbourhood, Unavailable]:
        """Return what the statements around this one prove about its rows."""
        account = to.account
        others = await self.statements.near(to.outline, account.id, owner=account.user_id)
        if isinstance(others, Failure):
            return others
        return Success(await asyncio.to_thread(_around, to, others.value))

    async def _refresh(
        self, matched: Sequence[MatchedRow], to: Destination
    ) -> Result[None, Unavailable]:
        """Set what a known file says of the rows that the account has, now that it is read anew."""
        if to.known_file is None:
            return Success(None)
        same = [each for each in matched if not each.match.changes]
        stated = await asyncio.to_thread(_transactions, same, to)
        return await self.transactions.refresh(stated, to.known_file)

    async def _write(self, postings: Postings, to: Destination) -> Result[None, Unavailable]:
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
        filled = await self.fill_categories.record_stated(
            to.import_id, postings.allocations, owner=to.account.user_id
        )
        if isinstance(filled, Failure):
            return filled
        ruled = await self.rule_applications.record_effects(
            of_import(to.import_id), postings.rule_effects, owner=to.account.user_id
        )
        if isinstance(ruled, Failure):
            return ruled
        return await self.matches.suggest(postings.suggestions)


def _matched(
    statement: Statement,
    keys: Sequence[TransactionKey],
    context: MatchContext,
    near: Neighbourhood,
) -> tuple[list[MatchedRow], list[TransactionId]]:
    """Return the rows with their matches, and the pending transactions that are withdrawn."""
    rows, pairing = statement.rows, match_statement(statement, keys, context, near)
    may_be = map(_active, map(pairing.suggestions.get, range(len(rows))))
    columns = {"row": rows, "match": pairing.matches, "may_be": may_be}
    matched = records(MatchedRow, len(rows), columns)
    withdrawn = ended_by(statement.withdrawn, rows, pairing.matches, context.candidates)
    return matched, withdrawn


def _revising(matched: MatchedRow, revised: ExistingTransaction, key: TransactionKey) -> MatchedRow:
    """Make a row the transaction that it revises; it may be yet another one in other words."""
    match = Match(MatchResult.UPDATES, revised.id, key, revised)
    is_itself = matched.may_be is None or matched.may_be.id == revised.id
    return MatchedRow(matched.row, match, None if is_itself else matched.may_be)


#: Of more statements about the same days, only the nearest are compared in full with one.
MOST_NEAR = 60


def _around(to: Destination, stored: Sequence[Outline]) -> Neighbourhood:
    """Return what other statements prove; of those to come, only which of them follow it."""
    outline = to.outline
    near = [*stored, *(each for each in to.posted if each.is_near(outline))]
    coming = [each for each in to.coming if each.is_near(outline)]
    if len(near) > MOST_NEAR:
        near.sort(key=lambda each: (not _touches(each, outline), _distance(each, outline)))
    return Neighbourhood.of(outline, near[:MOST_NEAR], [*near[MOST_NEAR:], *coming])


def _touches(one: Outline, other: Outline) -> bool:
    """Return whether one of two statements begins or ends with a balance of the other one."""
    balances = {each.money for each in (one.opening, one.closing) if each}
    return any(each and each.money in balances for each in (other.opening, other.closing))


def _distance(one: Outline, other: Outline) -> int:
    """Return how many days lie between the ends of both."""
    if one.reach is None or other.reach is None:
        return NEARBY
    return abs((one.reach.last - other.reach.last).days)


def _active(existing: ExistingTransaction | None) -> ExistingTransaction | None:
    """Leave out what the user has deleted: nobody can decide about it."""
    return existing if existing and existing.removal is None else None


async def _postings_of_all(
    matched: Sequence[MatchedRow], to: Destination
) -> AsyncGenerator[tuple[Sequence[MatchedRow], Postings], None]:
    """Yield some rows at a time, and what to write for them; meanwhile, the next are prepared."""

    async def prepare(some: Sequence[MatchedRow]) -> tuple[Sequence[MatchedRow], Postings]:
        return some, await asyncio.to_thread(postings_of, some, to)

    batches = (matched[at : at + ROWS_AT_ONCE] for at in range(0, len(matched), ROWS_AT_ONCE))
    coming = [asyncio.create_task(prepare(some)) for some in islice(batches, 1)]
    try:
        while coming:
            prepared = await coming.pop()
            coming += [asyncio.create_task(prepare(some)) for some in islice(batches, 1)]
            yield prepared
    finally:
        for task in coming:
            task.cancel()


def postings_of(matched: Sequence[MatchedRow], to: Destination) -> Postings:
    """Return what has to be written for these rows."""
    changed = [each for each in matched if each.match.changes]
    stated = _transactions(changed, to)
    added: list[Transaction] = []
    updated: list[Transaction] = []
    prior_states: list[Transaction] = []
    for each, transaction in zip(changed, stated, strict=True):
        if each.match.other_state and each.match.result is not MatchResult.UPDATES:
            prior_states.append(transaction)
        elif each.match.existing is None:
            added.append(transaction)
        elif each.match.result is not MatchResult.DELETED:
            updated.append(transaction)
    suggestions = [_suggestion(each.match, each.may_be, to) for each in matched if each.may_be]
    ruled, effects = to.rules.apply(added)
    return Postings(
        *(ruled, updated, prior_states, _imported_rows(matched, to)),
        *(suggestions, _allocations(matched, to.categories), effects),
    )


def _allocations(
    matched: Sequence[MatchedRow], categories: Mapping[str, CategoryChoice]
) -> list[StatedAllocation]:
    """Return what the rows say their transactions are for, if the user has not deleted them."""
    return [
        StatedAllocation(
            transaction_id=each.match.id,
            category_id=choice.id if choice else None,
            splits=tuple(part.chosen(categories) for part in row.splits),
            tags=row.tags,
        )
        for each in matched
        if each.match.result is not MatchResult.DELETED
        and ((choice := categories.get((row := each.row).category)) or row.splits or row.tags)
    ]


def _transactions(matched: Sequence[MatchedRow], to: Destination) -> list[Transaction]:
    return Transaction.from_rows(
        [each.row for each in matched],
        [each.match.key for each in matched],
        [each.match.id for each in matched],
        account=to.account,
        import_id=to.import_id,
        categories=to.categories,
    )


def _suggestion(match: Match, existing: ExistingTransaction, to: Destination) -> NewSuggestion:
    return NewSuggestion(
        id=MatchId(new_id()),
        user_id=to.account.user_id,
        added_id=match.id,
        existing_id=existing.id,
    )


def _imported_rows(matched: Sequence[MatchedRow], to: Destination) -> list[ImportedRow]:
    matches, rows = [each.match for each in matched], [each.row for each in matched]
    return records(
        ImportedRow,
        len(matched),
        {
            "import_id": repeat(to.import_id),
            "user_id": repeat(to.account.user_id),
            "account_id": repeat(to.account.id),
            "transaction_id": map(attrgetter("id"), matches),
            "key": map(attrgetter("key"), matches),
            "day": map(attrgetter("booking_date"), rows),
            "result": map(attrgetter("result"), matches),
            "place": repeat(to.place),
            "line": map(attrgetter("line"), rows),
        },
    )
