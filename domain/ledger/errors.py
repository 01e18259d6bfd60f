"""What can go wrong in the ledger."""

from dataclasses import dataclass

from domain.shared.errors import Conflict, Invalid, NotFound, TooLarge, TooMany, Unavailable


class AccountNotFound(NotFound):
    """No such account, or not this person's."""


class AccountExists(Conflict):
    """This person already has an account of this number at this institution."""


class TooManyAccounts(Conflict):
    """A person has as many accounts as one may have."""


class TransactionNotFound(NotFound):
    """No such transaction, or not this person's."""


class ImportNotFound(NotFound):
    """No such import, or not this person's."""


class PreviewNotFound(NotFound):
    """No such preview, or not this person's, or it has expired."""


class ImportIsUndone(Conflict):
    """The import was taken back before."""


class InvalidPeriod(Invalid):
    """Not a stretch of days that is told at once."""


class ImportIsRunning(Conflict):
    """The import is under way: somebody else is at it."""


class FileNotKept(Conflict):
    """The file of the import is stored no longer."""


class StorageFull(Conflict):
    """This person's files take up as much as is stored for anybody."""


@dataclass(frozen=True)
class TooManyImportsWaiting(TooMany):
    """This person has as many files waiting as anybody may; ask again in `retry_after` seconds."""

    retry_after: int


class CsvProfileNotFound(NotFound):
    """No such profile, or not this person's."""


class CsvProfileExists(Conflict):
    """This person already keeps a profile under this name."""


class TooManyCsvProfiles(Conflict):
    """This person keeps as many profiles as are kept for anybody."""


class InvalidCsvProfile(Invalid):
    """No file can be read by this profile."""


class UnreadableStatement(Invalid):
    """The file is not a statement that can be read."""


class HintNeeded(UnreadableStatement):
    """The file leaves something open that only a person can say: a currency, an order of dates."""


class StatementTooCostly(UnreadableStatement):
    """Reading the file takes more time or memory than any file may take."""


class ReadingUnavailable(Unavailable):
    """The file was not read to its end, for reasons that are not its own."""


class ReadingBusy(Unavailable):
    """Other files are being read, of this person or of others."""


class UnknownExportFormat(Invalid):
    """Ledgers are not written in such a format."""


class StatementTooLarge(TooLarge):
    """The file has more bytes or rows than are taken at once."""


class TransferNotFound(NotFound):
    """Nothing was decided under this id, or not by this person, or an end of it is gone."""


class NotATransfer(Invalid):
    """The two transactions cannot be one movement between a person's accounts."""


class AlreadyTransferred(Conflict):
    """One of the two transactions is in a confirmed transfer."""


class PeriodTooLong(Invalid):
    """More days are asked for than are searched at once."""
