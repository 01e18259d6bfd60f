"""Writes a beancount ledger (version 3): accounts, transactions, and balance assertions.

The opening balance of an account follows from its first stated balance, and is booked against
`Equity:Opening-Balances`. The two sides of a transfer may have different dates, so each is a
transaction of its own with `Assets:Transfer`, which nets to zero. Stated balances that do not match
the transactions are left out, because beancount would reject the file.
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
    """`LedgerWriter` of beancount. Directives are grouped by account; beancount sorts them."""

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
        name, is_new = names.assign(sheet.account)
        if is_new:
            yield _open_directive(first_day, name, sheet)
        yield from _AccountWriter(sheet, name, used).directives()
    yield "\n"
    yield from (f"{first_day} open {name}\n" for name in sorted(used))


def _open_directive(day: date, name: str, sheet: AccountLedger) -> str:
    account = sheet.account
    return (
        f"\n{day} open {name}\n  institution: {_quoted(account.institution)}\n"
        f"  number: {_quoted(account.number)}\n  kind: {_quoted(account.kind)}\n"
    )


class _AccountWriter:
    """Writes the directives of one account, with running totals for its balances."""

    def __init__(self, sheet: AccountLedger, name: str, used: dict[str, None]) -> None:
        self._sheet = sheet
        self._name = name
        #: The counter accounts, which are opened at the end of the file.
        self._used = used
        self._transfers = frozenset(sheet.transfers)
        self._total = self._booked = Decimal(0)
        self._opening: Decimal | None = None

    def directives(self) -> Iterator[str]:
        balances = list(self._sheet.balances)
        for movement in self._sheet.transactions:
            while balances and balances[0].day < movement.booking_date:
                yield from self._balance(balances.pop(0))
            yield self._transaction(movement)
        for balance in balances:
            yield from self._balance(balance)
        if self._opening:
            yield self._opening_balance(Money(self._opening, self._sheet.currency))

    def _transaction(self, movement: ExportedTransaction) -> str:
        amount = movement.amount
        self._total = exact_sum(self._total, amount.amount)
        if not movement.is_pending:
            self._booked = exact_sum(self._booked, amount.amount)
        counter = self._counter_account(movement)
        self._used.setdefault(counter)
        return (
            f"\n{movement.booking_date} {'!' if movement.is_pending else '*'} "
            f"{_quoted(movement.description)}\n{_metadata(movement)}"
            f"  {self._name}  {amount}\n  {counter}  {-amount}\n"
        )

    def _counter_account(self, movement: ExportedTransaction) -> str:
        """Return the account that the money comes from or goes to."""
        if movement.id in self._transfers:
            return TRANSFER
        root = "Income" if movement.amount.amount > 0 else "Expenses"
        return category_name(root, movement.category)

    def _balance(self, balance: StatedBalance) -> Iterator[str]:
        """Assert a balance that the transactions add up to; the first one yields the opening."""
        stated = balance.money.amount
        if self._opening is None:
            self._opening = exact_sum(stated, -self._booked)
        if exact_sum(self._opening, self._total) == stated and balance.day < date.max:
            # A stated balance is as of the end of a day; beancount asserts at the beginning.
            yield f"\n{balance.day + timedelta(days=1)} balance {self._name}  {balance.money}\n"

    def _opening_balance(self, money: Money) -> str:
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
