"""From the rows of one statement to the transactions of its account."""

import asyncio
from collections.abc import Iterator, Sequence
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
from domain.ledger.ports import BalanceRepository, TransactionRepository
from domain.ledger.values import Statement
from domain.ledger.verdicts import Decision, Verdict, decide
from domain.shared.errors import Unavailable
from domain.shared.ids import ImportId, StatementId, TransactionId, new_id
from domain.shared.result import Failure, Result, Success

#: After how many rows it is told how far the work has come.
BATCH = 5000


@dataclass(frozen=True, slots=True)
class Entries:
    """What is to be written for one statement."""

    added: Sequence[Transaction]
    restated: Sequence[Transaction]
    stages: Sequence[Transaction]
    sightings: Sequence[Sighting]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterStatement:
    """Enter each row once: as a transaction of its own, or as one that the account holds."""

    transactions: TransactionRepository
    balances: BalanceRepository

    async def __call__(
        self,
        statement: Statement,
        account: Account,
        import_id: ImportId,
        progress: Progress = NO_PROGRESS,
    ) -> Result[StatementOutcome, Unavailable]:
        """Enter a statement; the caller has locked its account and opened a unit of work."""
        identities = await asyncio.to_thread(identify, statement.rows)
        evidence = await self.transactions.evidence(
            account.id, owner=account.user_id, rows=statement.rows, identities=identities
        )
        if isinstance(evidence, Failure):
            return evidence
        decisions = await asyncio.to_thread(decide, statement.rows, identities, evidence.value)
        entries = await asyncio.to_thread(
            entries_of, statement, identities, decisions, account, import_id
        )
        written = await self._write(entries, progress)
        if isinstance(written, Failure):
            return written
        await progress.advance(len(statement.rows) - len(entries.added))
        balances = await self.balances.add(
            [
                BalanceSnapshot.of(b, account=account, import_id=import_id)
                for b in statement.balances
            ]
        )
        if isinstance(balances, Failure):
            return balances
        verdicts = [decision.verdict for decision in decisions]
        return Success(
            StatementOutcome.of(
                statement,
                verdicts,
                id=StatementId(new_id()),
                account_id=account.id,
                balances=balances.value,
            )
        )

    async def _write(self, entries: Entries, progress: Progress) -> Result[None, Unavailable]:
        for some in batches(entries.added, BATCH):
            added = await self.transactions.add(some)
            if isinstance(added, Failure):
                return added
            await progress.advance(len(some))
        restated = await self.transactions.restate(entries.restated)
        if isinstance(restated, Failure):
            return restated
        staged = await self.transactions.add_stages(entries.stages)
        if isinstance(staged, Failure):
            return staged
        return await self.transactions.see(entries.sightings)


def batches(entries: Sequence[Transaction], size: int) -> Iterator[Sequence[Transaction]]:
    for start in range(0, len(entries), size):
        yield entries[start : start + size]


def entries_of(
    statement: Statement,
    identities: Sequence[Identity],
    decisions: Sequence[Decision],
    account: Account,
    import_id: ImportId,
) -> Entries:
    """Return what the decisions come to."""
    added: list[Transaction] = []
    restated: list[Transaction] = []
    stages: list[Transaction] = []
    sightings: list[Sighting] = []
    for row, identity, decision in zip(statement.rows, identities, decisions, strict=True):
        held = decision.held
        stated = Transaction.from_row(
            row,
            identity,
            id=held.id if held else TransactionId(new_id()),
            account=account,
            import_id=import_id,
        )
        if held is None:
            added.append(stated)
        elif decision.verdict in (Verdict.NEW, Verdict.CONFLICT, Verdict.UPDATES):
            restated.append(stated)
        elif decision.other_stage:
            stages.append(stated)
        sightings.append(stated.seen(decision.verdict))
    return Entries(added, restated, stages, sightings)
