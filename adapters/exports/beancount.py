"""Writes a beancount ledger (version 3): accounts, transactions, and the balances that hold.

What an account held before its first transaction follows from its first stated balance, and comes
from `Equity:Opening-Balances`. The ends of a transfer may have different days, so each is a
transaction of its own with `Assets:Transfer`, which comes to zero when both are there. Balances
that the transactions do not lead to are left out: such a file would not load.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from adapters.exports.account_names import AccountNames, category_name
from adapters.exports.text import in_blocks, without_controls
from domain.ledger.exports import AccountLedger, ExportedTransaction, Ledger
from domain.ledger.values import StatedBalance
from domain.shared.money import Money, exact_sum

OPENING = "Equity:Opening-Balances"
TRANSFER = "Assets:Transfer"
_ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}  # as the lexer reads them
)


class BeancountWriter:
    """`LedgerWriter` of beancount. Directives stand by account; beancount sorts them by date."""

    format = "beancount"
    media_type = "text/plain; charset=utf-8"
    suffix = ".beancount"

    def write(self, ledger: Ledger) -> Iterator[bytes]:
        return in_blocks(_directives(ledger))


def _directives(ledger: Ledger) -> Iterator[str]:
    currencies = sorted({sheet.currency for sheet in ledger.accounts})
    yield 'option "title" "Ledger"\n'
    yield from (f'option "operating_currency" "{currency}"\n' for currency in currencies)
    first_day = ledger.first_day
    if first_day is None:
        return
    yield from (f"\n{first_day} commodity {currency}\n" for currency in currencies)
    names = AccountNames()
    used = dict.fromkeys([OPENING])
    for sheet in ledger.accounts:
        name, is_new = names.of(sheet.account)
        if is_new:
            yield _opened(first_day, name, sheet)
        yield from _Page(sheet, name, used).directives()
    yield "\n"
    yield from (f"{first_day} open {name}\n" for name in sorted(used))


def _opened(day: date, name: str, sheet: AccountLedger) -> str:
    account = sheet.account
    return (
        f"\n{day} open {name}\n  institution: {_quoted(account.institution)}\n"
        f"  number: {_quoted(account.number)}\n  kind: {_quoted(account.kind)}\n"
    )


class _Page:
    """One sheet while it is written: what has moved so far, and the balances still to come."""

    def __init__(self, sheet: AccountLedger, name: str, used: dict[str, None]) -> None:
        self._sheet = sheet
        self._name = name
        #: The accounts of the other side, which are opened at the end.
        self._used = used
        self._transfers = frozenset(sheet.transfers)
        self._moved = self._booked = Decimal(0)
        self._opening: Decimal | None = None

    def directives(self) -> Iterator[str]:
        balances = list(self._sheet.balances)
        for movement in self._sheet.transactions:
            while balances and balances[0].day < movement.booking_date:
                yield from self._held(balances.pop(0))
            yield self._transaction(movement)
        for balance in balances:
            yield from self._held(balance)
        if self._opening:
            yield self._opened_with(Money(self._opening, self._sheet.currency))

    def _transaction(self, movement: ExportedTransaction) -> str:
        amount = movement.amount
        self._moved = exact_sum(self._moved, amount.amount)
        if not movement.is_pending:
            self._booked = exact_sum(self._booked, amount.amount)
        other = self._other_side(movement)
        self._used.setdefault(other)
        return (
            f"\n{movement.booking_date} {'!' if movement.is_pending else '*'} "
            f"{_quoted(movement.description)}\n{_metadata(movement)}"
            f"  {self._name}  {amount}\n  {other}  {-amount}\n"
        )

    def _other_side(self, movement: ExportedTransaction) -> str:
        """Return the account that the money comes from or goes to."""
        if movement.id in self._transfers:
            return TRANSFER
        root = "Income" if movement.amount.amount > 0 else "Expenses"
        return category_name(root, movement.category)

    def _held(self, balance: StatedBalance) -> Iterator[str]:
        """Assert a balance, if the transactions lead to it; the first tells how it all began."""
        stated = balance.money.amount
        if self._opening is None:
            self._opening = exact_sum(stated, -self._booked)
        if exact_sum(self._opening, self._moved) == stated and balance.day < date.max:
            # It is so when the day has ended, and beancount looks when a day begins.
            yield f"\n{balance.day + timedelta(days=1)} balance {self._name}  {balance.money}\n"

    def _opened_with(self, money: Money) -> str:
        return (
            f'\n{self._sheet.first_day} * "Opening balance"\n'
            f"  {self._name}  {money}\n  {OPENING}  {-money}\n"
        )


def _metadata(movement: ExportedTransaction) -> str:
    lines = [f'  id: "{movement.id}"\n', f'  kind: "{movement.kind}"\n']
    if movement.value_date:
        lines.append(f"  value-date: {movement.value_date}\n")
    texts = {
        "provider-id": movement.provider_id,
        "category": movement.category,
        "note": movement.note,
    }
    lines += [f"  {key}: {_quoted(text)}\n" for key, text in texts.items() if text]
    return "".join(lines)


def _quoted(text: str) -> str:
    return f'"{without_controls(text).translate(_ESCAPES)}"'
