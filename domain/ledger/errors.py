"""What can go wrong in the ledger."""

from dataclasses import dataclass

from domain.shared.errors import Conflict, Invalid, NotFound, TooLarge, TooMany, Unavailable


class AccountNotFound(NotFound):
    """No such account, or not this person's."""

    code = "account-not-found"


class AccountExists(Conflict):
    """This person already has an account of this number at this institution."""

    code = "account-exists"


class TooManyAccounts(Conflict):
    """A person has as many accounts as one may have."""

    code = "too-many-accounts"


class TransactionNotFound(NotFound):
    """No such transaction, or not this person's."""

    code = "transaction-not-found"


class ImportNotFound(NotFound):
    """No such import, or not this person's."""

    code = "import-not-found"


class PreviewNotFound(NotFound):
    """No such preview, or not this person's, or it has expired."""

    code = "preview-not-found"


class ImportIsUndone(Conflict):
    """The import was undone before."""

    code = "import-is-undone"


class InvalidPeriod(Invalid):
    """Not a stretch of days that is told at once."""

    code = "invalid-period"


class ImportIsRunning(Conflict):
    """The import is under way: somebody else is at it."""

    code = "import-is-running"


class FileNotKept(Conflict):
    """The file of the import is stored no longer."""

    code = "file-not-kept"


class StorageFull(Conflict):
    """This person's files take up as much as is stored for anybody."""

    code = "storage-full"


@dataclass(frozen=True)
class TooManyImportsWaiting(TooMany):
    """This person has as many files waiting as anybody may; ask again in `retry_after` seconds."""

    code = "too-many-imports-waiting"

    retry_after: int


class CsvProfileNotFound(NotFound):
    """No such profile, or not this person's."""

    code = "csv-profile-not-found"


class CsvProfileExists(Conflict):
    """This person already keeps a profile under this name."""

    code = "csv-profile-exists"


class TooManyCsvProfiles(Conflict):
    """This person keeps as many profiles as are kept for anybody."""

    code = "too-many-csv-profiles"


class InvalidCsvProfile(Invalid):
    """No file can be read by this profile."""

    code = "invalid-csv-profile"


class UnreadableStatement(Invalid):
    """The file is not a statement that can be read."""

    code = "unreadable-statement"


class HintNeeded(UnreadableStatement):
    """The file leaves something open that only a person can say: a currency, an order of dates."""

    code = "hint-needed"


class StatementTooCostly(UnreadableStatement):
    """Reading the file takes more time or memory than any file may take."""

    code = "statement-too-costly"


class ReadingUnavailable(Unavailable):
    """The file was not read to its end, for reasons that are not its own."""

    code = "reading-unavailable"


class ReadingBusy(Unavailable):
    """Other files are being read, of this person or of others."""

    code = "reading-busy"


class UnknownExportFormat(Invalid):
    """Ledgers are not written in such a format."""

    code = "unknown-export-format"


class StatementTooLarge(TooLarge):
    """The file has more bytes or rows than are taken at once."""

    code = "statement-too-large"


class TransferNotFound(NotFound):
    """Nothing was decided under this id, or not by this person, or an end of it is gone."""

    code = "transfer-not-found"


class NotATransfer(Invalid):
    """The two transactions cannot be one movement between a person's accounts."""

    code = "not-a-transfer"


class AlreadyTransferred(Conflict):
    """One of the two transactions is in a confirmed transfer."""

    code = "already-transferred"


class PeriodTooLong(Invalid):
    """More days are asked for than are searched at once."""

    code = "period-too-long"
