"""Balances: those that rows state beside their amounts, and those that are rows of their own."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from adapters.statements.csv.running import running_ends
from adapters.statements.csv.words import (
    clear_balance,
    labelled_balance,
    names_balance,
    normalize,
)
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import StatedBalance, StatementRow
from domain.shared.money import Money

_ENDS = (BalanceKind.OPENING, BalanceKind.BOOKED)
_TOTALS = set(
    "total|totals|grand total|sum|sub total|subtotal|summe|gesamt|gesamtsumme|zwischensumme|totaal"
    "|totale|totali|totaux|total general|suma|somme|soma|razem|suma razem|celkem|spolu|osszesen"
    "|ukupno|skupaj|summa|totalt|i alt|yhteensa|toplam|turnover|kaive|apgrozijums|apyvarta"
    "|оборот|обороты|total debits|total credits|total debit|total credit"
    "|итого|всего|разом|合計|总计".split("|")
)


# Balances of a day, which no payment is called.
_OF_DAYS = set(
    "tagessaldo|saldo des tages|tagesendsaldo|daily balance|balance of the day|end of day balance"
    "|closing balance of the day|solde du jour|solde journalier|saldo del dia|saldo del día"
    "|saldo do dia|saldo diario|saldo diário|saldo giornaliero|saldo del giorno|dagsaldo|dagsaldi"
    "|saldo van de dag|saldo dzienne|denní zůstatek|napi egyenleg|остаток на конец дня".split("|")
)


class BalanceRow(NamedTuple):
    """A row that states a balance and is no transaction.

    Its account, currency and day may be missing.
    """

    line: int
    kind: BalanceKind
    amount: Decimal
    account: str = ""
    currency: str = ""
    day: date | None = None


def stated_balances(
    rows: Sequence[StatementRow], stated: Sequence[BalanceRow], currency: str
) -> list[StatedBalance]:
    """Return the opening and the closing balance, where they are stated or proven.

    What a row of its own states counts for more than what the balances beside the rows prove.
    """
    booked = [row for row in rows if not row.pending]
    found = {each.kind: each for each in _beside_rows(booked)}
    is_down = not rows or rows[0].booking_date <= rows[-1].booking_date
    days = [row.booking_date for row in booked or rows] or [each.day for each in stated if each.day]
    for each in _outermost(stated if is_down else stated[::-1]):
        bound = min if each.kind is BalanceKind.OPENING else max
        day = each.day or bound(days, default=None)
        if day:
            money = Money(each.amount, currency)
            found[each.kind] = StatedBalance(kind=each.kind, money=money, day=day)
    return list(found.values())


def without_totals(rows: Sequence[StatementRow]) -> Sequence[StatementRow]:
    """Return the rows without balances of days, and without last ones that sum up the others."""
    rows = [row for row in rows if not _is_of_day(row)]
    last = len(rows)
    while last > 2 and (_is_called(rows[last - 1], _TOTALS) or _label_of(rows[last - 1])):
        last -= 1
    totals = [row for row in rows[last:] if _is_called(row, _TOTALS)]
    if not totals:
        return rows
    sums = _sums(rows[:last]) | _sums([row for row in rows[:last] if not _label_of(row)])
    return [row for row in rows if row not in totals or row.amount.amount not in sums]


def _sums(rows: Sequence[StatementRow]) -> set[Decimal]:
    """Return what comes in, what goes out, and both of them."""
    amounts = [row.amount.amount for row in rows]
    out, in_ = (sum((a for a in amounts if (a < 0) is less), Decimal(0)) for less in (True, False))
    return {out + in_, out, in_, -out}


def _is_of_day(row: StatementRow) -> bool:
    named = row.description.casefold() in _OF_DAYS
    return named and row.value_date is None and not row.provider_id


def without_balance_rows(
    rows: Sequence[StatementRow],
) -> tuple[Sequence[StatementRow], list[BalanceRow]]:
    """Return the rows without balances that stand in the column of amounts.

    They are the two that the other rows lead from and to, or else whatever a row says clearly.
    """
    for opening, closing in _bounds(rows) if len(rows) > 1 else ():
        between = [row for row in rows if row is not opening and row is not closing]
        moved = sum((row.amount.amount for row in between if not row.pending), Decimal(0))
        if opening.amount.amount + moved == closing.amount.amount:
            bounds = ((BalanceKind.OPENING, opening), (BalanceKind.BOOKED, closing))
            return between, [_balance_of(row, kind) for kind, row in bounds]
    kinds = [(row, _clear_kind(row)) for row in rows]
    return [row for row, kind in kinds if kind is None], [
        _balance_of(row, kind) for row, kind in kinds if kind
    ]


def _balance_of(row: StatementRow, kind: BalanceKind) -> BalanceRow:
    return BalanceRow(row.line, kind, row.amount.amount, day=row.booking_date)


def _clear_kind(row: StatementRow) -> BalanceKind | None:
    """Return which balance a row is that says nothing else, and is no transaction."""
    return clear_balance(row.description) if _may_be_balance(row) else None


def _labelled(rows: Sequence[StatementRow]) -> list[tuple[StatementRow, StatementRow]]:
    """Return the opening and the closing balance, if two of the outermost rows are called so."""
    ends = rows if len(rows) < 4 else [*rows[:2], *rows[-2:]]
    kinds = [(row, kind) for row in ends if (kind := _label_of(row))]
    found = [[row for row, its in kinds if its is kind] for kind in _ENDS]
    return [(found[0][0], found[1][0])] if [*map(len, found)] == [1, 1] else []


def _label_of(row: StatementRow) -> BalanceKind | None:
    """Return which balance a text of a row labels, whichever column it stands in."""
    texts = (row.description, *row.raw.values())
    return next(filter(None, map(labelled_balance, texts)), None)


def _is_called(row: StatementRow, words: set[str]) -> bool:
    return any(normalize(text) in words for text in (row.description, *row.raw.values()))


def _bounds(rows: Sequence[StatementRow]) -> Sequence[tuple[StatementRow, StatementRow]]:
    """Return what the labels allow to be the opening and the closing balance.

    Both rows must be called balances. If rows are between them, it is enough that one of the two
    says which balance it is.
    """
    labelled = _labelled(rows)
    if labelled:
        return labelled
    first, last = rows[0], rows[-1]
    down, up = (first, last), (last, first)
    kinds = labelled_balance(first.description), labelled_balance(last.description)
    if not all(names_balance(each.description) for each in down):
        return []
    if kinds[0] is kinds[1]:
        likely = [down, up] if first.booking_date <= last.booking_date else [up, down]
        return likely if kinds[0] is None else []
    if None in kinds and (len(rows) == 2 or not all(map(_may_be_balance, down))):
        return []
    is_down = kinds[0] is BalanceKind.OPENING or kinds[1] is BalanceKind.BOOKED
    return [down if is_down else up]


def _may_be_balance(row: StatementRow) -> bool:
    """Return whether nothing shows that a row is a transaction."""
    return not row.provider_id and row.balance in (None, row.amount.amount)


def _outermost(stated: Sequence[BalanceRow]) -> list[BalanceRow]:
    """Return the first opening and the last closing balance."""
    opening = [each for each in stated if each.kind is BalanceKind.OPENING][:1]
    return opening + [each for each in stated if each.kind is BalanceKind.BOOKED][-1:]


def _beside_rows(booked: Sequence[StatementRow]) -> list[StatedBalance]:
    """Return the balances before and after all rows, as those beside the rows say."""
    ends = running_ends(booked)
    if ends is None:
        return _of_last_day(booked) if any(row.balance is not None for row in booked) else []
    days = [row.booking_date for row in booked]
    currency = booked[0].amount.currency
    opening, closing = (Money(amount, currency) for amount in ends)
    return [
        StatedBalance(kind=BalanceKind.OPENING, money=opening, day=min(days)),
        StatedBalance(kind=BalanceKind.BOOKED, money=closing, day=max(days)),
    ]


def _of_last_day(booked: Sequence[StatementRow]) -> list[StatedBalance]:
    """Return the balance of the last day, if that day has a single row."""
    last = max(row.booking_date for row in booked)
    (first, *others) = [row for row in booked if row.booking_date == last]
    if others or first.balance is None:
        return []
    money = Money(first.balance, first.amount.currency)
    return [StatedBalance(kind=BalanceKind.BOOKED, money=money, day=last)]
