"""A household that imports the reports of its bank in some order."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import ParamSpec, TypeVar

from dashtam.application.ledger.export_ledger import ExportLedger
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container.ports import Ports
from dashtam.container.wiring import UseCases
from domain.ledger.exports import ExportScope
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imports import ImportRequest
from domain.ledger.ports import ListedTransaction, TransactionFilter
from domain.ledger.suggested_matches import MatchStatus
from domain.ledger.values import StatementFile, TransactionStatus
from domain.shared.ids import AccountId, ImportId, UserId
from domain.shared.result import Success
from tests.bank import Life, Report

P = ParamSpec("P")
T = TypeVar("T")


class ReportReader:
    """Reads the reports that were made in this process."""

    format = "report"

    def __init__(self) -> None:
        self._files: dict[bytes, StatementFile] = {}

    def learn(self, report: Report) -> bytes:
        content = report.content
        self._files[content] = report.file
        return content

    def recognises(self, head: bytes) -> bool:
        return head.startswith(b"REPORT ")

    def read(self, content: bytes, hints: ReadingHints = NO_HINTS) -> Success[StatementFile]:
        return Success(self._files[content])


class Household:
    """A user with one account, and the imports that stand."""

    def __init__(self, ports: Ports, user_id: UserId) -> None:
        self._reader = ReportReader()
        self._ports = replace(ports, statement_readers=[self._reader])
        self._use_cases = UseCases(self._ports)
        self._accounts: frozenset[AccountId] = frozenset()
        self.user_id = user_id
        self.imports: dict[ImportId, Report] = {}

    async def import_report(self, report: Report) -> None:
        done = await self._use_cases.use(ImportPipeline)(
            ImportRequest(
                user_id=self.user_id, file_name="report", content=self._reader.learn(report)
            )
        )
        assert isinstance(done, Success)
        self._accounts = done.value.accounts
        self.imports[done.value.id] = report

    async def undo(self, import_id: ImportId) -> None:
        done = await self._use_cases.use(UndoImport)(import_id=import_id, user_id=self.user_id)
        assert isinstance(done, Success)
        del self.imports[import_id]

    async def export(self) -> bytes:
        done = await self._use_cases.use(ExportLedger)(
            user_id=self.user_id, format="csv", scope=ExportScope()
        )
        assert isinstance(done, Success)
        with done.value.content as file:
            return file.read()

    @property
    def places(self) -> set[int]:
        """The bookings that the standing imports list."""
        return {place for report in self.imports.values() for place in report.places}

    async def verdict(self, life: Life) -> "Verdict":
        """Judge the ledger by what the bank booked, and what the ledger says by its balances."""
        async with self._ports.unit_of_work(owner=self.user_id):
            found = await self._ports.reconciliations.by_account(owner=self.user_id)
            asked = await self._ports.matches.page(
                MatchStatus.SUGGESTED, owner=self.user_id, after=None, limit=1
            )
        assert isinstance(found, Success)
        assert isinstance(asked, Success)
        says_unbalanced = any(each.unbalanced for each in found.value.values())
        transactions = await self._transactions()
        waiting = Counter(
            each.amount.amount for each in transactions if each.status is TransactionStatus.PENDING
        )
        if waiting != self._waiting(life):
            return Verdict.SILENT
        if self._is_booked(
            life, [each for each in transactions if each.status is TransactionStatus.POSTED]
        ):
            is_false = says_unbalanced and self._lists_all_between_balances
            return Verdict.FALSE_ALARM if is_false else Verdict.RIGHT
        return Verdict.SAID if says_unbalanced or asked.value.items else Verdict.SILENT

    def _is_booked(self, life: Life, booked: Sequence[ListedTransaction]) -> bool:
        """Return whether this is what the bank booked; a source may have some of it a day later."""
        truth = [life.bookings[place] for place in self.places]
        if any(each.listed is not None for each in self.imports.values()):
            return Counter(e.amount for e in truth) == Counter(e.amount.amount for e in booked)
        found = Counter((each.booking_date, each.amount.amount) for each in booked)
        return found == Counter((each.day, each.amount) for each in truth)

    def _waiting(self, life: Life) -> Counter[Decimal]:
        """Return what waits by the latest of the standing lists."""
        days = [each.pending_day for each in self.imports.values() if each.pending_day]
        waiting = life.waiting_on(max(days)) if days else []
        return Counter(each.amount for each in waiting)

    @property
    def _lists_all_between_balances(self) -> bool:
        """Whether the standing imports list all that was booked between the stated balances.

        What a source has a day later may in the ledger lie on the other side of a balance.
        """
        stating = [each for each in self.imports.values() if each.is_balanced]
        if any(each.listed is not None for each in self.imports.values()):
            return False
        if not stating:
            return True
        between = range(min(each.begin for each in stating), max(each.end for each in stating))
        return self.places.issuperset(between)

    async def _transactions(self) -> list[ListedTransaction]:
        rows: list[ListedTransaction] = []
        async with self._ports.unit_of_work(owner=self.user_id):
            for account_id in self._accounts:
                page = await self._ports.transactions.page(
                    account_id, owner=self.user_id, where=TransactionFilter(), after=None, limit=100
                )
                assert isinstance(page, Success)
                rows += page.value.items
        return rows

    async def is_empty(self) -> bool:
        return not await self._transactions()


class Verdict(StrEnum):
    """Whether the ledger is what the bank booked, and whether it says so if not."""

    RIGHT = "right"
    SAID = "wrong, and unbalanced or suggested"
    SILENT = "wrong without a word"
    FALSE_ALARM = "right, and unbalanced"


@dataclass(frozen=True)
class Step:
    """What a household does: it imports a report, or an equal file again, or undoes an import."""

    deed: str
    report: Report | None = None
    place: int = 0

    async def perform(self, household: Household) -> None:
        standing = list(household.imports)
        if self.report:
            await household.import_report(self.report)
        elif standing:
            import_id = standing[self.place % len(standing)]
            if self.deed == "undo":
                await household.undo(import_id)
            else:
                await household.import_report(household.imports[import_id])


async def live(
    household: Household, life: Life, steps: Sequence[Step], *, strict: bool = True
) -> None:
    """Compare the ledger with the bank after each step.

    Where nothing can decide, the ledger may be wrong if it says so: unless it has to be `strict`.
    """
    passing = {Verdict.RIGHT} if strict else {Verdict.RIGHT, Verdict.SAID}
    for step in steps:
        before = await household.export() if step.report else b""
        standing = set(household.imports)
        await step.perform(household)
        verdict = await household.verdict(life)
        assert verdict in passing
        if step.report and set(household.imports) == standing:
            # The same file was there already.
            assert await household.export() == before
        elif step.report:
            # To undo it is to have what was before; then it is imported again.
            await household.undo(list(household.imports)[-1])
            assert await household.export() == before
            await household.import_report(step.report)
            assert await household.verdict(life) is verdict
    for import_id in list(household.imports):
        await household.undo(import_id)
    assert await household.is_empty()


def run(sequence: Coroutine[None, None, None]) -> None:
    """Run steps in one thread: nothing in memory waits for another one."""
    with asyncio.Runner() as runner:
        runner.get_loop().set_default_executor(_Inline())
        runner.run(sequence)


class _Inline(ThreadPoolExecutor):
    """Runs what is submitted at once."""

    def submit(self, call: Callable[P, T], /, *args: P.args, **named: P.kwargs) -> Future[T]:
        done = Future[T]()
        try:
            done.set_result(call(*args, **named))
        except Exception as error:
            done.set_exception(error)
        return done
