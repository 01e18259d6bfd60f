"""Households whose bank reports each booking twice, in other words: OFX with ids, and CSV.

The CSV files begin and end on other days. Three in ten bookings are in them a day or two later, and
one in twenty without any word of the OFX file. What is paired is compared with the truth: which
rows state the same booking.
"""

import random
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from domain.ledger.counterparts import NEAR_DAYS
from domain.ledger.evidence import Outline
from domain.ledger.kinds import TransactionKind
from domain.ledger.matches import ExistingTransaction, MatchContext
from domain.ledger.matching import match_statement
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.values import Statement, StatementRef, StatementRow, transaction_keys
from domain.shared.ids import ImportId, TransactionId, new_id
from domain.shared.money import Money
from tests.factories import make_reference

YEAR = 2026
ACCOUNT = make_reference()


class Shop(NamedTuple):
    """Who is paid: the words of either report, how often in a year, and what."""

    ofx: str
    csv: str
    times: int
    prices: Sequence[str] = ()
    most: int = 0


# With prices, these are all that is paid; else it is anything up to so many cents.
SHOPS = [
    Shop("CITY TRANSIT TICKET", "Card payment transit app", 300, ["-3.20", "-3.20", "-8.80"]),
    Shop("COFFEE CORNER 0412", "POS 4711 Coffee Corner Main St", 200, ["-2.40", "-3.10", "-4.60"]),
    Shop("BAKERY KRAUSE", "Card payment Krause", 150, ["-1.80", "-2.40", "-3.60", "-5.20"]),
    Shop("CANTEEN", "Debit 88112 canteen west", 150, ["-5.90", "-6.90", "-7.50"]),
    Shop("SUPERMARKET NORTH SAYS THANKS", "Card payment Supermarket North", 250, most=9_000),
    Shop("DISCOUNT MARKET 17", "POS 0815 Discount Market", 150, most=6_000),
    Shop("PHARMACY AT THE GATE", "Debit 20991", 30, most=4_000),
    Shop("FUEL STATION", "Card payment fuel", 40, most=8_000),
    Shop("ONLINE SHOP ORDER", "Direct debit online shop", 100, most=12_000),
    Shop("CASH MACHINE", "Withdrawal", 50, ["-50.00", "-100.00", "-200.00"]),
    Shop("STREAMING SUBSCRIPTION", "Direct debit streaming", 24, ["-9.99", "-12.99"]),
    Shop("RENT", "Standing order rent", 12, ["-890.00"]),
    Shop("SALARY", "Credit salary", 12, ["2850.00"]),
    Shop("TRANSFER FROM A FRIEND", "Credit Robin", 32, ["10.00", "20.00", "25.00"]),
]


class Bought(NamedTuple):
    """A booking, and the day on which the second report has it."""

    number: int
    day: date
    later: date
    amount: Decimal
    shop: Shop


def household(chance: random.Random, rows: int) -> list[Bought]:
    """Return what a household pays in a year."""
    shops = chance.choices(SHOPS, [shop.times for shop in SHOPS], k=rows)
    days = sorted(date(YEAR, 1, 1) + timedelta(chance.randrange(365)) for _ in shops)
    return [
        Bought(number, day, day + timedelta(chance.choice([0] * 7 + [1] * 2 + [2])), amount, shop)
        for number, (day, shop) in enumerate(zip(days, shops, strict=True))
        for amount in [_price(chance, shop)]
    ]


def _price(chance: random.Random, shop: Shop) -> Decimal:
    if shop.prices:
        return Decimal(chance.choice(shop.prices))
    return Decimal(-chance.randrange(100, shop.most)) / 100


@dataclass
class Account:
    """What statements state about an account, as a ledger remembers it; it decides nothing."""

    in_both: set[int]
    known: dict[TransactionId, tuple[ExistingTransaction, Bought]] = field(default_factory=dict)
    stating: dict[TransactionId, set[StatementRef]] = field(default_factory=dict)
    outlines: list[Outline] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def post(self, statement: Statement, truth: Sequence[Bought]) -> None:
        """Match the rows of a statement, and count what is right."""
        outline = Outline.of(statement, StatementRef(ImportId(new_id()), 1))
        near = Neighbourhood.of(outline, self.outlines)
        keys = transaction_keys(statement.rows)
        existing = list(self._near(outline))
        context = MatchContext(
            known={}, provider_ids=(), counterparts=existing, stating=self.stating
        )
        pairing = match_statement(statement, keys, context, near)
        for place, (match, bought) in enumerate(zip(pairing.matches, truth, strict=True)):
            if match.existing:
                self._count(self.known[match.existing.id][1], bought)
            elif place in pairing.suggestions:
                self.counts["suggested"] += 1
            self._remember(match.id, statement.rows[place], bought)
            self.stating.setdefault(match.id, set()).add(outline.ref)
        self.outlines.append(outline)

    def _near(self, outline: Outline) -> Iterator[ExistingTransaction]:
        assert outline.first_day
        assert outline.last_day
        for each, _ in self.known.values():
            if (
                outline.first_day - each.booking_date
                <= timedelta(NEAR_DAYS)
                >= (each.booking_date - outline.last_day)
            ):
                yield each

    def _count(self, known: Bought, bought: Bought) -> None:
        """Count a pair: it is wrong if one of the two should be alone, or was paid elsewhere.

        Bookings of one amount at one shop within some days may be paired crosswise: none of them is
        lost or doubled, and nothing is said of it that is not true of the other.
        """
        alone = {known.number, bought.number} - self.in_both
        right = not alone and known.shop == bought.shop
        self.counts["certain" if right else "wrong"] += 1
        self.counts["crosswise"] += right and known.number != bought.number

    def _remember(self, its: TransactionId, row: StatementRow, bought: Bought) -> None:
        existing = ExistingTransaction(
            id=its,
            booking_date=row.booking_date,
            amount=row.amount,
            provider_id=row.provider_id,
            description=row.description,
            pending=False,
        )
        self.known.setdefault(its, (existing, bought))


def _statement(
    bought: Sequence[Bought], report_type: str, first: date, last: date
) -> tuple[Statement, list[Bought]]:
    """State what is booked on some days according to this report, and say what it was."""
    is_ofx = report_type == "ofx"
    listed = [each for each in bought if first <= (each.day if is_ofx else each.later) <= last]
    rows = [
        StatementRow(
            line=line,
            provider_id=f"F{each.number}" if is_ofx else None,
            booking_date=each.day if is_ofx else each.later,
            amount=Money(each.amount, "EUR"),
            kind=TransactionKind.OTHER,
            description=each.shop.ofx if is_ofx else each.shop.csv,
        )
        for line, each in enumerate(listed, 1)
    ]
    statement = Statement(
        account=ACCOUNT, rows=rows, report_type=report_type, first_day=first, last_day=last
    )
    return statement, listed


def files(bought: Sequence[Bought], chance: random.Random) -> list[tuple[Statement, list[Bought]]]:
    """Return the OFX and then the CSV files of a year; the CSV files begin and end elsewhere."""
    months = [(date(YEAR, m, 1), date(YEAR, m, monthrange(YEAR, m)[1])) for m in range(1, 13)]
    first = date(YEAR, 1, 1) + timedelta(chance.randrange(4))
    middle = date(YEAR, 6, 1) + timedelta(chance.randrange(30))
    last = date(YEAR, 12, 31) - timedelta(chance.randrange(4))
    halves = [(first, middle), (middle + timedelta(1), last)]
    return [_statement(bought, "ofx", *days) for days in months] + [
        _statement(bought, "csv", *days) for days in halves
    ]


def simulate(households: int, rows: int, seeds: Sequence[int]) -> Counter[str]:
    """Import the files of households; return how many rows are paired, and how many wrongly."""
    counts = Counter[str]()
    for seed in seeds:
        chance = random.Random(seed)
        for _ in range(households):
            made = files(household(chance, rows), chance)
            times = Counter(bought.number for _, truth in made for bought in truth)
            account = Account({number for number, count in times.items() if count > 1})
            for statement, truth in made:
                account.post(statement, truth)
            counts += account.counts
            counts["both"] += len(account.in_both)
    return counts
