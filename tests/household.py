"""A household that imports the reports of its bank in some order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from dashtam.application.ledger.export_ledger import ExportLedger
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container.ports import Ports
from dashtam.container.wiring import UseCases
from domain.ledger.entities import Transaction
from domain.ledger.exports import ExportScope
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imports import ImportRequest
from domain.ledger.ports import TransactionFilter
from domain.ledger.values import StatementFile
from domain.shared.ids import AccountId, ImportId, UserId
from domain.shared.result import Success
from tests.bank import Life, Report


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

    async def booked(self) -> Counter[tuple[date, Decimal]]:
        """Return how many transactions there are, by day and amount."""
        rows: list[Transaction] = []
        async with self._ports.unit_of_work(owner=self.user_id):
            for account_id in self._accounts:
                page = await self._ports.transactions.page(
                    account_id, owner=self.user_id, where=TransactionFilter(), after=None, limit=100
                )
                assert isinstance(page, Success)
                rows += page.value.items
        assert not any(row.is_pending for row in rows)
        return Counter((row.booking_date, row.amount.amount) for row in rows)


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


async def live(household: Household, life: Life, steps: Sequence[Step]) -> None:
    """Compare the ledger with the bank after each step."""
    for step in steps:
        before = await household.export() if step.report else b""
        await step.perform(household)
        assert await household.booked() == life.booked(household.places)
        if step.report:
            # To undo it is to have what was before; then it is imported again.
            await household.undo(list(household.imports)[-1])
            assert await household.export() == before
            await household.import_report(step.report)
            assert await household.booked() == life.booked(household.places)
    for import_id in list(household.imports):
        await household.undo(import_id)
    assert await household.booked() == Counter()
