"""From the rows of one statement to the transactions of its account."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.ledger.progress import NO_PROGRESS, Progress
from domain.ledger.entities import (
    Account,
    BalanceSnapshot,
    Sighting,
    Transaction,
)
from domain.ledger.identity import Identity, identify
from domain.ledger.imports import StatementOutcome
from domain.ledger.ports import BalanceRepository, HoldingRepository, TransactionRepository
from domain.ledger.values import Statement, StatementRow
from domain.ledger.verdicts import Decision, Held, Verdict, decide
from domain.shared.errors import Unavailable
from domain.shared.ids import ImportId, StatementId, TransactionId, new_id
from domain.shared.result import Failure, Result, Success

#: How many rows are written at once: enough for speed, few enough for memory and to tell progress.
ROWS_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Judged:
    """A row of a statement, its identity, and what becomes of it."""

    row: StatementRow
    identity: Identity
    decision: Decision


@dataclass(frozen=True, slots=True)
class Entries:
    """What is to be written for some rows."""

    added: Sequence[Transaction]
    restated: Sequence[Transaction]
    stages: Sequence[Transaction]
    sightings: Sequence[Sighting]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a statement goes: its account, the import, and its place in the file."""

    account: Account
    import_id: ImportId
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterStatement:
    """Enter each row once: as a transaction of its own, or as one that the account holds."""

    transactions: TransactionRepository
    balances: BalanceRepository
    holdings: HoldingRepository

    async def __call__(
        self, statement: Statement, to: Destination, progress: Progress = NO_PROGRESS
    ) -> Result[StatementOutcome, Unavailable]:
        """Enter a statement; the caller has locked its account and opened a unit of work."""
        judged = await self._judge(statement.rows, to.account)
        if isinstance(judged, Failure):
            return judged
        for start in range(0, len(judged.value), ROWS_AT_ONCE):
            some = judged.value[start : start + ROWS_AT_ONCE]
            written = await self._write(await asyncio.to_thread(entries_of, some, to))
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
                [each.decision.verdict for each in judged.value],
                id=statement_id,
                account_id=to.account.id,
                balances=balances.value,
            )
        )

    async def _judge(
        self, rows: Sequence[StatementRow], account: Account
    ) -> Result[list[Judged], Unavailable]:
        identities = await asyncio.to_thread(identify, rows)
        evidence = await self.transactions.evidence(
            account.id, owner=account.user_id, rows=rows, identities=identities
        )
        if isinstance(evidence, Failure):
            return evidence
        decisions = await asyncio.to_thread(decide, rows, identities, evidence.value)
        return Success(list(map(Judged, rows, identities, decisions)))

    async def _write(self, entries: Entries) -> Result[None, Unavailable]:
        added = await self.transactions.add(entries.added)
        if isinstance(added, Failure):
            return added
        restated = await self.transactions.restate(entries.restated)
        if isinstance(restated, Failure):
            return restated
        staged = await self.transactions.add_stages(entries.stages)
        if isinstance(staged, Failure):
            return staged
        return await self.transactions.see(entries.sightings)


def entries_of(judged: Sequence[Judged], to: Destination) -> Entries:
    """Return what the decisions come to."""
    added: list[Transaction] = []
    restated: list[Transaction] = []
    stages: list[Transaction] = []
    sightings: list[Sighting] = []
    for each in judged:
        held = each.decision.held
        if held and each.decision.verdict is Verdict.SAME and not each.decision.other_stage:
            sightings.append(_seen_again(each, held, to))
            continue
        stated = Transaction.from_row(
            each.row,
            each.identity,
            id=held.id if held else TransactionId(new_id()),
            account=to.account,
            import_id=to.import_id,
        )
        if held is None:
            added.append(stated)
        elif each.decision.verdict in (Verdict.NEW, Verdict.CONFLICT, Verdict.UPDATES):
            restated.append(stated)
        elif each.decision.other_stage:
            stages.append(stated)
        sightings.append(stated.seen(each.decision.verdict, place=to.place))
    return Entries(added, restated, stages, sightings)


def _seen_again(each: Judged, held: Held, to: Destination) -> Sighting:
    return Sighting(
        import_id=to.import_id,
        user_id=to.account.user_id,
        account_id=to.account.id,
        transaction_id=held.id,
        identity=each.identity,
        verdict=each.decision.verdict,
        place=to.place,
        line=each.row.line,
    )
