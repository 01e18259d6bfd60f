"""Reads accounts as Enable Banking's API answers about them, in the terms of ISO 20022.

A document that was fetched has an account, its balances, its transactions, and the days that these
are of. An answer about transactions that another program has saved has only these.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from adapters.statements import questions
from adapters.statements.amounts import NOT_A_NUMBER, DecimalMark, parse_amount
from adapters.statements.camt.rates import conversion
from adapters.statements.iso20022 import as_day, kind_of
from adapters.statements.limits import MAX_BALANCES, MAX_ID, MAX_ROWS, MAX_VALUE
from adapters.statements.placed_json import TooManyItems, placed_json, text_leaves
from adapters.statements.references import usable, without_constant_ids
from adapters.statements.text import beginning, decode, in_one
from domain.ledger.account_numbers import canonical
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement, too_many
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.kinds import AccountKind, BalanceKind, TransactionKind
from domain.ledger.values import (
    AccountReference,
    QuarantinedRow,
    StatedBalance,
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.money import Money, is_currency
from domain.shared.result import Failure, Result, Success

FORMAT = "enable-banking"
#: The first member of a document, whose value is the format.
MARK = "dashtam"
_BEGINNING = re.compile(rf'\s*\{{\s*"{MARK}"\s*:\s*"{FORMAT}"')
_WORDS = ('"transaction_amount"', '"credit_debit_indicator"')
WITHDRAWN = "the bank says that it did not come about"
_UNREADABLE = UnreadableStatement("The file is no answer of Enable Banking about an account.")

# To be booked later, and what the bank says will not be booked after all.
_PENDING, _WITHDRAWN = {"PDNG", "HOLD", "FUTR", "SCHD"}, {"CNCL", "RJCT"}
_ACCOUNT_KINDS = {
    "CACC": AccountKind.CHECKING,
    "CARD": AccountKind.CREDIT_CARD,
    "SVGS": AccountKind.SAVINGS,
    "LOAN": AccountKind.CREDIT_LINE,
}
# ISO 20022 BalanceType12Code, the first that is there. What opens a day does not open the days of
# the transactions. Some banks state the expected balance alone.
_BALANCES = {
    BalanceKind.BOOKED: ("CLBD", "ITBD"),
    BalanceKind.AVAILABLE: ("CLAV", "ITAV", "XPCD"),
}
# ISO 4217: no currency is involved. Banks write it for accounts of several currencies.
_NO_CURRENCY = "XXX"
_APART = re.compile(r"[-/\s]+")

Leaves = Mapping[str, str]


class EnableBankingReader:
    """`StatementReader` of what Enable Banking answers about an account."""

    format = FORMAT

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max_rows = max_rows

    def recognises(self, head: bytes) -> bool:
        text = beginning(head)
        if _BEGINNING.match(text):
            return True
        return text.lstrip().startswith("{") and all(word in text for word in _WORDS)

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        text = decode(content, hints.encoding)
        if isinstance(text, Failure):
            return text
        try:
            document = placed_json(text.value, "transactions", self._max_rows)
        except TooManyItems:
            return too_many(self._max_rows)
        except (ValueError, RecursionError):
            return Failure(_UNREADABLE)
        balances = document.members.get("balances")
        if not isinstance(balances, list):
            balances = []
        if len(balances) > MAX_BALANCES:
            return too_many(MAX_BALANCES, "balances")
        if not document.items and "account" not in document.members:
            return Failure(_UNREADABLE)
        return _file(document.members, [*map(text_leaves, balances)], document.items, hints)


def _file(
    members: Mapping[str, Any],
    balances: Sequence[Leaves],
    items: Sequence[tuple[int, Any]],
    hints: ReadingHints,
) -> Result[StatementFile, UnreadableStatement]:
    rows = [(line, text_leaves(item)) for line, item in items]
    account = account_of(members, [*balances, *(leaves for _, leaves in rows)], hints)
    if isinstance(account, str):
        refused = [QuarantinedRow(line, account) for line, _ in rows]
        return Success(StatementFile(format=FORMAT, statements=[], quarantined=refused))
    lacks = {"lacks_account": not account.number, "lacks_currency": not account.currency}
    asked = questions.asked_at_once(**lacks)
    if asked:
        return Failure(HintNeeded.ask(*asked))
    statement, refused = _statement(members, account, balances, rows)
    whole = without_constant_ids([statement])
    return Success(StatementFile(format=FORMAT, statements=whole, quarantined=refused))


def _statement(
    members: Mapping[str, Any],
    account: AccountReference,
    balances: Sequence[Leaves],
    rows: Sequence[tuple[int, Leaves]],
) -> tuple[Statement, list[QuarantinedRow]]:
    read, withdrawn = list[StatementRow](), list[StatementRow]()
    refused, ended = list[QuarantinedRow](), list[QuarantinedRow]()
    for line, leaves in rows:
        row = _row(line, leaves, account.currency)
        if isinstance(row, str):
            refused.append(QuarantinedRow(line, row))
        elif _status(leaves) in _WITHDRAWN:
            withdrawn.append(row)
            ended.append(QuarantinedRow(line, WITHDRAWN))
        else:
            read.append(row)
    first_day, last_day, made_on = _days(members)
    statement = Statement(
        account=account,
        rows=read,
        balances=_balances(balances, account.currency, made_on),
        report_type=FORMAT,
        first_day=first_day,
        last_day=last_day,
        # All that is pending is listed, if the days reach up to the one of the retrieval.
        pending_day=last_day if first_day and last_day == made_on and not refused else None,
        withdrawn=withdrawn,
        complete=not refused,
    )
    return statement, [*refused, *ended]


def _days(members: Mapping[str, Any]) -> tuple[date | None, date | None, date | None]:
    """Return the first and the last day that are listed, and the one of the retrieval."""
    stated = text_leaves(members.get("retrieval"))
    names = ("first_day", "last_day", "retrieved_at")
    first_day, last_day, made_on = (as_day(stated.get(name, "")) for name in names)
    return first_day, last_day, made_on or last_day


def account_of(
    members: Mapping[str, Any], amounts: Sequence[Leaves] = (), hints: ReadingHints = NO_HINTS
) -> AccountReference | str:
    """Return the account, or why it cannot be identified; what nothing states is empty."""
    leaves, bank = (text_leaves(members.get(name)) for name in ("account", "aspsp"))
    paths = ("account_id.iban", "account_id.other.identification", "all_account_ids.identification")
    numbers = (leaves.get(path, "").partition("\n")[0] for path in paths)
    number = next(filter(None, numbers), hints.account or leaves.get("identification_hash", ""))
    stated = (leaves.get(f"account_servicer.{name}", "") for name in ("bic_fi", "name"))
    institution = next(filter(None, stated), bank.get("name", ""))
    if max(len(number), len(institution)) > MAX_ID:
        return f"the account's name is longer than {MAX_ID} characters"
    return canonical(
        AccountReference(
            kind=_ACCOUNT_KINDS.get(leaves.get("cash_account_type", "CACC"), AccountKind.OTHER),
            number=number,
            institution=institution,
            currency=_currency(leaves, amounts) or hints.currency or "",
        )
    )


def _currency(account: Leaves, amounts: Sequence[Leaves]) -> str:
    """Return the account's currency, else that of the first balance or transaction."""
    names = ("balance_amount.currency", "transaction_amount.currency")
    found = [account.get("currency", "")]
    found += [leaves[name] for leaves in amounts for name in names if name in leaves]
    codes = (code.upper() for code in found)
    return next((code for code in codes if is_currency(code) and code != _NO_CURRENCY), "")


def _row(line: int, leaves: Leaves, currency: str) -> StatementRow | str:
    """Return the row of a transaction, or the reason why it is quarantined."""
    refused = _refused(leaves)
    if refused:
        return refused
    is_pending = _is_pending(leaves)
    day = _day(leaves, is_pending=is_pending)
    if day is None:
        return "no booking date"
    amount = _signed(leaves)
    if isinstance(amount, str):
        return amount
    symbol = leaves.get("transaction_amount.currency", currency).upper()
    if not is_currency(symbol):
        return "the currency is not an ISO 4217 code"
    # It is the same each time, unlike the `transaction_id`.
    bank_id = usable(leaves.get("entry_reference", ""))
    money = Money(amount, symbol)
    original, rate = _conversion(leaves, money)
    payee, number = _other_party(leaves, is_credit=amount >= 0)
    memo = " ".join(leaves.get("remittance_information", "").split())
    return StatementRow(
        line=line,
        provider_id=bank_id,
        booking_date=day,
        value_date=as_day(leaves.get("value_date", "")),
        amount=money,
        kind=_kind(leaves, is_credit=amount >= 0),
        description=_description(leaves, payee or number, has_id=bank_id is not None),
        pending=is_pending,
        payee=payee,
        counterparty_account=number,
        reference=usable(leaves.get("reference_number", "")) or "",
        memo=memo,
        original_currency=original,
        exchange_rate=rate,
        raw=leaves,
    )


def _refused(leaves: Leaves) -> str | None:
    if any(len(value) > MAX_VALUE for value in leaves.values()):
        return f"a value is longer than {MAX_VALUE:,} characters"
    if len(leaves.get("entry_reference", "")) > MAX_ID:
        return f"the bank's id is longer than {MAX_ID} characters"
    if _status(leaves) == "INFO":
        return "the entry is for information only: nothing is booked"
    return None


def _status(leaves: Leaves) -> str:
    return leaves.get("status", "").upper()


def _is_pending(leaves: Leaves) -> bool:
    """Return whether it is not booked; without a status of ISO 20022, a booking date shows it."""
    status = _status(leaves)
    if status in _PENDING | _WITHDRAWN:
        return True
    return status != "BOOK" and not leaves.get("booking_date")


def _day(leaves: Leaves, *, is_pending: bool) -> date | None:
    """Return the booking date, or else the day that is nearest to it."""
    others = ("transaction_date", "value_date") if is_pending else ("value_date",)
    days = (as_day(leaves.get(name, "")) for name in ("booking_date", *others, "transaction_date"))
    return next(filter(None, days), None)


def _signed(leaves: Leaves) -> Decimal | str:
    """Return the amount, negative for a debit; some banks write the minus sign themselves."""
    text = leaves.get("transaction_amount.amount", "")
    amount = parse_amount(text, DecimalMark.POINT) if "," not in text else NOT_A_NUMBER
    if isinstance(amount, str):
        return amount
    direction = leaves.get("credit_debit_indicator", "DBIT" if amount < 0 else "").upper()
    if direction == "DBIT":
        return -abs(amount)
    if direction != "CRDT":
        return "neither credit nor debit"
    return amount if amount >= 0 else "the amount is negative, and yet a credit"


def _kind(leaves: Leaves, *, is_credit: bool) -> TransactionKind:
    """Return the kind by the bank transaction code, whose parts some banks write as one."""
    stated = (leaves.get(f"bank_transaction_code.{name}", "") for name in ("code", "sub_code"))
    return kind_of(*_APART.split(" ".join(stated).upper()), is_credit=is_credit)


def _other_party(leaves: Leaves, *, is_credit: bool) -> tuple[str, str]:
    """Return the name and the account of the other party: the payer of a credit."""
    role = "debtor" if is_credit else "creditor"
    paths = (f"{role}_account.iban", f"{role}_account.other.identification")
    number = next((leaves[path] for path in paths if path in leaves), "")
    return " ".join(leaves.get(f"{role}.name", "").split()), number


def _description(leaves: Leaves, party: str, *, has_id: bool) -> str:
    """Return the texts in one.

    Where the bank gives no id, it names the reference and the accounts as well: often nothing else
    tells two payments apart.
    """
    lines = dict.fromkeys(leaves.get("remittance_information", "").splitlines())
    about = " ".join(", ".join(lines).split())
    about = about or " ".join(leaves.get("bank_transaction_code.description", "").split())
    text = in_one(party, about)
    if has_id:
        return text
    names = ("reference_number", "creditor_account.iban", "debtor_account.iban")
    stated = filter(None, (usable(leaves.get(name, "")) for name in names))
    return in_one(text, ", ".join(each for each in dict.fromkeys(stated) if each not in text))


def _conversion(leaves: Leaves, booked: Money) -> tuple[str | None, Decimal | None]:
    """Return the original currency and the exchange rate, by the same rules as in camt."""
    path = "AmtDtls.InstdAmt"
    names = {
        f"{path}.Amt": "instructed_amount.amount",
        f"{path}.Amt@Ccy": "instructed_amount.currency",
        f"{path}.CcyXchg.UnitCcy": "unit_currency",
        f"{path}.CcyXchg.XchgRate": "exchange_rate",
    }
    stated = {tag: leaves.get(f"exchange_rate.{name}", "") for tag, name in names.items()}
    return conversion(stated, booked) if any(stated.values()) else (None, None)


def _balances(
    balances: Sequence[Leaves], currency: str, made_on: date | None
) -> list[StatedBalance]:
    """Return the booked and the available balances, at most one of a kind, day and currency."""
    found = dict[tuple[object, ...], StatedBalance]()
    for kind, codes in _BALANCES.items():
        by_code = [[each for each in balances if each.get("balance_type") == c] for c in codes]
        for leaves in next(filter(None, by_code), []):
            read = _balance(kind, leaves, currency, made_on)
            if read:
                found[kind, read.day, read.money.currency] = read
    return [*found.values()]


def _balance(
    kind: BalanceKind, leaves: Leaves, currency: str, made_on: date | None
) -> StatedBalance | None:
    """Return a stated balance, or None if it is invalid."""
    text = leaves.get("balance_amount.amount", "")
    amount = parse_amount(text, DecimalMark.POINT) if "," not in text else NOT_A_NUMBER
    stated = (as_day(leaves.get(n, "")) for n in ("reference_date", "last_change_date_time"))
    day = next(filter(None, stated), made_on)
    symbol = leaves.get("balance_amount.currency", currency).upper()
    if isinstance(amount, str) or day is None or not is_currency(symbol):
        return None
    return StatedBalance(kind=kind, money=Money(amount, symbol), day=day)
