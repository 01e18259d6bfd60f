"""Reads a CSV file whole, or a sample of it, by a given or a detected profile."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial

from adapters.statements.csv.balances import (
    BalanceRow,
    follow,
    stated_balances,
    without_balance_rows,
)
from adapters.statements.csv.dialect import is_table
from adapters.statements.csv.profile import (
    DetectedFile,
    detect_file,
    stated_account,
    stated_currency,
    stated_kind,
)
from adapters.statements.csv.rows import NO_CURRENCY, ParsedRow, RowReader
from adapters.statements.garbage_collector import gc_disabled
from adapters.statements.limits import MAX_ROWS, too_many
from adapters.statements.references import without_constant_ids
from domain.ledger.account_numbers import canonical
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.profiles import CsvSample
from domain.ledger.values import (
    AccountKind,
    AccountReference,
    QuarantinedRow,
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.result import Failure, Result, Success

#: Rows of a sample, and bytes that recognise a format.
SAMPLE_ROWS = 20
HEAD_BYTES = 4096
#: The profile is detected from so many bytes of a file.
SAMPLE_BYTES = 1024 * 1024
_CURRENCY_ASKED = "The file names no currency: say which one it is."
_WHOSE_BALANCE = "the row states a balance, and not of which account"
#: The number of an account, and a currency.
_Named = tuple[str, str]
_LITTLE_ENDIAN = b"\xff\xfe"
_MARKUP = ("<", "{", "[", "%PDF", "!", ":20:")


class CsvReader:
    """`StatementReader` of CSV, whatever its delimiter."""

    format = "csv"

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max_rows = max_rows

    def recognises(self, head: bytes) -> bool:
        # The head may end in the middle of a character or of a line.
        codec = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
        text = head.decode(codec, errors="replace")
        start = text.removeprefix("ï»¿").lstrip()
        if "\0" in text or not start or start.startswith(_MARKUP):
            return False
        return is_table(re.split(r"[\r\n]+", start))

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        with gc_disabled:
            detected = detect_file(content, hints, self._max_rows)
            if isinstance(detected, Failure):
                return detected
            if len(detected.value.layout.rows) > self._max_rows:
                return too_many(self._max_rows)
            return _file(detected.value, hints)


def sample(
    content: bytes, hints: ReadingHints, max_rows: int = MAX_ROWS
) -> Result[CsvSample, UnreadableStatement | StatementTooLarge]:
    """`CsvSampler`: where a hint is needed, the sample has an open question and is no failure."""
    if not CsvReader().recognises(content[:HEAD_BYTES]):
        return Failure(UnreadableStatement("The file is not CSV."))
    detected = detect_file(_beginning(content), hints, max_rows)
    if isinstance(detected, Failure):
        if not isinstance(detected.error, HintNeeded):
            return detected
        return Success(CsvSample(open_question=detected.error.detail))
    file = detected.value
    reading = _row_reader(file, hints)
    rows: list[StatementRow] = []
    quarantined: list[QuarantinedRow] = []
    for record in file.layout.rows[:SAMPLE_ROWS]:
        parsed = reading.read(record)
        if isinstance(parsed, str):
            quarantined.append(QuarantinedRow(record.line, parsed))
        elif isinstance(parsed, ParsedRow):
            rows.append(parsed.row)
    unnamed = any(each.reason == NO_CURRENCY for each in quarantined)
    return Success(
        CsvSample(
            profile=file.profile,
            rows=rows,
            quarantined=quarantined,
            open_question=_CURRENCY_ASKED if unnamed else "",
        )
    )


def _file(
    detected: DetectedFile, hints: ReadingHints
) -> Result[StatementFile, UnreadableStatement]:
    reading = _row_reader(detected, hints)
    default = stated_account(detected.layout.above) or hints.account
    collected = _Collected(stated_kind(detected), default)
    for record in detected.layout.rows:
        parsed = reading.read(record)
        if parsed == NO_CURRENCY:
            return Failure(HintNeeded(_CURRENCY_ASKED))
        if isinstance(parsed, str):
            collected.quarantine(record.line, parsed, reading.account_of(record))
        elif isinstance(parsed, BalanceRow):
            collected.stated.append(parsed)
        else:
            collected.add(parsed)
    statements = collected.statements(detected, reading.balances_above(detected.layout.above))
    return Success(
        StatementFile(
            format=CsvReader.format,
            statements=without_constant_ids(statements),
            quarantined=collected.quarantined,
            csv_profile=detected.profile,
        )
    )


def _row_reader(file: DetectedFile, hints: ReadingHints) -> RowReader:
    currency = stated_currency(file) or hints.currency
    return RowReader(file.table, file.profile, file.signs, currency)


class _Collected:
    """The rows and balances of a file by account; `default` is for those that name none."""

    def __init__(self, kind: AccountKind, default: str) -> None:
        self._default = default
        self._account_of = cache(partial(_account, kind))
        self._rows: dict[AccountReference, list[StatementRow]] = {}
        self._balances: defaultdict[AccountReference, list[BalanceRow]] = defaultdict(list)
        self._incomplete: set[str] = set()
        self.stated: list[BalanceRow] = []
        self.quarantined: list[QuarantinedRow] = []

    def add(self, parsed: ParsedRow) -> None:
        number, currency = parsed.account or self._default, parsed.row.amount.currency
        self._rows.setdefault(self._account_of(number, currency), []).append(parsed.row)

    def quarantine(self, line: int, reason: str, account: str) -> None:
        self.quarantined.append(QuarantinedRow(line, reason))
        self._incomplete.add(account)

    def statements(self, detected: DetectedFile, above: Sequence[BalanceRow]) -> list[Statement]:
        """Return a statement for each account, though it may have balances alone."""
        if not self._rows:
            dated = [each for each in self.stated if each.day and each.currency]
            self._rows = {
                self._account_of(each.account or self._default, each.currency): [] for each in dated
            }
        known = self._by_what_is_named()
        for each in above:
            self._place(each, known)
        for each in self.stated:
            if not self._place(each, known):
                self.quarantine(each.line, _WHOSE_BALANCE, each.account)
        owed = detected.profile.charges_positive
        return [self._statement(account, owed) for account in self._rows]

    def _by_what_is_named(self) -> Mapping[_Named, Sequence[AccountReference]]:
        """Return the accounts that a balance may belong to, by what it names."""
        known: dict[_Named, list[AccountReference]] = {}
        for account in self._rows:
            number, currency = account.number, account.currency
            for name in ((number, currency), (number, ""), ("", currency), ("", "")):
                known.setdefault(name, []).append(account)
        return known

    def _place(
        self, balance: BalanceRow, known: Mapping[_Named, Sequence[AccountReference]]
    ) -> bool:
        """Assign a balance to its account; say whether that is clear."""
        number = balance.account and self._account_of(balance.account, balance.currency).number
        found = known.get((number, balance.currency), [])
        if len(found) == 1:
            self._balances[found[0]].append(balance)
            return True
        return False

    def _statement(self, account: AccountReference, owed: bool) -> Statement:
        rows, balances = without_balance_rows(self._rows[account])
        if owed and not (len(rows) > 1 and follow(rows)):
            # Balances of a list of charges may be what is owed.
            rows = [replace(row, balance=None) for row in rows]
        stated = [] if owed else [*self._balances[account], *balances]
        return Statement(
            account=account,
            report_type=CsvReader.format,
            rows=rows,
            balances=stated_balances(rows, stated, account.currency),
            complete=not self._may_lack_rows(account),
        )

    def _may_lack_rows(self, account: AccountReference) -> bool:
        """Whether a quarantined row may be one of the account: one that names none may be."""
        return any(
            not number or self._account_of(number, account.currency) == account
            for number in self._incomplete
        )


def _account(kind: AccountKind, number: str, currency: str) -> AccountReference:
    return canonical(AccountReference(kind=kind, number=number, currency=currency))


def _beginning(content: bytes) -> bytes:
    """Return the first complete lines of a file."""
    if len(content) <= SAMPLE_BYTES:
        return content
    wide = b"\0" if content.startswith(_LITTLE_ENDIAN) else b""
    last = max(content.rfind(end + wide, 0, SAMPLE_BYTES) for end in (b"\n", b"\r"))
    return content[: last + 1 + len(wide)] if last >= 0 else content[:SAMPLE_BYTES]
