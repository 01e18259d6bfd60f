"""What can go wrong in the ledger."""

from domain.shared.errors import Conflict, Invalid, NotFound, TooLarge


class AccountNotFound(NotFound):
    """No such account, or not this person's."""


class AccountExists(Conflict):
    """This person already has an account of this number at this institution."""


class TransactionNotFound(NotFound):
    """No such transaction, or not this person's."""


class ImportNotFound(NotFound):
    """No such import, or not this person's."""


class ImportIsUndone(Conflict):
    """The import was taken back before."""


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


class StatementTooLarge(TooLarge):
    """The file has more bytes or rows than are taken at once."""
