"""The ledger agrees with the balances in real bank files, if a collection of them is available."""

import random
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest
from rich.console import Console

from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.transactions import DeleteTransaction
from dashtam.container import container
from dashtam.container.wiring import UseCases
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imports import ImportRequest
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import LedgerReconciliation, Reconciliation, Statement
from domain.shared.ids import UserId, new_id
from domain.shared.result import Success
from tests.application.conftest import Application
from tests.corpus import Sample, answered, folder, read, samples

BALANCED = Reconciliation.BALANCED


class Ledger:
    """A ledger in memory, and the imports of real files into it."""

    def __init__(self) -> None:
        self.app = Application()
        self.user_id = UserId(new_id())
        readers = container.ports.statement_readers
        world = replace(self.app.world, statement_readers=readers, accounts_per_user=1000)
        self.use = UseCases(world).use

    async def add(self, content: bytes, hints: ReadingHints) -> None:
        done = await self.use(ImportPipeline)(
            ImportRequest(user_id=self.user_id, file_name="file", content=content, hints=hints)
        )
        assert isinstance(done, Success), done

    def states(self) -> list[LedgerReconciliation]:
        return [each.ledger for done in self.app.store.imports.values() for each in done.statements]

    async def undetected(self) -> tuple[int, int]:
        """Delete each booked transaction in turn; return how many are tried, and not noticed."""
        tried = missed = 0
        for each in list(self.app.store.transactions.values()):
            if each.is_pending or each.amount.amount == 0:
                continue
            whole, tried = self.app.store.snapshot(), tried + 1
            await self.use(DeleteTransaction)(transaction_id=each.id, user_id=self.user_id)
            missed += not any(state.is_unbalanced for state in self.states())
            self.app.store.restore(whole)
        return tried, missed


@pytest.fixture(scope="module")
def with_balances() -> list[tuple[Sample, list[Statement], ReadingHints]]:
    """The files of which each statement adds up by its own figures."""
    if not (folder() / "MANIFEST.csv").exists():
        pytest.skip("no collection of real statement files is here: CORPUS says where one is")
    readers = {reader.format: reader for reader in container.ports.statement_readers}
    found = []
    for sample in samples(folder()):
        reading = read(sample.path.read_bytes(), readers[sample.reader])
        if not isinstance(reading.result, Success):
            continue
        hints = NO_HINTS
        for asked in reading.rounds:
            hints = hints.joined(answered(asked))
        statements = list(reading.result.value.statements)
        if statements and all(each.reconciliation is BALANCED for each in statements):
            found.append((sample, statements, hints))
    assert len({sample.format for sample, _, _ in found}) >= 3
    return found


def follow_on(statements: Iterable[Statement]) -> bool:
    """Whether each statement begins with the balance that the one before it ends with."""
    return all(
        earlier.account != later.account
        or _money(earlier, BalanceKind.BOOKED) == _money(later, BalanceKind.OPENING)
        for earlier, later in pairwise(statements)
    )


def _money(statement: Statement, kind: BalanceKind) -> object:
    stated = statement.balance(kind)
    return stated and stated.money


async def test_the_ledger_agrees_with_files_that_add_up(
    with_balances: list[tuple[Sample, list[Statement], ReadingHints]],
) -> None:
    unbalanced, counts, deleted, missed = [], 0, 0, []
    for sample, statements, hints in with_balances:
        ledger = Ledger()
        await ledger.add(sample.path.read_bytes(), hints)
        states = ledger.states()
        counts += sum(each.state is BALANCED for each in states)
        if any(each.is_unbalanced for each in states):
            unbalanced += [sample.path.name] if follow_on(statements) else []
            continue
        tried, silent = await ledger.undetected()
        deleted += tried
        missed += [sample.path.name] if silent else []
    Console().print(f"{counts} statements balanced, {deleted} deletions noticed")
    assert unbalanced == []
    assert missed == []
    assert deleted > 100


@pytest.mark.parametrize("seed", range(3))
async def test_all_files_of_one_format_in_any_order_and_twice(
    with_balances: list[tuple[Sample, list[Statement], ReadingHints]], seed: int
) -> None:
    ledger, chance = Ledger(), random.Random(seed)
    files = [each for each in with_balances if each[0].format == "camt"]
    for sample, _, hints in chance.sample(files, len(files)) + chance.sample(files, len(files)):
        await ledger.add(sample.path.read_bytes(), hints)
    rows = sum(len(each.rows) for _, statements, _ in files for each in statements)
    Console().print(f"{len(ledger.states())} statements, {rows} rows in the files")
    assert [each for each in ledger.states() if each.is_unbalanced] == []
