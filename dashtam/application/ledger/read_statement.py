"""Read the statements of a file, whatever its format."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from dashtam.application.ledger.reading_queue import ReadingQueue
from domain.ledger.account_names import same_name
from domain.ledger.account_numbers import canonical
from domain.ledger.entities import Account
from domain.ledger.errors import (
    AccountNotFound,
    ContradictoryHint,
    CsvProfileNotFound,
    HintNeeded,
    StatementTooLarge,
    UnreadableStatement,
)
from domain.ledger.hints import NO_HINTS, ReadingHints, remembered
from domain.ledger.import_filter import ImportFilter
from domain.ledger.imports import ImportRequest, ImportStatus, StatementImport
from domain.ledger.matches import ExistingTransaction
from domain.ledger.other_files import refusal
from domain.ledger.ports import (
    AccountRepository,
    CsvProfileRepository,
    ImportRepository,
    StatementReader,
)
from domain.ledger.questions import ACCOUNT_ASKED
from domain.ledger.values import BY_HAND, AccountReference, Statement, StatementFile
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId
from domain.shared.ports import UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success

HEAD_BYTES = 4096
#: So many earlier imports are searched for answers.
_REMEMBERED = 20
# Blanks, byte order marks and NULs say nothing.
_BLANK = b" \t\r\n\0\x1a\xef\xbb\xbf\xff\xfe"
_NOTHING = "The file contains no transactions and no balances: there is nothing to import."

ReadingError = UnreadableStatement | StatementTooLarge | Unavailable
Unpack = Callable[[bytes, int], Result[bytes, ReadingError]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStatement:
    """Read a file with the reader that recognizes it. Slow: call it off the event loop."""

    statement_readers: Sequence[StatementReader]
    unpack: Unpack
    max_file_bytes: int

    @property
    def formats(self) -> list[str]:
        """The formats of banks; nobody has to know how Dashtam keeps what is written by hand."""
        return sorted({reader.format for reader in self.statement_readers} - {BY_HAND})

    def __call__(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, ReadingError]:
        unpacked = self.unpacked(content)
        if isinstance(unpacked, Failure):
            return unpacked
        head = unpacked.value[:HEAD_BYTES]
        refused = refusal(head)
        if refused:
            return Failure(UnreadableStatement(refused))
        for reader in self.statement_readers:
            if reader.recognises(head):
                return reader.read(unpacked.value, hints)
        known = ", ".join(self.formats)
        return Failure(
            UnreadableStatement(f"This file format is not supported. Supported formats: {known}.")
        )

    def format_of(self, content: bytes) -> str:
        """Return the format that a file is recognised as, or nothing."""
        unpacked = self.unpacked(content)
        head = unpacked.value[:HEAD_BYTES] if isinstance(unpacked, Success) else b""
        recognised = (each.format for each in self.statement_readers if each.recognises(head))
        return next(recognised, "")

    def unpacked(self, content: bytes) -> Result[bytes, ReadingError]:
        """Return the unpacked file, if it is neither empty nor too large."""
        if not content.strip(_BLANK):
            return Failure(UnreadableStatement("The file is empty."))
        if len(content) > self.max_file_bytes:
            return Failure(StatementTooLarge(f"A file has at most {self.max_file_bytes:,} bytes."))
        return self.unpack(content, self.max_file_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileHints:
    """Adds to the hints of a request its CSV profile, or all that its user saved."""

    csv_profiles: CsvProfileRepository
    unit_of_work: UnitOfWorkFactory

    async def __call__(
        self, request: ImportRequest
    ) -> Result[ReadingHints, CsvProfileNotFound | Unavailable]:
        owner = request.user_id
        async with self.unit_of_work(owner=owner):
            if request.csv_profile_id is None:
                saved = await self.csv_profiles.all(owner=owner)
                if isinstance(saved, Failure):
                    return saved
                profiles = [each.profile for each in saved.value]
                return Success(replace(request.hints, csv_profiles=profiles))
            named = await self.csv_profiles.get(request.csv_profile_id, owner=owner)
        if isinstance(named, Failure):
            return named
        return Success(replace(request.hints, csv_profile=named.value.profile))


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFile:
    """The statements of a request's file, and the account that they are for, if one was named.

    A file that `is_known` has an active import, by readers of another release. One that a user
    wrote by hand may `revise` the transaction that its row is.
    """

    request: ImportRequest
    file: StatementFile
    account: Account | None
    is_known: bool = False
    revises: ExistingTransaction | None = None

    @property
    def hints(self) -> ReadingHints:
        """The hints that read it in the same way, whatever profiles there will be."""
        return replace(self.request.hints, csv_profile=self.file.csv_profile, csv_profiles=())

    @property
    def rows(self) -> int:
        return sum(len(statement.rows) for statement in self.file.statements)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """Reads the file of a request through the reading queue, for the account that it names."""

    read_statement: ReadStatement
    reading_queue: ReadingQueue
    profile_hints: ProfileHints
    accounts: AccountRepository
    imports: ImportRepository
    unit_of_work: UnitOfWorkFactory

    async def __call__(
        self, request: ImportRequest, account: Account | None = None
    ) -> Result[ParsedFile, AccountNotFound | CsvProfileNotFound | ReadingError]:
        """Read the file, for the `account` that the request names if it was looked up already."""
        found = Success(account) if account else await self._account(request)
        if isinstance(found, Failure):
            return found
        hints = await self.profile_hints(request)
        if isinstance(hints, Failure):
            return hints
        reading = partial(self._read, request, hints.value, found.value)
        read = await self.reading_queue(request.user_id, reading)
        if isinstance(read, Success) or not isinstance(read.error, HintNeeded):
            return read
        earlier = await self._earlier(request)
        if isinstance(earlier, Failure):
            return earlier
        again = partial(self._read_as_before, request, hints.value, found.value, earlier.value)
        return await self.reading_queue(request.user_id, again) if earlier.value else read

    async def _earlier(
        self, request: ImportRequest
    ) -> Result[Sequence[StatementImport], Unavailable]:
        """Return imports into the account that the request names, if it names that alone."""
        if not request.hints.names_an_account_alone:
            return Success([])
        owner = request.user_id
        async with self.unit_of_work(owner=owner):
            named = await self._named(request)
            if isinstance(named, Failure):
                return named
            if len(named.value) != 1:
                return Success([])
            where = ImportFilter(account_id=named.value.pop(), status=ImportStatus.DONE)
            return await self.imports.page(owner=owner, after=None, limit=_REMEMBERED, where=where)

    async def _named(self, request: ImportRequest) -> Result[set[AccountId], Unavailable]:
        """Return the account that a request names by its id or its name, or as a file did."""
        if request.account_id:
            return Success({request.account_id})
        name = request.hints.account
        accounts = await self.accounts.all(owner=request.user_id)
        if isinstance(accounts, Failure):
            return accounts
        called = {each.id for each in accounts.value if same_name(name, each.name)}
        if called or not name:
            return Success(called)
        aliases = await self.accounts.aliases(owner=request.user_id)
        if isinstance(aliases, Failure):
            return aliases
        return Success({e.account.id for e in aliases.value if same_name(name, e.reference.number)})

    def _read_as_before(
        self,
        request: ImportRequest,
        hints: ReadingHints,
        account: Account | None,
        earlier: Sequence[StatementImport],
    ) -> Result[ParsedFile, ReadingError]:
        """Read a file with what was answered about files of its account and format."""
        its = self.read_statement.format_of(request.content)
        alike = [each.hints for each in earlier if each.format == its]
        answers = remembered(alike)
        profiles = [*hints.csv_profiles, *answers.csv_profiles]
        known = replace(answers.joined(hints), csv_profiles=profiles)
        read = self._read(request, known, account)
        if isinstance(read, Failure):
            return read
        # With these answers, the file can be read again by itself.
        said = replace(answers.joined(request.hints), csv_profiles=())
        return Success(replace(read.value, request=replace(request, hints=said)))

    async def _account(
        self, request: ImportRequest
    ) -> Result[Account | None, AccountNotFound | Unavailable]:
        if request.account_id is None:
            return Success(None)
        async with self.unit_of_work(owner=request.user_id):
            return await self.accounts.get(request.account_id, owner=request.user_id)

    def _read(
        self, request: ImportRequest, hints: ReadingHints, account: Account | None
    ) -> Result[ParsedFile, ReadingError]:
        contradiction = _contradiction_of_account(request.hints, account)
        if contradiction:
            return Failure(contradiction)
        if account:
            hints = replace(hints, currency=account.currency, account=account.number)
        read = self.read_statement(request.content, hints)
        if isinstance(read, Failure):
            return read
        statements = read.value.statements
        refused = _refusal(statements, account) or _contradiction(request.hints, statements)
        if read.value.is_empty:
            refused = UnreadableStatement(_NOTHING)
        if refused:
            return Failure(refused)
        return Success(ParsedFile(request=request, file=read.value, account=account))


def _refusal(
    statements: Sequence[Statement], account: Account | None
) -> UnreadableStatement | None:
    """Return why these statements cannot be assigned to accounts, if they cannot."""
    if account is None:
        unnamed = any(not statement.account.number for statement in statements)
        return HintNeeded.ask(ACCOUNT_ASKED) if unnamed else None
    if len({statement.account for statement in statements}) > 1:
        return UnreadableStatement("The file has several accounts. Do not choose one for it.")
    if any(statement.account.currency != account.currency for statement in statements):
        return UnreadableStatement("The account has a different currency from the file.")
    return None


def _contradiction_of_account(
    hints: ReadingHints, account: Account | None
) -> ContradictoryHint | None:
    """Return how a hint contradicts the account that the file is said to be of."""
    if account is None:
        return None
    if hints.account:
        return ContradictoryHint("Say account_id or account_name, not both.")
    if hints.currency and hints.currency != account.currency:
        return ContradictoryHint(
            f"The account has the currency {account.currency}, not {hints.currency}."
        )
    return None


def _contradiction(
    hints: ReadingHints, statements: Sequence[Statement]
) -> ContradictoryHint | None:
    """Return which hint no statement of the file agrees with; one is enough in an archive."""
    accounts = [statement.account for statement in statements]
    currencies = sorted({each.currency for each in accounts})
    if hints.currency and accounts and hints.currency not in currencies:
        return ContradictoryHint(
            f"The currency of the file is {', '.join(currencies)}, not {hints.currency}."
        )
    if hints.account and accounts and not any(_is_called(each, hints.account) for each in accounts):
        return ContradictoryHint(
            "The file says whose account it is: leave out account_name. To import it into another"
            " account, say account_id."
        )
    return None


def _is_called(account: AccountReference, name: str) -> bool:
    """Say whether an account has the name that its user gives it, in the form of a reference."""
    return canonical(replace(account, number=name)).number == account.number
