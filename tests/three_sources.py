"""Households whose bank reports each booking three times: as OFX, as CSV, and over SimpleFIN.

Seven in ten bookings are in CSV and over SimpleFIN on the day of the OFX file, the others a day or
two later. One in twenty has the words of the OFX file. What is paired is compared with the truth.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from domain.ledger.kinds import TransactionKind
from domain.ledger.values import Statement, StatementRow
from domain.shared.money import Money
from tests.two_sources import ACCOUNT, YEAR, Account, Bought, household

FIRST, DAYS = date(YEAR, 4, 1), 90
LAST = FIRST + timedelta(DAYS - 1)
OFX, CSV, SIMPLEFIN = "ofx", "csv", "simplefin"
SOURCES = (OFX, CSV, SIMPLEFIN)
LAGS = [0] * 7 + [1] * 2 + [2]


class Listed(NamedTuple):
    """A booking as a source has it."""

    bought: Bought
    day: date
    text: str


class Report(NamedTuple):
    """Some days of a source, and what its rows are."""

    source: str
    statement: Statement
    truth: Sequence[Bought]


def bookings(chance: random.Random) -> list[Bought]:
    """Return what a household pays in these days."""
    year = household(chance, 1500)
    return [each for each in year if FIRST <= each.day <= LAST]


def reports(bought: Sequence[Bought], chance: random.Random) -> dict[str, list[Report]]:
    """Return the reports of each source."""
    half = FIRST + timedelta(DAYS // 2)
    parts = {
        OFX: [
            (FIRST, date(YEAR, 4, 30)),
            (date(YEAR, 5, 1), date(YEAR, 5, 31)),
            (date(YEAR, 6, 1), LAST),
        ],
        CSV: [(FIRST, half), (half + timedelta(1), LAST)],
        SIMPLEFIN: [(FIRST, half - timedelta(1)), (half, LAST)],
    }
    made: dict[str, list[Report]] = {}
    for source, windows in parts.items():
        listed = [_listed(each, source, chance) for each in bought]
        made[source] = [_report(source, listed, *window) for window in windows]
    return made


def _listed(bought: Bought, source: str, chance: random.Random) -> Listed:
    if source == OFX:
        return Listed(bought, bought.day, bought.shop.ofx)
    # Over SimpleFIN, the name of the payee is all there is.
    text = bought.shop.csv if source == CSV else f"{bought.shop.ofx} Inc".title()
    if chance.randrange(20) == 0:
        text = bought.shop.ofx
    return Listed(bought, bought.day + timedelta(chance.choice(LAGS)), text)


def _report(source: str, listed: Sequence[Listed], first: date, last: date) -> Report:
    rows, truth = list[StatementRow](), list[Bought]()
    for each in listed:
        if not first <= each.day <= last:
            continue
        truth.append(each.bought)
        rows.append(
            StatementRow(
                # By its line, a transaction of the ledger says which booking it is.
                line=each.bought.number + 1,
                provider_id=None if source == CSV else f"{source}{each.bought.number}",
                booking_date=each.day,
                amount=Money(each.bought.amount, "EUR"),
                kind=TransactionKind.OTHER,
                description=each.text,
            )
        )
    statement = Statement(
        account=ACCOUNT,
        rows=rows,
        report_type=source,
        first_day=first,
        last_day=last,
        pending_day=last if source == SIMPLEFIN else None,
        pending_apart=source == SIMPLEFIN,
    )
    return Report(source, statement, truth)


def simulate(order: Sequence[str], seeds: Sequence[int]) -> Counter[str]:
    """Match the reports of households in this order of sources; count pairs, and wrong ones."""
    counts = Counter[str]()
    for seed in seeds:
        chance = random.Random(seed)
        bought = bookings(chance)
        made = reports(bought, chance)
        times = Counter(each.number for report in _in(made, order) for each in report.truth)
        account = Account({number for number, count in times.items() if count > 1})
        for report in _in(made, order):
            account.post(report.statement, report.truth)
        counts += account.counts
        counts["pairs"] += sum(count - 1 for count in times.values())
    return counts


def _in(made: dict[str, list[Report]], order: Sequence[str]) -> Iterator[Report]:
    for source in order:
        yield from made[source]
