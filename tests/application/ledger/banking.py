"""A household that imports the reports of its bank in some order, with ports in memory."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

from dashtam.application.ledger.export_ledger import ExportLedger
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container.wiring import UseCases
from domain.ledger.entities import Transaction
from domain.ledger.exports import ExportScope
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imports import ImportRequest, StatementImport, StatementOutcome
from domain.ledger.values import StatementFile
from domain.shared.ids import ImportId, UserId, new_id
from domain.shared.result import Success
from tests.application.conftest import Application
from tests.bank import Report


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

    def __init__(self) -> None:
        self.app = Application()
        self._reader = ReportReader()
        self._use_cases = UseCases(replace(self.app.world, statement_readers=[self._reader]))
        self.user_id = UserId(new_id())
        self.imports: dict[ImportId, Report] = {}

    async def import_report(self, report: Report) -> StatementImport:
        done = await self._use_cases.use(ImportPipeline)(
            ImportRequest(
                user_id=self.user_id, file_name="report", content=self._reader.learn(report)
            )
        )
        assert isinstance(done, Success)
        self.imports[done.value.id] = report
        return done.value

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

    @property
    def ledger(self) -> list[Transaction]:
        return [row for row in self.app.store.transactions.values() if row.removal is None]

    @property
    def booked(self) -> Counter[tuple[date, Decimal]]:
        """How many booked transactions there are, by day and amount."""
        rows = (row for row in self.ledger if not row.is_pending)
        return Counter((row.booking_date, row.amount.amount) for row in rows)

    @property
    def unbalanced(self) -> list[StatementOutcome]:
        """The statements up to whose balance the ledger is not what the bank has."""
        return [
            outcome
            for done in self.app.store.imports.values()
            for outcome in done.statements
            if done.id in self.imports and outcome.ledger.is_unbalanced
        ]
