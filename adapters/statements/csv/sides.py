"""Rows that say from where to where money went: one of each own account that it left or reached."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from adapters.statements.amounts import DecimalMark
from adapters.statements.csv.amounts import read_number
from adapters.statements.csv.balances import BalanceRow
from adapters.statements.csv.records import Table, cell_of
from adapters.statements.csv.words import compact_number, normalize
from adapters.statements.limits import MAX_ID
from domain.ledger.hints import CsvColumn, CsvProfile
from domain.ledger.kinds import BalanceKind, TransactionKind
from domain.ledger.values import StatementRow
from domain.shared.money import Money, is_currency

NOT_OWN = "neither side of the row is an account of your own"
#: What Firefly III calls the kinds of own accounts; the others are of shops, employers and so on.
_OWN = {
    *("asset account", "default account", "credit card", "loan", "debt", "mortgage"),
    *("asset", "liability", "own"),
}
#: Where it keeps what an account began with.
_INITIAL = "initial balance account"
_CACHED = 4096


class ParsedRow(NamedTuple):
    """A row, and the account that it names."""

    row: StatementRow
    account: str


class _Party(NamedTuple):
    """A side of a payment."""

    name: str
    kind: str = ""
    is_own: bool = False


class Sides:
    """Makes the rows of both sides of the payments of a file."""

    def __init__(self, table: Table, profile: CsvProfile) -> None:
        names = column_names(table)
        self._names = {role: names[at] for role, at in profile.columns.items()}
        self._mark = DecimalMark(profile.decimal_mark)
        self._kind = lru_cache(_CACHED)(normalize)
        self._currencies = self._known_currencies(table, profile.columns)

    def of(self, parsed: ParsedRow) -> Iterator[ParsedRow | BalanceRow]:
        """Yield a row of each own account, or its opening balance: nothing if no side is own."""
        row = parsed.row
        source = self._party(row, CsvColumn.ACCOUNT, CsvColumn.ACCOUNT_KIND)
        destination = self._party(row, CsvColumn.DESTINATION, CsvColumn.DESTINATION_KIND)
        sent = Money(abs(row.amount.amount), row.amount.currency)
        if source.is_own:
            paid = Money(-sent.amount, sent.currency)
            yield _side(row, source, destination, paid)
        if destination.is_own:
            arrived = self._arrived(row, destination.name, sent) if source.is_own else sent
            yield _side(row, destination, source, arrived)

    def _party(self, row: StatementRow, name: CsvColumn, kind: CsvColumn) -> _Party:
        """Return a side; without a column of kinds, all sides are own accounts."""
        named, what = self._cell(row, name), self._kind(self._cell(row, kind))
        is_own = kind not in self._names or what in _OWN
        return _Party(compact_number(named), what, bool(named) and is_own)

    def _cell(self, row: StatementRow, role: CsvColumn) -> str:
        return row.raw.get(self._names[role], "") if role in self._names else ""

    def _arrived(self, row: StatementRow, account: str, sent: Money) -> Money:
        """Return what reached an own account: another amount if that is in its currency."""
        currency = self._cell(row, CsvColumn.DESTINATION_CURRENCY).upper()
        amount = read_number(self._cell(row, CsvColumn.DESTINATION_AMOUNT), self._mark)
        known = self._currencies.get(account, set())
        is_elsewhere = sent.currency in known and currency not in known
        if amount is None or not is_currency(currency) or is_elsewhere:
            return sent
        return Money(abs(amount) or Decimal(0), currency)

    def _known_currencies(
        self, table: Table, columns: Mapping[CsvColumn, int]
    ) -> Mapping[str, set[str]]:
        """Return the currencies of the accounts, which rows state that money left."""
        found: dict[str, set[str]] = {}
        currency_at = columns.get(CsvColumn.CURRENCY, -1)
        for record in table.rows:
            kind = cell_of(record, columns.get(CsvColumn.ACCOUNT_KIND, -1))
            is_source = CsvColumn.ACCOUNT_KIND not in columns or self._kind(kind) in _OWN
            role = CsvColumn.ACCOUNT if is_source else CsvColumn.DESTINATION
            name = compact_number(cell_of(record, columns[role]))
            found.setdefault(name, set()).add(cell_of(record, currency_at).upper())
        return found


def _side(row: StatementRow, own: _Party, other: _Party, money: Money) -> ParsedRow | BalanceRow:
    """Return the row of an own account: a transfer if the other one is the user's own, too."""
    if other.kind == _INITIAL:
        amount, currency = money.amount, money.currency
        begun = BalanceKind.OPENING
        return BalanceRow(row.line, begun, amount, own.name, currency, row.booking_date)
    if other.is_own:
        kind = TransactionKind.TRANSFER
    else:
        kind = TransactionKind.DEBIT if money.amount < 0 else TransactionKind.CREDIT
    return ParsedRow(
        replace(
            row,
            amount=money,
            kind=kind,
            payee="" if other.is_own else other.name,
            counterparty_account=other.name if other.is_own else "",
        ),
        own.name,
    )


def column_names(table: Table) -> Sequence[str]:
    """Return a unique name for every column: its header, or its number."""
    names: list[str] = []
    for at in range(table.width):
        name = table.header[at].strip()[:MAX_ID] if at < len(table.header) else ""
        names.append(name if name and name not in names else f"{name} {at + 1}".strip())
    return names
