"""Writes a beancount ledger (version 3): accounts, transactions, and balance assertions.

The opening balance of an account follows from its first stated balance, or else from its balance
on the last day, and is booked against `Equity:Opening-Balances`. The two sides of a transfer may
have different dates, so each is a transaction of its own with `Assets:Transfer`, which nets to
zero; what did not arrive is a fee. Those of an exchange, in two currencies, are with
`Equity:Exchange`. Stated balances that do not match the transactions are left out, because
beancount would reject the file.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from adapters.exports.account_names import AccountNames, category_name
from adapters.exports.text import in_blocks, without_controls
from domain.ledger.allocations import Split
from domain.ledger.exports import AccountLedger, ExportedTransaction, Ledger
from domain.ledger.values import StatedBalance
from domain.shared.money import Money, exact_sum

OPENING = "Equity:Opening-Balances"
TRANSFER = "Assets:Transfer"
EXCHANGE = "Equity:Exchange"
FEES = "Expenses:Fees"
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
    currencies = sorted({account_ledger.currency for account_ledger in ledger.accounts})
    yield 'option "title" "Ledger"\n'
    yield from (f'option "operating_currency" "{currency}"\n' for currency in currencies)
    first_day = ledger.first_day
    if first_day is None:
        return
    yield from (f"\n{first_day} commodity {currency}\n" for currency in currencies)
    names = AccountNames()
    used = dict.fromkeys([OPENING])
    for account_ledger in ledger.accounts:
        name, is_new = names.assign(account_ledger.account)
        if is_new:
            yield _open_directive(first_day, name, account_ledger)
        yield from _AccountWriter(account_ledger, name, used).directives()
    yield "\n"
    yield from (f"{first_day} open {name}\n" for name in sorted(used))


def _open_directive(day: date, name: str, account_ledger: AccountLedger) -> str:
    account = account_ledger.account
    return (
        f"\n{day} open {name}\n  name: {_quoted(account.name)}\n"
        f"  institution: {_quoted(account.institution)}\n"
        f"  number: {_quoted(account.number)}\n  kind: {_quoted(account.kind)}\n"
    )


class _AccountWriter:
    """Writes the directives of one account, with running totals for its balances."""

    def __init__(self, account_ledger: AccountLedger, name: str, used: dict[str, None]) -> None:
        self._account_ledger = account_ledger
        self._name = name
        #: The counter accounts, which are opened at the end of the file.
        self._used = used
        self._legs = {leg.transaction_id: leg for leg in account_ledger.transfers}
        self._total = self._booked = Decimal(0)
        self._opening: Decimal | None = None

    def directives(self) -> Iterator[str]:
        balances = list(self._account_ledger.balances)
        for transaction in self._account_ledger.transactions:
            while balances and balances[0].day < transaction.booking_date:
                yield from self._balance(balances.pop(0))
            yield self._transaction(transaction)
        for balance in balances:
            yield from self._balance(balance)
        closing = self._account_ledger.closing
        if self._opening is None and closing:
            self._opening = exact_sum(closing.amount, -self._booked)
        if self._opening:
            yield self._opening_balance(Money(self._opening, self._account_ledger.currency))

    def _transaction(self, transaction: ExportedTransaction) -> str:
        amount = transaction.amount
        self._total = exact_sum(self._total, amount.amount)
        if not transaction.is_pending:
            self._booked = exact_sum(self._booked, amount.amount)
        counters = self._counter_postings(transaction)
        self._used.update(dict.fromkeys(account for account, _ in counters))
        return (
            f"\n{transaction.booking_date} {'!' if transaction.is_pending else '*'} "
            f"{_quoted(transaction.description)}\n{_metadata(transaction)}"
            f"  {self._name}  {amount}\n"
            + "".join(f"  {account}  {money}\n" for account, money in counters)
        )

    def _counter_postings(self, transaction: ExportedTransaction) -> list[tuple[str, Money]]:
        """Return the accounts that the money comes from or goes to, with their amounts."""
        amount, leg = transaction.amount, self._legs.get(transaction.id)
        if leg is None:
            return [
                (_counter_account(part), Money(-part.amount, amount.currency))
                for part in transaction.parts
            ]
        if leg.is_exchange:
            return [(EXCHANGE, -amount)]
        moved = Money(-exact_sum(amount.amount, leg.fee), amount.currency)
        fee = [(FEES, Money(leg.fee, amount.currency))] if leg.fee else []
        return [(TRANSFER, moved), *fee]

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
            f'\n{self._account_ledger.first_day} * "Opening balance"\n'
            f"  {self._name}  {money}\n  {OPENING}  {-money}\n"
        )


def _counter_account(part: Split) -> str:
    return category_name("Income" if part.amount > 0 else "Expenses", part.category)


def _metadata(transaction: ExportedTransaction) -> str:
    lines = [f'  id: "{transaction.id}"\n', f'  kind: "{transaction.kind}"\n']
    if transaction.value_date:
        lines.append(f"  value-date: {transaction.value_date}\n")
    texts = {
        "payee": transaction.payee,
        "payee-name": transaction.payee_name,
        "counterparty-account": transaction.counterparty_account,
        "reference": transaction.reference,
        "memo": transaction.memo,
        "provider-id": transaction.provider_id,
        "category": transaction.category,
        "tags": " ".join(transaction.tags),
        "note": transaction.note,
    }
    lines += [f"  {key}: {_quoted(text)}\n" for key, text in texts.items() if text]
    return "".join(lines)


def _quoted(text: str) -> str:
    return f'"{without_controls(text).translate(_ESCAPES)}"'
