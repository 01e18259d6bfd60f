"""Symbols of several currencies, such as a dollar: they exclude all the other currencies."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain

from adapters.statements.csv import questions
from adapters.statements.csv.amounts import parse_token
from adapters.statements.csv.records import Table
from adapters.statements.csv.words import SHARED_SYMBOLS
from domain.ledger.hints import CsvColumn
from domain.ledger.questions import CURRENCY_ASKED, Question

_MONEY = (CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT, CsvColumn.BALANCE)
_SYMBOLS = sorted(SHARED_SYMBOLS, key=len, reverse=True)
# A heading may contain the letters of the others.
_IN_HEADINGS = ("$", "¥")
_CONTRADICTED = (
    "The amounts of the file have “{symbol}” beside them, which is not {currency}: say which"
    " currency it is."
)


def currency_asked(table: Table, columns: Mapping[CsvColumn, int]) -> Question:
    """Ask for the currency; where a symbol is beside the amounts, it may be one of few."""
    asked = questions.about(CURRENCY_ASKED, table, _places(columns)[:1])
    symbol = next(_symbols(table, columns), "")
    return replace(asked, options=SHARED_SYMBOLS[symbol]) if symbol else asked


def contradicted(
    table: Table, columns: Mapping[CsvColumn, int], currency: str | None
) -> Question | None:
    """Ask again for the currency if the symbol beside the amounts is none of the answer."""
    if currency is None:
        return None
    for symbol in _symbols(table, columns):
        if currency not in SHARED_SYMBOLS[symbol]:
            reason = _CONTRADICTED.format(symbol=symbol, currency=currency)
            return replace(currency_asked(table, columns), reason=reason)
    return None


def _places(columns: Mapping[CsvColumn, int]) -> list[int]:
    return [columns[role] for role in _MONEY if role in columns]


def _symbols(table: Table, columns: Mapping[CsvColumn, int]) -> Iterator[str]:
    """Yield the symbols of several currencies that stand beside amounts, above or among them."""
    if CsvColumn.CURRENCY in columns:
        # Codes there count for more than symbols elsewhere.
        yield from filter(SHARED_SYMBOLS.__contains__, table.values(columns[CsvColumn.CURRENCY]))
        return
    places = _places(columns)
    for value in chain.from_iterable(map(table.shapes, places)):
        symbol = next((each for each in _SYMBOLS if each in value), "")
        token = parse_token(value) if symbol else None
        if token and not token.currency:
            yield symbol
    heads = [table.header[at] for at in places if at < len(table.header)]
    yield from (each for each in _IN_HEADINGS if any(f"({each})" in head for head in heads))
