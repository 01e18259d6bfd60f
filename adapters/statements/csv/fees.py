"""Fees beside amounts: whether an amount includes its fee, or the fee comes on top of it.

A fee that comes on top is subtracted from the amount of its row, and is no row of its own: the
bank's id and its balance are those of the row, and the key of a transaction has both its id and its
amount.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import NamedTuple

from adapters.statements.amounts import DecimalMark
from adapters.statements.csv.amount_columns import points_of, tally_signs
from adapters.statements.csv.amounts import read_number
from adapters.statements.csv.evidence import holds_amounts
from adapters.statements.csv.questions import label
from adapters.statements.csv.records import Record, Table, cell_of
from adapters.statements.csv.words import FEES
from adapters.statements.questions import shown
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import CsvColumn, ReadingHints
from domain.ledger.questions import Asked, Question
from domain.shared.result import Failure, Result, Success

Columns = dict[CsvColumn, int]

_MONEY = (CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT)
# Headings of an amount less its fee, and of one with its fee.
_NETS = set("net|net amount|netto|nettobetrag|neto|importe neto|importo netto".split("|"))
_TOTALS = set(
    "total|total amount|total paid|gesamt|gesamtbetrag|summe|totaal|totale|montant total|suma"
    "|importe total|importo totale|valor total|razem|celkem|osszesen|итого|всего".split("|")
)


class _Charged(NamedTuple):
    """A row with a fee that is not zero."""

    record: Record
    amount: Decimal
    fee: Decimal


def settle_fees(
    table: Table, columns: Columns, mark: str, hints: ReadingHints
) -> Result[Columns, HintNeeded]:
    """Return the columns with that of the fees only if these come on top of the amounts.

    Where there is a column of net amounts, it replaces that of the amounts.
    """
    without: Columns = {role: at for role, at in columns.items() if role is not CsvColumn.FEE}
    fee = columns.get(CsvColumn.FEE, _fee_column(table, columns))
    if fee is None:
        return Success(columns)
    columns = {**without, CsvColumn.FEE: fee}
    charged = list(_charged(table, columns, DecimalMark(mark)))
    if not charged:
        return Success(without)
    included = _by_balances(table, columns, mark)
    if included is None:
        net = _net(table, columns, charged, DecimalMark(mark))
        if net is not None:
            return Success({**without, CsvColumn.AMOUNT: net})
        included = hints.fees_included
    if included is None:
        return Failure(HintNeeded.ask(_asked(table, columns, charged)))
    return Success(without if included else columns)


def _fee_column(table: Table, columns: Columns) -> int | None:
    named = (at for at, name in enumerate(table.names) if name in FEES)
    return next(
        (at for at in named if at not in columns.values() and holds_amounts(table, at)), None
    )


def _charged(table: Table, columns: Columns, mark: DecimalMark) -> Iterator[_Charged]:
    money = [columns[role] for role in _MONEY if role in columns]
    # Most rows have none, or zero.
    read = cache(lambda cell: read_number(cell, mark))
    for record in table.rows:
        fee = read(cell_of(record, columns[CsvColumn.FEE]))
        if fee:
            amounts = [each for at in money if (each := _read(record, at, mark)) is not None]
            if amounts:
                yield _Charged(record, next(filter(None, amounts), amounts[0]), fee)


def _by_balances(table: Table, columns: Columns, mark: str) -> bool | None:
    """Return which of the two the balances follow from, if they do from one of them."""
    if CsvColumn.BALANCE not in columns:
        return None
    included = on_top = 0
    for run in points_of(table, columns, mark):
        for before, point, after in zip([None, *run], run, [*run[1:], None], strict=False):
            if not point.fee or point.amount is None:
                continue
            steps = {point.balance - each.balance for each in (before, after) if each}
            size = abs(point.amount)
            included += bool(steps & {size, -size})
            on_top += bool(steps & {size - point.fee, -size - point.fee})
    return None if included == on_top else included > on_top


def _net(
    table: Table, columns: Columns, charged: Sequence[_Charged], mark: DecimalMark
) -> int | None:
    """Return the column that has each amount with its fee, if there is one."""
    amount = columns.get(CsvColumn.AMOUNT)
    if amount is None or CsvColumn.DIRECTION in columns:
        return None
    is_signed = not tally_signs(table, amount).is_unsigned
    # Some write a fee with the minus that it has in the sum.
    cost = -1 if sum(each.fee < 0 for each in charged) * 2 > len(charged) else 1
    for at in sorted(set(range(table.width)) - set(columns.values())):
        if _differ(charged, at, mark, -cost) and (is_signed or _named(table, at, _NETS)):
            return at
        if _differ(charged, at, mark, cost):
            if is_signed:
                return amount
            if _named(table, at, _TOTALS):
                return at
    return None


def _differ(charged: Sequence[_Charged], at: int, mark: DecimalMark, times: int) -> bool:
    """Say whether the values of a column are the amounts and so many times their fees."""
    return all(_read(each.record, at, mark) == each.amount + times * each.fee for each in charged)


def _named(table: Table, at: int, words: set[str]) -> bool:
    return at < len(table.names) and table.names[at] in words


def _read(record: Record, at: int, mark: DecimalMark) -> Decimal | None:
    return read_number(cell_of(record, at), mark)


def _asked(table: Table, columns: Columns, charged: Sequence[_Charged]) -> Question:
    money = [label(table, columns[role]) for role in _MONEY if role in columns]
    fee = label(table, columns[CsvColumn.FEE])
    return Question(
        field=Asked.FEES_INCLUDED,
        reason=(
            f"It is not clear whether the amounts under “{'” and “'.join(money)}” include what is"
            f" under “{fee}”, or whether it comes on top: say whether fees are included."
        ),
        options=["true", "false"],
        columns=[*money, fee],
        examples=shown([f"{each.amount:f} · {each.fee:f}" for each in islice(charged, 5)]),
    )
