"""Errors of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Self

from domain.ledger.questions import Question
from domain.shared.errors import (
    Conflict,
    DomainError,
    Invalid,
    NotFound,
    TooLarge,
    TooMany,
    Unavailable,
)
from domain.shared.ids import ImportId
from domain.shared.result import Failure


@dataclass(frozen=True)
class AccountNotFound(NotFound):
    """The user has no such account."""

    code = "account-not-found"
    detail: str = "No such account."


class AccountExists(Conflict):
    """The user already has an account with this number at this institution."""

    code = "account-exists"


class InvalidAccount(Invalid):
    """The account has no name, or was closed before it was opened."""

    code = "invalid-account"


class AccountNotEmpty(Conflict):
    """The account has transactions, balances, holdings or statements."""

    code = "account-not-empty"


class TooManyAccounts(Conflict):
    """The user has as many accounts as allowed."""

    code = "too-many-accounts"


@dataclass(frozen=True)
class TransactionNotFound(NotFound):
    """The user has no such transaction."""

    code = "transaction-not-found"
    detail: str = "No such transaction."


class TransactionIsUndone(Conflict):
    """All imports that stated the transaction were undone, or its bank has withdrawn it."""

    code = "transaction-is-undone"


class NotWrittenByHand(Conflict):
    """A bank states the transaction: its day, its amount and its texts are not the user's."""

    code = "not-written-by-hand"


class OpeningBalanceNotFound(NotFound):
    """The user has set no opening balance of the account."""

    code = "opening-balance-not-found"


class BankStatesBalance(Conflict):
    """The bank states another balance of the same evening."""

    code = "bank-states-balance"


class ConflictNotFound(NotFound):
    """The user has no such conflict, or it was decided."""

    code = "conflict-not-found"


class ImportNotFound(NotFound):
    """The user has no such import."""

    code = "import-not-found"


class PreviewNotFound(NotFound):
    """The user has no such preview, or it has expired."""

    code = "preview-not-found"


class NoQuestionOpen(Conflict):
    """The file has been imported, or was refused, and waits for no answer."""

    code = "no-question-open"


class ImportIsUndone(Conflict):
    """The import was already undone."""

    code = "import-is-undone"


class InvalidPeriod(Invalid):
    """The first day is after the last one, or there are too many days between them."""

    code = "invalid-period"


class ImportIsRunning(Conflict):
    """The import is being processed."""

    code = "import-is-running"


class FileNotKept(Conflict):
    """The file of the import is no longer stored."""

    code = "file-not-kept"


class StorageFull(Conflict):
    """The user's files take up all the storage that a user has."""

    code = "storage-full"


@dataclass(frozen=True)
class TooManyImportsWaiting(TooMany):
    """The user has as many files waiting as allowed; try again in `retry_after` seconds."""

    code = "too-many-imports-waiting"

    retry_after: int


class CsvProfileNotFound(NotFound):
    """The user has no such profile."""

    code = "csv-profile-not-found"


class CsvProfileExists(Conflict):
    """The user already has a profile with this name."""

    code = "csv-profile-exists"


class TooManyCsvProfiles(Conflict):
    """The user has as many profiles as allowed."""

    code = "too-many-csv-profiles"


class InvalidCsvProfile(Invalid):
    """The profile contradicts itself, or lacks something."""

    code = "invalid-csv-profile"


@dataclass(frozen=True)
class CategoryNotFound(NotFound):
    """The user has no such category."""

    code = "category-not-found"
    detail: str = "No such category."


class CategoryExists(Conflict):
    """The user already has a category with this name at this place."""

    code = "category-exists"


class CategoryHasChildren(Conflict):
    """There are categories below the one that was to be deleted."""

    code = "category-has-children"


class TooManyCategories(Conflict):
    """The user has as many categories as allowed."""

    code = "too-many-categories"


class InvalidCategory(Invalid):
    """The name is not one for a category, or there would be a third level."""

    code = "invalid-category"


class InvalidSplits(Invalid):
    """The parts of a transaction do not sum to the whole, or there are too many or too few."""

    code = "invalid-splits"


@dataclass(frozen=True)
class RuleNotFound(NotFound):
    """The user has no such rule."""

    code = "rule-not-found"
    detail: str = "No such rule."


class TooManyRules(Conflict):
    """The user has as many rules as allowed."""

    code = "too-many-rules"


class InvalidRule(Invalid):
    """Name, conditions or effects of the rule are not allowed."""

    code = "invalid-rule"


@dataclass(frozen=True)
class RuleApplicationNotFound(NotFound):
    """The user has no such application of rules."""

    code = "rule-application-not-found"
    detail: str = "No such application of rules."


@dataclass(frozen=True)
class RuleApplicationIsUndone(Conflict):
    """The application of rules was undone already."""

    code = "rule-application-is-undone"
    detail: str = "This application was undone already."


class UnreadableStatement(Invalid):
    """The file is not a statement that Dashtam can read."""

    code = "unreadable-statement"


@dataclass(frozen=True)
class HintNeeded(UnreadableStatement):
    """The file does not say everything: `questions` are all that are open."""

    code = "hint-needed"
    questions: Sequence[Question] = ()
    #: The import that stores the file until it is answered.
    import_id: ImportId | None = None

    @classmethod
    def ask(cls, *questions: Question) -> Self:
        """Ask these questions; the detail is what all of them say."""
        return cls(" ".join(question.reason for question in questions), questions)

    def members(self) -> Mapping[str, object]:
        stored = {"import_id": str(self.import_id)} if self.import_id else {}
        return {"questions": [asdict(question) for question in self.questions], **stored}


class ContradictoryHint(UnreadableStatement):
    """What was said along with the file contradicts the file, or the account that was named."""

    code = "contradictory-hint"


_ASKED = "The file leaves something open. Answer its questions, and it is imported."


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file could not be imported: the code of an error, and its sentence.

    It is stored in plain text, so it has no values of the file: these are in questions, which are
    not stored, or in quotes.
    """

    code: str
    detail: str

    @classmethod
    def of(cls, error: DomainError) -> Self:
        asked = isinstance(error, HintNeeded)
        return cls(error.code, _ASKED if asked else _without_quotes(error.detail))


def _without_quotes(detail: str) -> str:
    """Leave out everything from the first quotation mark to the last: values may have some, too."""
    before, opening, quoted = detail.partition("“")
    if not opening:
        return detail
    _, closing, after = quoted.rpartition("”")
    return f"{before}“…”{after if closing else ''}"


class StatementTooCostly(UnreadableStatement):
    """Reading the file takes more time or memory than allowed."""

    code = "statement-too-costly"


class ReadingUnavailable(Unavailable):
    """Reading failed for a reason other than the file."""

    code = "reading-unavailable"


class ReadingBusy(Unavailable):
    """Other files are being read, the user's or those of others."""

    code = "reading-busy"


class UnknownExportFormat(Invalid):
    """There is no such export format."""

    code = "unknown-export-format"


class StatementTooLarge(TooLarge):
    """The file has more bytes or rows than allowed."""

    code = "statement-too-large"


def too_many(most: int, things: str = "rows") -> Failure[StatementTooLarge]:
    """Refuse a file that has more than `most` of something."""
    return Failure(StatementTooLarge(f"A file has at most {most:,} {things}."))


@dataclass(frozen=True)
class TransferNotFound(NotFound):
    """The user has no such transfer, or one of its transactions is gone."""

    code = "transfer-not-found"
    detail: str = "No such transfer."


class NotATransfer(Invalid):
    """The two transactions cannot be a transfer between the user's accounts."""

    code = "not-a-transfer"


class AlreadyTransferred(Conflict):
    """One of the two transactions is part of a confirmed transfer."""

    code = "already-transferred"


class MatchNotFound(NotFound):
    """The user has no such match, or one of its transactions is gone."""

    code = "match-not-found"


class NotAMatch(Invalid):
    """The two transactions cannot be the same."""

    code = "not-a-match"


class MatchIsDecided(Conflict):
    """The user has decided about the match, which is final."""

    code = "match-is-decided"


class PeriodTooLong(Invalid):
    """The range has more days than can be searched at once."""

    code = "period-too-long"
