"""Export a ledger as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.use_case import UseCase
from domain.ledger.actions import LEDGER_EXPORTED
from domain.ledger.errors import AccountNotFound, UnknownExportFormat
from domain.ledger.exports import AccountLedger, ExportedTransaction, ExportScope, Ledger
from domain.ledger.ports import LedgerSource, LedgerWriter
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result

# A larger file goes to the disk, without a name.
MEMORY_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """An exported ledger as an open file; the caller closes it."""

    content: IO[bytes] = field(repr=False)
    size: int
    count: int
    media_type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLedger(UseCase):
    """Export the ledger of a user, as of one moment, in a format of other programs.

    The file is complete before its first byte is sent, so that a slow client keeps no transaction
    open.
    """

    ledgers: LedgerSource
    ledger_writers: Sequence[LedgerWriter]

    @property
    def formats(self) -> Sequence[str]:
        return sorted(writer.format for writer in self.ledger_writers)

    @audit_failures("ledger.export", ResourceType.ACCOUNT)
    async def __call__(
        self, *, user_id: UserId, format: str, scope: ExportScope
    ) -> Result[ExportedFile, UnknownExportFormat | AccountNotFound | Unavailable]:
        writer = next((each for each in self.ledger_writers if each.format == format), None)
        if writer is None:
            known = ", ".join(self.formats)
            return Failure(UnknownExportFormat(f"Use one of these formats: {known}."))
        async with self.unit_of_work(owner=user_id, snapshot=True) as uow:
            written = await self.ledgers.read(partial(_write, writer), owner=user_id, scope=scope)
            if isinstance(written, Failure):
                return written
            file = written.value
            try:
                exported = LEDGER_EXPORTED.record(
                    subject_id=scope.account_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    format=format,
                    count=file.count,
                )
                await uow.commit(exported)
            except BaseException:
                file.content.close()
                raise
        return written


@dataclass(slots=True)
class _Counted:
    """The transactions of an account, counted while they are iterated."""

    account_ledger: AccountLedger
    count: int = 0

    def __iter__(self) -> Iterator[ExportedTransaction]:
        self.count = 0
        for transaction in self.account_ledger.transactions:
            self.count += 1
            yield transaction


def _write(writer: LedgerWriter, ledger: Ledger) -> ExportedFile:
    counted = [_Counted(account_ledger) for account_ledger in ledger.accounts]
    pieces = writer.write(Ledger(accounts=[_with(each) for each in counted]))
    content = SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115  # who takes it closes it
    try:
        size = sum(content.write(piece) for piece in pieces)
        content.seek(0)
    except BaseException:
        content.close()
        raise
    return ExportedFile(
        content=content,
        size=size,
        count=sum(each.count for each in counted),
        media_type=writer.media_type,
        name=f"ledger{writer.suffix}",
    )


def _with(counted: _Counted) -> AccountLedger:
    return replace(counted.account_ledger, transactions=counted)
