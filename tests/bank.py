"""The life of a bank account, and the reports that a bank makes of it.

The bank's rows and balances are the truth that a ledger is compared with, whatever the reports show
of it. Nothing here knows how Dashtam matches.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise

from domain.ledger.kinds import BalanceKind, TransactionKind
from domain.ledger.values import (
    AccountReference,
    StatedBalance,
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.money import Money
from tests.factories import make_reference

FIRST = date(2026, 3, 2)
ACCOUNT = make_reference()
ONE_DAY = timedelta(days=1)
#: A row of the truth: how many days it is after the one before, its amount and its text.
Move = tuple[int, str, str]


@dataclass(frozen=True)
class Booking:
    """What the bank booked, and the balance of the account after it."""

    place: int
    day: date
    amount: Decimal
    text: str
    balance: Decimal


@dataclass(frozen=True)
class Authorisation:
    """What waits from one day until another, on which it is booked or has vanished."""

    day: date
    until: date
    amount: Decimal
    text: str


@dataclass(frozen=True)
class Life:
    """All that was booked on an account, in order. A place is the number of bookings before it."""

    opening: Decimal
    bookings: Sequence[Booking]
    waiting: Sequence[Authorisation] = ()

    def __repr__(self) -> str:
        rows = (f"{each.day:%d} {each.amount} {each.text}" for each in self.bookings)
        return f"<{self.opening}: {', '.join(rows)}>"

    @classmethod
    def of(cls, moves: Iterable[Move], opening: str = "1000") -> "Life":
        balance, day, bookings = Decimal(opening), FIRST, list[Booking]()
        for place, (later, amount, text) in enumerate(moves):
            day += later * ONE_DAY
            balance += Decimal(amount)
            bookings.append(Booking(place, day, Decimal(amount), text, balance))
        return cls(Decimal(opening), bookings)

    def with_waiting(self, waits: Iterable[tuple[int, bool]]) -> "Life":
        """Let bookings wait so many days before; some are authorised twice, and one vanishes."""
        waiting = []
        for booking, (days, is_twice) in zip(self.bookings, waits, strict=False):
            each = Authorisation(
                booking.day - days * ONE_DAY, booking.day, booking.amount, booking.text
            )
            waiting += [each, each] if is_twice else [each]
        return replace(self, waiting=waiting)

    def waiting_on(self, day: date) -> list[Authorisation]:
        return [each for each in self.waiting if each.day <= day < each.until]

    @property
    def last_day(self) -> date:
        return self.bookings[-1].day

    @property
    def has_distinct_balances(self) -> bool:
        """Whether a balance says where in the life it is."""
        balances = {self.opening, *(each.balance for each in self.bookings)}
        return len(balances) == len(self.bookings) + 1

    def balance_at(self, place: int) -> Decimal:
        return self.bookings[place - 1].balance if place else self.opening

    def begin_of(self, day: date) -> int:
        """Return the place of the first booking of a day or later."""
        return sum(each.day < day for each in self.bookings)


@dataclass(frozen=True)
class Source:
    """How a bank writes its reports: which ids and words it uses, and which balances it states.

    `days` are those by which it books a row later than it was.
    """

    report_type: str
    id_of: Callable[[Booking], str | None] = lambda _: None
    text_of: Callable[[Booking], str] = lambda booking: booking.text
    days: Callable[[Booking], int] = lambda _: 0
    opens: bool = True
    closes: bool = True
    runs: bool = False
    lists_pending: bool = False

    def day_of(self, booking: Booking) -> date:
        return booking.day + self.days(booking) * ONE_DAY

    def row(self, booking: Booking, line: int) -> StatementRow:
        return StatementRow(
            line=line,
            provider_id=self.id_of(booking),
            booking_date=self.day_of(booking),
            amount=Money(booking.amount, "EUR"),
            kind=TransactionKind.OTHER,
            description=self.text_of(booking),
            balance=booking.balance if self.runs else None,
        )


def _pending_row(waiting: Authorisation, line: int) -> StatementRow:
    return StatementRow(
        line=line,
        provider_id=None,
        booking_date=waiting.day,
        amount=Money(waiting.amount, "EUR"),
        kind=TransactionKind.OTHER,
        description=waiting.text,
        pending=True,
    )


def unique_id(booking: Booking) -> str:
    return f"N{booking.place:05}"


CAMT = Source("camt.053")
MT940 = Source("mt940")
PAGED = Source("pages")
CAMT_WITH_IDS = Source("camt.053", id_of=unique_id)
OFX = Source("ofx", id_of=unique_id, opens=False)
RUNNING_CSV = Source("csv", runs=True)
PLAIN_CSV = Source("csv", opens=False, closes=False)
# What else banks do to rows that they have reported before.
REISSUED = Source("camt.053", id_of=lambda booking: f"X{booking.place:05}")
REWORDED = Source("camt.053", text_of=lambda booking: f"Card payment {booking.text} Main Street")
WORDED_CSV = replace(PLAIN_CSV, text_of=lambda booking: f"POS 4711 {booking.text}")
# Every third booking is a day later in it, and every fifth has no word of the others.
LATE_CSV = replace(
    PLAIN_CSV,
    text_of=lambda booking: f"POS {booking.text}" if booking.place % 5 else "Debit 20991",
    days=lambda booking: int(booking.place % 3 == 1),
)
CARD = Source("card", lists_pending=True)


@dataclass(frozen=True)
class Report:
    """A file of a bank, and the bookings that it lists.

    These are all from one place to another, unless others are `listed`.
    """

    begin: int
    end: int
    file: StatementFile
    listed: tuple[int, ...] | None = None

    def __repr__(self) -> str:
        """Say briefly what it lists: this is what a failing property prints."""
        stated = (f"{each.number} {each.last_day or ''}".strip() for each in self.file.statements)
        return f"<{self.file.format} {', '.join(stated)} {self.begin}-{self.end}>"

    @property
    def places(self) -> Sequence[int]:
        return range(self.begin, self.end) if self.listed is None else self.listed

    @property
    def pending_day(self) -> date | None:
        """The day on which it lists all that waits."""
        days = [each.pending_day for each in self.file.statements if each.pending_day]
        return max(days, default=None)

    @property
    def is_balanced(self) -> bool:
        """Whether it states a balance."""
        return any(each.balances for each in self.file.statements)

    @property
    def content(self) -> bytes:
        """Return what stands for the bytes of the file: equal files have equal ones."""
        return b"REPORT " + sha256(repr(self.file).encode()).hexdigest().encode()


@dataclass(frozen=True)
class Bank:
    """Makes reports of one account in the way of one source."""

    life: Life
    source: Source
    account: AccountReference = ACCOUNT

    def statement(
        self,
        begin: int,
        end: int,
        *,
        number: str = "",
        period: tuple[date, date] | None = None,
        line: int = 1,
    ) -> Statement:
        """State what was booked between two places; without a period, its rows say which days."""
        booked = self.life.bookings[begin:end]
        rows = [self.source.row(each, line + at) for at, each in enumerate(booked)]
        days = [row.booking_date for row in rows]
        first, last = period or (min(days, default=FIRST), max(days, default=FIRST))
        balances = []
        if self.source.opens:
            balances.append(self._balance(BalanceKind.OPENING, begin, first))
        if self.source.closes:
            balances.append(self._balance(BalanceKind.BOOKED, end, last))
        return Statement(
            account=self.account,
            rows=rows,
            balances=balances,
            number=number,
            report_type=self.source.report_type,
            first_day=period[0] if period else None,
            last_day=period[1] if period else None,
        )

    def _balance(self, kind: BalanceKind, place: int, day: date) -> StatedBalance:
        money = Money(self.life.balance_at(place), "EUR")
        return StatedBalance(kind=kind, money=money, day=day)

    def report(self, begin: int, end: int, *statements: Statement) -> Report:
        file = StatementFile(format=self.source.report_type, statements=statements)
        return Report(begin, end, file)

    def cut(self, begin: int, end: int) -> Report:
        """Report what is between two places, which may be in the middle of a day."""
        return self.report(begin, end, self.statement(begin, end))

    def of_days(self, first: date, last: date, number: str = "") -> Report:
        """Report whole days, and what waits on the last of them."""
        begin, end = self.life.begin_of(first), self.life.begin_of(last + ONE_DAY)
        made = self.statement(begin, end, number=number, period=(first, last))
        if self.source.lists_pending:
            waiting = self.life.waiting_on(last)
            rows = [_pending_row(each, 1000 + at) for at, each in enumerate(waiting)]
            made = replace(made, rows=[*made.rows, *rows], pending_day=last)
        return self.report(begin, end, made)

    def of_own_days(self, first: date, last: date) -> Report:
        """Report whole days by the days of a source that books some rows later."""
        its = [e for e in self.life.bookings if first <= self.source.day_of(e) <= last]
        rows = [self.source.row(each, line) for line, each in enumerate(its, 1)]
        made = replace(self.statement(0, 0, period=(first, last)), rows=rows)
        return replace(self.report(0, 0, made), listed=tuple(each.place for each in its))

    def numbered(self, length: int) -> list[Report]:
        """Report each period of so many days, numbered from 1."""
        days = (self.life.last_day - FIRST).days
        return [
            self.of_days(first, first + (length - 1) * ONE_DAY, number=str(number))
            for number, first in enumerate(
                (FIRST + at * ONE_DAY for at in range(0, days + 1, length)), 1
            )
        ]

    def pages(self, breaks: Iterable[int], number: int = 1) -> list[Statement]:
        """State all that was booked on pages that end at these places."""
        ends = [0, *sorted({each for each in breaks if each}), len(self.life.bookings)]
        return [
            self.statement(begin, end, number=f"{number}/{page}", line=begin + 1)
            for page, (begin, end) in enumerate(pairwise(dict.fromkeys(ends)), 1)
        ]

    def chain(self, breaks: Iterable[int]) -> Iterator[Report]:
        """Report all that was booked in files that follow one another, also within a day."""
        ends = dict.fromkeys([0, *sorted(breaks), len(self.life.bookings)])
        for begin, end in pairwise(ends):
            yield self.cut(begin, end)

    def paged(self, breaks: Iterable[int]) -> Report:
        """Report all pages in one file."""
        return self.report(0, len(self.life.bookings), *self.pages(breaks))

    def single_pages(self, breaks: Iterable[int]) -> Iterator[Report]:
        """Report each page in a file of its own."""
        for page in self.pages(breaks):
            begin = min((row.line for row in page.rows), default=1) - 1
            yield self.report(begin, begin + len(page.rows), page)
