"""The files of a bank, as the bytes of each format, with one row that may be wrong."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from tests import camt
from tests.bank import Booking, Life
from tests.statements import HEADER


def invented_life(chance: random.Random, rows: int) -> Life:
    """Return a life of amounts with cents, some of them again and again."""
    usual = [f"-{chance.randrange(1, 90)}.{chance.randrange(1, 100):02}" for _ in range(3)]
    moves = []
    for _ in range(rows):
        other = f"{chance.choice('- ')}{chance.randrange(1, 900)}.{chance.randrange(1, 100):02}"
        moves.append((chance.choice([0, 1, 1, 2]), chance.choice([*usual, other]).strip(), "Shop"))
    return Life.of(moves)


@dataclass(frozen=True)
class Format:
    """How a format writes a row, and what is around its rows; how the sign of a row is flipped."""

    name: str
    row: Callable[[Booking], str]
    around: Callable[[Life, int, int, Sequence[str]], str]
    flipped: Callable[[str], str]

    def file(self, life: Life, begin: int, end: int, change: "Change | None" = None) -> bytes:
        """Return the file of what was booked between two places, with one row changed, if any."""
        rows = [self.row(each) for each in life.bookings[begin:end]]
        if change:
            rows[change.place : change.place + 1] = change.rows(rows[change.place], self)
        return self.around(life, begin, end, rows).encode()


@dataclass(frozen=True)
class Change:
    """What is wrong with a row."""

    kind: str
    place: int

    def rows(self, row: str, of: Format) -> list[str]:
        if self.kind == FLIP:
            return [of.flipped(row)]
        if self.kind == DROP:
            return []
        if self.kind == DOUBLE:
            return [row, row]
        assert self.kind == CUT
        whole = r"\1\2" if of.name == "mt940" else r"\1"
        return [re.sub(r"(\d+)([.,])\d\d(?!\d)", whole, row, count=1)]


FLIP, DROP, DOUBLE, CUT = KINDS = ("flip a sign", "drop a row", "double a row", "cut decimals")


def _swapped(text: str, one: str, other: str) -> str:
    return text.replace(one, "\0").replace(other, one).replace("\0", other)


def _camt_row(booking: Booking) -> str:
    direction = "DBIT" if booking.amount < 0 else "CRDT"
    return camt.entry(
        f"<Amt Ccy='EUR'>{abs(booking.amount)}</Amt><CdtDbtInd>{direction}</CdtDbtInd>"
        f"<Sts>BOOK</Sts><BookgDt><Dt>{booking.day}</Dt></BookgDt>"
    )


def _camt(life: Life, begin: int, end: int, rows: Sequence[str]) -> str:
    first, last = life.bookings[begin].day, life.bookings[end - 1].day
    stated = (("OPBD", begin, first), ("CLBD", end, last))
    balances = "".join(
        camt.balance(code, str(life.balance_at(place)), day=str(day)) for code, place, day in stated
    )
    body = camt.statement(*rows, balances=balances)
    body = body.replace("2026-03-01T", f"{first}T").replace("2026-03-31T", f"{last}T")
    return camt.message(body).decode()


def _comma(amount: Decimal) -> str:
    return f"{abs(amount):f}".replace(".", ",")


def _mt940_row(booking: Booking) -> str:
    mark = "D" if booking.amount < 0 else "C"
    day = booking.day
    return f":61:{day:%y%m%d}{day:%m%d}{mark}{_comma(booking.amount)}NTRFNONREF\n:86:Shop\n"


def _mt940(life: Life, begin: int, end: int, rows: Sequence[str]) -> str:
    def balance(field: str, place: int, day: str) -> str:
        amount = life.balance_at(place)
        return f":{field}:{'D' if amount < 0 else 'C'}{day}EUR{_comma(amount)}\n"

    first, last = (f"{life.bookings[place].day:%y%m%d}" for place in (begin, end - 1))
    head = f":20:REF\n:25:10020030/100200300\n:28C:{begin + 1}/1\n{balance('60F', begin, first)}"
    return f"{head}{''.join(rows)}{balance('62F', end, last)}-\n"


def _csv_row(booking: Booking) -> str:
    return f"{booking.day},{booking.text},{booking.amount},{booking.balance}\n"


def _csv(life: Life, begin: int, end: int, rows: Sequence[str]) -> str:
    return "Date,Description,Amount,Balance\n" + "".join(rows)


def _ofx_row(booking: Booking) -> str:
    return (
        f"<STMTTRN><TRNTYPE>OTHER<DTPOSTED>{booking.day:%Y%m%d}<TRNAMT>{booking.amount}"
        f"<FITID>N{booking.place}<NAME>{booking.text}</STMTTRN>\n"
    )


def _ofx(life: Life, begin: int, end: int, rows: Sequence[str]) -> str:
    first, last = (f"{life.bookings[place].day:%Y%m%d}" for place in (begin, end - 1))
    return (
        f"{HEADER}<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM>"
        "<BANKID>NORTHBANK<ACCTID>100200300<ACCTTYPE>CHECKING</BANKACCTFROM>"
        f"<BANKTRANLIST><DTSTART>{first}<DTEND>{last}\n{''.join(rows)}</BANKTRANLIST>"
        f"<LEDGERBAL><BALAMT>{life.balance_at(end)}<DTASOF>{last}</LEDGERBAL>"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    )


def _flip_number(row: str) -> str:
    """Flip the sign of the amount, which is what follows the tag or the second comma."""
    head, mark, amount = re.fullmatch(r"(?s)(.*?(?:<TRNAMT>|,Shop,))(-?)(.*)", row).groups()  # type: ignore[union-attr]  # every row has one
    return head + ("" if mark else "-") + amount


FORMATS = [
    Format("camt", _camt_row, _camt, lambda row: _swapped(row, "CRDT", "DBIT")),
    Format("mt940", _mt940_row, _mt940, lambda row: re.sub(r"^(:61:\d{10})([CD])", _other, row)),
    Format("csv", _csv_row, _csv, _flip_number),
    Format("ofx", _ofx_row, _ofx, _flip_number),
]


def _other(found: re.Match[str]) -> str:
    return found[1] + ("D" if found[2] == "C" else "C")


def parts(life: Life, chance: random.Random) -> list[tuple[int, int]]:
    """Cut a life at the ends of days into a beginning, a middle and an end."""
    ends = [at for at, (one, other) in enumerate(pairwise(life.bookings), 1) if one.day < other.day]
    inner = sorted(chance.sample(ends, 2))
    return list(pairwise([0, *inner, len(life.bookings)]))
