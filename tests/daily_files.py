"""Daily files of an invented bank: two accounts, and repeated days."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from tests.camt import balance, entry, message, statement

DAYS = 20
FIRST = date(2026, 3, 1)
ACCOUNTS = ("DE01", "DE02")


def amounts_of_rows(iban: str, day: int) -> list[Decimal]:
    """Return what a bank books on an account on a day: some days nothing, some things alike."""
    chance = random.Random(f"{iban} {day}")
    some = [Decimal(chance.randrange(-5000, 5000)) / 100 for _ in range(chance.randrange(4))]
    return [*some, Decimal("-3.50"), Decimal("-3.50")] if day % 3 == 0 else some


def opening(iban: str, day: int) -> Decimal:
    booked = (amount for before in range(day) for amount in amounts_of_rows(iban, before))
    return sum(booked, Decimal(1000))


def statement_of(iban: str, day: int) -> str:
    at = FIRST + timedelta(days=day)
    rows = [_entry(iban, day, *each) for each in enumerate(amounts_of_rows(iban, day))]
    before, after = opening(iban, day), opening(iban, day + 1)
    balances = balance("OPBD", str(before), day=str(at)) + balance("CLBD", str(after), day=str(at))
    return statement(*rows, iban=iban, balances=balances)


def _entry(iban: str, day: int, number: int, amount: Decimal) -> str:
    direction = "DBIT" if amount < 0 else "CRDT"
    # Half of the entries have no reference: text and position among equals identify them.
    reference = f"<AcctSvcrRef>{iban}-{day}-{number}</AcctSvcrRef>" if number % 2 else ""
    money = f"<Amt Ccy='EUR'>{abs(amount)}</Amt><CdtDbtInd>{direction}</CdtDbtInd>"
    return entry(f"{money}<Sts>BOOK</Sts>{reference}")


def daily(days: Sequence[int] = range(DAYS)) -> list[bytes]:
    """Return a file for each day, and some that have two accounts or repeated days."""
    files = [message(*(statement_of(iban, day) for iban in ACCOUNTS)) for day in days]
    repeated = [
        message(statement_of("DE01", day), statement_of("DE01", day + 1)) for day in days[::5]
    ]
    return files + [file for day, file in zip(days[::5], repeated, strict=True) if day + 1 in days]
