"""Reads a CSV file whole, or a sample of it, by a given or a detected profile."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache, partial, reduce

from adapters.statements.csv import questions
from adapters.statements.csv.balances import (
    BalanceRow,
    stated_balances,
    without_balance_rows,
    without_totals,
)
from adapters.statements.csv.dialect import is_table
from adapters.statements.csv.layouts import known_layout
from adapters.statements.csv.profile import (
    DetectedFile,
    detect_file,
    stated_currency,
    stated_kind,
    unnamed,
)
from adapters.statements.csv.rows import (
    ANNOUNCED,
    NO_CURRENCY,
    WITHDRAWN,
    RowReader,
)
from adapters.statements.csv.running import (
    contradicted,
    is_turned_round,
    with_owed_balances,
    with_pending,
)
from adapters.statements.csv.sections import Section
from adapters.statements.csv.sides import NOT_OWN, ParsedRow, Sides, column_names
from adapters.statements.csv.symbols import currency_asked
from adapters.statements.garbage_collector import gc_disabled
from adapters.statements.limits import MAX_ROWS
from adapters.statements.references import without_constant_ids
from adapters.statements.text import wide_encoding
from domain.ledger.account_numbers import canonical
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement, too_many
from domain.ledger.hints import NO_HINTS, CsvColumn, ReadingHints
from domain.ledger.kinds import AccountKind, BalanceKind
from domain.ledger.profiles import CsvSample
from domain.ledger.questions import Asked, Question
from domain.ledger.values import (
    AccountReference,
    QuarantinedRow,
    StatedBalance,
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.money import Money, exact_sum, parse_decimal
from domain.shared.result import Failure, Result, Success

#: Rows of a sample, and bytes that recognise a format.
SAMPLE_ROWS = 20
HEAD_BYTES = 4096
#: The profile is detected from so many bytes of a file.
SAMPLE_BYTES = 1024 * 1024
_DOES_NOT_FOLLOW = "the balance beside the row does not follow from its amount"
_WHOSE_BALANCE = "the row states a balance, and not of which account"
_WHOSE_ROW = "a line above the row may begin another account, and does not say which"
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
        marked = head.startswith((b"\xff\xfe", b"\xfe\xff"))
        codec = "utf-16" if marked else wide_encoding(head) or "latin-1"
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
        return Success(CsvSample(questions=detected.error.questions))
    file = detected.value
    reading = _row_reader(file, hints)
    sides = _sides(file)
    rows: list[StatementRow] = []
    quarantined: list[QuarantinedRow] = []
    for record in file.layout.rows[:SAMPLE_ROWS]:
        parsed = reading.read(record)
        if isinstance(parsed, str):
            quarantined.append(QuarantinedRow(record.line, parsed))
        elif isinstance(parsed, ParsedRow):
            both = sides.of(parsed) if sides else [parsed]
            rows += [each.row for each in both if isinstance(each, ParsedRow)]
    asked = any(each.reason == NO_CURRENCY for each in quarantined)
    return Success(
        CsvSample(
            profile=file.profile,
            rows=rows,
            quarantined=quarantined,
            questions=_unnamed(file, hints) if asked else [],
        )
    )


def _file(
    detected: DetectedFile, hints: ReadingHints
) -> Result[StatementFile, UnreadableStatement]:
    reading = _row_reader(detected, hints)
    layout = known_layout(detected.table) or detected.table.layout
    collected = _Collected(stated_kind(detected), hints.account, layout, _sides(detected))
    above = reading.balances_above(detected.layout.preamble)
    is_answered = bool(hints.account and detected.layout.unclear_line)
    for section in detected.layout.sections:
        collected.begin(section)
        reading.begin(section.currency)
        above += (
            each._replace(account=section.account) for each in reading.balances_above(section.above)
        )
        for record in section.rows:
            parsed = reading.read(record)
            is_unclear = section.is_unclear and not is_answered
            if is_unclear and isinstance(parsed, ParsedRow) and not parsed.account:
                parsed = _WHOSE_ROW
            if parsed == NO_CURRENCY:
                return Failure(HintNeeded.ask(*_unnamed(detected, hints)))
            if parsed == WITHDRAWN and isinstance(gone := reading.withdrawn(record), ParsedRow):
                collected.withdraw(gone)
            elif isinstance(parsed, str):
                collected.quarantine(record.line, parsed, reading.account_of(record))
            else:
                collected.add(parsed)
    asked = _asked_of_rows(detected, collected)
    if asked:
        return Failure(HintNeeded.ask(*asked))
    statements = collected.statements(detected, above)
    return Success(
        StatementFile(
            format=CsvReader.format,
            statements=without_constant_ids(statements),
            quarantined=collected.quarantined,
            csv_profile=detected.profile,
        )
    )


def _asked_of_rows(detected: DetectedFile, collected: "_Collected") -> list[Question]:
    """Return what only the rows leave open."""
    asked: list[Question] = []
    if detected.turned_round and any(map(is_turned_round, collected.rows)):
        asked.append(detected.turned_round)
    line = detected.layout.unclear_line
    if line and any(row.reason == _WHOSE_ROW for row in collected.quarantined):
        asked.append(questions.account_below(line))
    return asked


def _row_reader(file: DetectedFile, hints: ReadingHints) -> RowReader:
    currency = stated_currency(file.layout, file.profile.columns) or hints.currency
    return RowReader(file.table, file.profile, file.signs, currency)


def _sides(file: DetectedFile) -> Sides | None:
    """Return what makes the rows of both sides, if the rows of the file have two."""
    has_sides = CsvColumn.DESTINATION in file.profile.columns
    return Sides(file.table, file.profile) if has_sides else None


def _unnamed(file: DetectedFile, hints: ReadingHints) -> list[Question]:
    """Ask for the currency that a row lacks, and for all else that the file does not name."""
    columns = file.profile.columns
    others = unnamed(file.layout, file.table, columns, hints)
    asked = [question for question in others if question.field != Asked.CURRENCY]
    return [currency_asked(file.table, columns), *asked]


def _pending_day(rows: Sequence[StatementRow]) -> date | None:
    """Return the last day, if pending rows are listed beside what was booked."""
    if len({row.pending for row in rows}) == 1:
        return None
    return max((row.booking_date for row in rows), default=None)


def _since_beginning(statement: Statement) -> Iterator[Statement]:
    """Yield what a program's account began with as its balance on the evening before.

    So each later day has a balance, as with an opening balance that a user writes by hand.
    """
    opening = statement.balance(BalanceKind.OPENING)
    evening = _evening_before(statement, opening) if opening else None
    if opening is None or evening is None:
        yield statement
        return
    yield replace(
        statement,
        rows=[],
        withdrawn=[],
        balances=[evening],
        pending_day=None,
        first_day=evening.day,
        last_day=evening.day,
    )
    if statement.rows or statement.withdrawn:
        others = [each for each in statement.balances if each is not opening]
        yield replace(statement, balances=others)


def _evening_before(statement: Statement, opening: StatedBalance) -> StatedBalance | None:
    """Return the balance with what was booked before the opening; none if it cannot be stored."""
    before = [row for row in statement.rows if row.booking_date < opening.day and not row.pending]
    amount = reduce(exact_sum, (row.amount.amount for row in before), opening.money.amount)
    if opening.day == date.min or parse_decimal(f"{amount:f}") is None:
        return None
    money, day = Money(amount, opening.money.currency), opening.day - timedelta(days=1)
    return StatedBalance(kind=BalanceKind.BOOKED, money=money, day=day)


class _Collected:
    """The rows and balances of a file by account; `default` is for those that name none."""

    def __init__(self, kind: AccountKind, default: str, layout: str, sides: Sides | None) -> None:
        self._default = default
        self._layout = layout
        self._sides = sides
        self._section = ""
        self._is_pending = False
        self._account_of = cache(partial(self._reference, kind))
        self._rows_of = cache(self._begun)
        self._rows: dict[AccountReference, list[StatementRow]] = {}
        self._balances: defaultdict[AccountReference, list[BalanceRow]] = defaultdict(list)
        self._withdrawn: defaultdict[AccountReference, list[StatementRow]] = defaultdict(list)
        self._incomplete: set[str] = set()
        self._stated: list[BalanceRow] = []
        self.quarantined: list[QuarantinedRow] = []

    def _reference(self, kind: AccountKind, stated: str, currency: str) -> AccountReference:
        """Return the account that the file states, or that the user calls so."""
        number, layout = (stated, self._layout) if stated else (self._default, "")
        return canonical(
            AccountReference(kind=kind, number=number, currency=currency, layout=layout)
        )

    @property
    def rows(self) -> Iterable[Sequence[StatementRow]]:
        return self._rows.values()

    def begin(self, section: Section) -> None:
        """Begin a section of rows, whose account the lines above it may name."""
        self._section = section.account
        self._is_pending = section.is_pending

    def add(self, parsed: ParsedRow | BalanceRow) -> None:
        if self._sides is None or isinstance(parsed, BalanceRow):
            self._add(parsed)
            return
        both = list(self._sides.of(parsed))
        if not both:
            self.quarantine(parsed.row.line, NOT_OWN, "")
        for each in both:
            self._add(each)

    def _add(self, parsed: ParsedRow | BalanceRow) -> None:
        account = parsed.account or self._section
        if isinstance(parsed, BalanceRow):
            self._stated.append(parsed._replace(account=account))
            return
        row = replace(parsed.row, pending=True, balance=None) if self._is_pending else parsed.row
        self._rows_of(account, row.amount.currency).append(row)

    def _begun(self, stated: str, currency: str) -> list[StatementRow]:
        return self._rows.setdefault(self._account_of(stated, currency), [])

    def withdraw(self, parsed: ParsedRow) -> None:
        """List what did not come about. No row is missing for it."""
        self.quarantined.append(QuarantinedRow(parsed.row.line, WITHDRAWN))
        number = parsed.account or self._section
        account = self._account_of(number, parsed.row.amount.currency)
        self._withdrawn[account].append(parsed.row)
        self._rows.setdefault(account, [])

    def quarantine(self, line: int, reason: str, account: str) -> None:
        self.quarantined.append(QuarantinedRow(line, reason))
        # What is only announced is missing from no balance.
        if reason != ANNOUNCED:
            self._incomplete.add(account or self._section)

    def statements(self, detected: DetectedFile, above: Sequence[BalanceRow]) -> list[Statement]:
        """Return a statement for each account, though it may have balances alone."""
        for each in self._stated:
            # A balance may be all that there is of an account.
            if each.day and each.currency and (each.account or not self._rows):
                self._rows.setdefault(self._account_of(each.account, each.currency), [])
        known = self._by_what_is_named()
        for each in above:
            self._place(each, known)
        for each in self._stated:
            if not self._place(each, known):
                self.quarantine(each.line, _WHOSE_BALANCE, each.account)
        found = [self._statement(account, detected) for account in self._rows]
        if not known_layout(detected.table):
            return found
        return [each for statement in found for each in _since_beginning(statement)]

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

    def _statement(self, account: AccountReference, detected: DetectedFile) -> Statement:
        rows, balances = without_balance_rows(without_totals(self._rows[account]))
        stated = [*self._balances[account], *balances]
        # Balances of a list of charges may be what is owed.
        if detected.profile.charges_positive or (detected.may_owe and is_turned_round(rows)):
            rows, stated = with_owed_balances(rows), []
        if CsvColumn.STATUS not in detected.profile.columns:
            at = detected.profile.columns.get(CsvColumn.BALANCE, -1)
            rows = with_pending(rows, [*column_names(detected.table), ""][at])
        broken = contradicted(rows)
        for row in broken:
            self.quarantine(row.line, _DOES_NOT_FOLLOW, account.number)
        rows = [row for row in rows if row not in broken] if broken else rows
        is_complete = not self._may_lack_rows(account)
        return Statement(
            account=account,
            report_type=CsvReader.format,
            rows=rows,
            balances=stated_balances(rows, stated, account.currency),
            pending_day=_pending_day(rows) if is_complete else None,
            withdrawn=self._withdrawn[account],
            complete=is_complete,
        )

    def _may_lack_rows(self, account: AccountReference) -> bool:
        """Whether a quarantined row may be one of the account: one that names none may be."""
        return any(
            not number or self._account_of(number, account.currency) == account
            for number in self._incomplete
        )


def _beginning(content: bytes) -> bytes:
    """Return the first complete lines of a file."""
    if len(content) <= SAMPLE_BYTES:
        return content
    wide = b"\0" if content.startswith(_LITTLE_ENDIAN) else b""
    last = max(content.rfind(end + wide, 0, SAMPLE_BYTES) for end in (b"\n", b"\r"))
    return content[: last + 1 + len(wide)] if last >= 0 else content[:SAMPLE_BYTES]
