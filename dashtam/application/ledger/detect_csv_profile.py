"""Find out how a CSV file is written."""

from dataclasses import dataclass
from functools import partial

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.ledger.read_statement import ReadStatement
from dashtam.application.ledger.reading_turns import ReadingTurns
from dashtam.application.use_case import UseCase
from domain.ledger.errors import (
    StatementTooLarge,
    UnreadableStatement,
)
from domain.ledger.events import CsvProfileDetected
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.ports import CsvSampler
from domain.ledger.profiles import CsvSample
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectCsvProfile(UseCase):
    """Find out how a file is written, and show what its first rows say by it; keep nothing."""

    read_statement: ReadStatement
    reading_turns: ReadingTurns
    csv_sampler: CsvSampler

    @audit_failures("csv_profile.detect", ResourceType.CSV_PROFILE)
    async def __call__(
        self, *, user_id: UserId, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[CsvSample, UnreadableStatement | StatementTooLarge | Unavailable]:
        found = await self.reading_turns(user_id, partial(self._sample, content, hints))
        if isinstance(found, Failure):
            return found
        event = CsvProfileDetected(
            subject_id=None,
            actor=Actor.user(user_id),
            occurred_at=self.clock.now(),
            open=bool(found.value.open_question),
        )
        async with self.unit_of_work(owner=user_id) as uow:
            await uow.commit(event)
        return found

    def _sample(
        self, content: bytes, hints: ReadingHints
    ) -> Result[CsvSample, UnreadableStatement | StatementTooLarge | Unavailable]:
        unpacked = self.read_statement.unpacked(content)
        return (
            unpacked if isinstance(unpacked, Failure) else self.csv_sampler(unpacked.value, hints)
        )
