"""CSV files of a bank whose truth is known, and twenty ways to write them wrong."""

import csv
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from adapters.statements.csv.profile import DetectedFile
from domain.ledger.hints import CsvColumn

#: The heading of each value of a row.
HEADINGS = {
    "date": "Date",
    "text": "Description",
    "amount": "Amount",
    "debit": "Debit",
    "credit": "Credit",
    "sign": "D/C",
    "balance": "Balance",
}
SIGNED = ("date", "text", "amount", "balance")
PAIR = ("date", "text", "debit", "credit", "balance")
DIRECTED = ("date", "text", "amount", "sign", "balance")
TEXTS = ("GROCER", "RENT", "PAYROLL", "COFFEE", "BOOKS", "FUEL", "INSURANCE", "REFUND")


@dataclass(frozen=True)
class Entry:
    """What the bank booked, and the balance after it."""

    day: date
    text: str
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True)
class BankFile:
    """A file as the bank writes it: its headings, and the values of its rows."""

    columns: Sequence[str]
    headings: dict[str, str]
    rows: Sequence[dict[str, str]]
    delimiter: str = ";"
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL
    above: Sequence[Sequence[str]] = ()

    @property
    def text(self) -> str:
        file = io.StringIO()
        header = [self.headings[name] for name in self.columns]
        rows = [[row[name] for name in self.columns] for row in self.rows]
        if self.quoting == csv.QUOTE_NONE:
            return "".join(self.delimiter.join(line) + "\n" for line in (header, *rows))
        writer = csv.writer(file, delimiter=self.delimiter)
        writer.writerows((*self.above, header, *rows))
        return file.getvalue()

    def changed(self, change: Callable[[dict[str, str]], dict[str, str]]) -> "BankFile":
        return replace(self, rows=[{**row, **change(row)} for row in self.rows])

    def renamed(self, **headings: str) -> "BankFile":
        return replace(self, headings={**self.headings, **headings})

    def without(self, name: str) -> "BankFile":
        return replace(self, columns=[each for each in self.columns if each != name])


def entries(chance: random.Random, many: int) -> list[Entry]:
    """Return what a bank books in a few weeks: mostly charges, and some credits."""
    day, balance = date(2026, 3, 1), Decimal(chance.randint(50_000, 500_000)) / 100
    found = []
    for _ in range(many):
        day += timedelta(chance.randint(0, 3))
        cents = chance.randint(1_50, 99_99) * (-1 if chance.random() < 0.7 else 3) or 1
        balance += Decimal(cents) / 100
        found.append(Entry(day, chance.choice(TEXTS), Decimal(cents) / 100, balance))
    return found


def written(booked: Sequence[Entry], columns: Sequence[str]) -> BankFile:
    rows = [
        {
            "date": each.day.isoformat(),
            "text": each.text,
            "amount": f"{abs(each.amount) if 'sign' in columns else each.amount}",
            "debit": f"{-each.amount}" if each.amount < 0 else "",
            "credit": f"{each.amount}" if each.amount > 0 else "",
            "sign": "D" if each.amount < 0 else "C",
            "balance": f"{each.balance}",
        }
        for each in booked
    ]
    return BankFile(columns, HEADINGS, rows)


_ROLES = {
    CsvColumn.BOOKING_DATE: "date",
    CsvColumn.AMOUNT: "amount",
    CsvColumn.DEBIT: "debit",
    CsvColumn.CREDIT: "credit",
    CsvColumn.DIRECTION: "sign",
    CsvColumn.BALANCE: "balance",
}


def as_read(file: DetectedFile) -> BankFile:
    """Return a bank's own file as it was read."""
    names = {at: _ROLES[role] for role, at in file.profile.columns.items() if role in _ROLES}
    columns = [names.get(at, f"column {at}") for at in range(file.table.width)]
    headings = dict(zip(columns, [*file.layout.header, *[""] * file.table.width], strict=False))
    empty = dict.fromkeys([*HEADINGS, *columns], "")
    rows = [{**empty, **dict(zip(columns, row.cells, strict=False))} for row in file.table.rows]
    above = [record.cells for record in file.layout.above]
    return BankFile(columns, {**HEADINGS, **headings}, rows, file.layout.delimiter, above=above)


# --- Twenty ways to write it wrong ----------------------------------------------------------------

Money = ("amount", "debit", "credit")


def _money(form: Callable[[str], str]) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda row: {name: form(row[name]) for name in Money}


def _turned(value: str) -> str:
    return value.removeprefix("-") if value.startswith("-") or not value else f"-{value}"


def _whole(value: str) -> str:
    return value.split(".")[0]


def _cents(value: str) -> str:
    return value.replace(".", "")


def _comma(value: str) -> str:
    return value.replace(".", ",")


def _unsigned(file: BankFile) -> BankFile:
    """Drop what says the direction: the minus, or the column of directions."""
    return file.changed(_money(lambda value: value.removeprefix("-"))).without("sign")


def _half_unsigned(file: BankFile) -> BankFile:
    rows = [
        {**row, "amount": row["amount"].removeprefix("-")} if at % 2 else row
        for at, row in enumerate(file.rows)
    ]
    return replace(file, rows=rows)


def _direction_inverted(file: BankFile) -> BankFile:
    turned = {"D": "C", "C": "D"}
    return file.changed(
        lambda row: {
            "amount": row["amount"] if "sign" in file.columns else _turned(row["amount"]),
            "sign": turned.get(row["sign"], row["sign"]),
            "debit": row["credit"],
            "credit": row["debit"],
        }
    )


def _values_swapped(file: BankFile) -> BankFile:
    """Write the balances where the amounts belong, and the reverse."""
    first = "amount" if "amount" in file.columns else "credit"
    return file.changed(lambda row: {first: row["balance"], "balance": row[first] or row["debit"]})


def _dates_month_first(file: BankFile) -> BankFile:
    return file.changed(lambda row: {"date": "/".join((*row["date"].split("-")[1:], "2026"))})


def _dates_day_first(file: BankFile) -> BankFile:
    return file.changed(lambda row: {"date": "/".join(row["date"].split("-")[::-1])})


def _amounts_shifted(file: BankFile) -> BankFile:
    values = [{name: row[name] for name in Money} for row in file.rows]
    return replace(
        file,
        rows=[
            {**row, **each} for row, each in zip(file.rows, values[1:] + values[:1], strict=True)
        ],
    )


def _two_amounts_swapped(file: BankFile) -> BankFile:
    first, *between, last = file.rows
    return replace(
        file,
        rows=[
            {**first, **{name: last[name] for name in (*Money, "sign")}},
            *between,
            {**last, **{name: first[name] for name in (*Money, "sign")}},
        ],
    )


def _without_row(file: BankFile) -> BankFile:
    at = len(file.rows) // 2
    return replace(file, rows=[*file.rows[:at], *file.rows[at + 1 :]])


def _row_twice(file: BankFile) -> BankFile:
    at = len(file.rows) // 2
    return replace(file, rows=[*file.rows[: at + 1], *file.rows[at:]])


def _commas_unquoted(file: BankFile) -> BankFile:
    changed = file.changed(_money(_comma))
    changed = changed.changed(lambda row: {"balance": _comma(row["balance"])})
    return replace(changed, delimiter=",", quoting=csv.QUOTE_NONE)


MUTATIONS: dict[str, Callable[[BankFile], BankFile]] = {
    "as it is": lambda file: file,
    "signs dropped": _unsigned,
    "every other sign dropped": _half_unsigned,
    "direction inverted": _direction_inverted,
    "headings of debit and credit swapped": lambda file: file.renamed(
        debit=file.headings["credit"], credit=file.headings["debit"]
    ),
    "headings of amount and balance swapped": lambda file: file.renamed(
        amount=file.headings["balance"], balance=file.headings["amount"]
    ),
    "amounts and balances swapped": _values_swapped,
    "decimals of amounts cut": lambda file: file.changed(_money(_whole)),
    "decimals of balances cut": lambda file: file.changed(
        lambda row: {"balance": _whole(row["balance"])}
    ),
    "decimal mark dropped": lambda file: file.changed(_money(_cents)),
    "decimal mark of amounts changed": lambda file: file.changed(_money(_comma)),
    "month before day": _dates_month_first,
    "day before month": _dates_day_first,
    "amount renamed": lambda file: file.renamed(amount="Wert X", debit="Wert X", credit="Wert Y"),
    "balance renamed": lambda file: file.renamed(balance="Stand X"),
    "row dropped": _without_row,
    "row twice": _row_twice,
    "newest first": lambda file: replace(file, rows=file.rows[::-1]),
    "amounts shifted by a row": _amounts_shifted,
    "two amounts swapped": _two_amounts_swapped,
    "commas without quotes": _commas_unquoted,
}
