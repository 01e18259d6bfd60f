"""Converts a QIF record into a statement row, or returns why it cannot."""

from collections.abc import Iterator
from decimal import Decimal

from adapters.statements.amounts import DecimalMark, parse_amount
from adapters.statements.csv.dates import parse_date
from adapters.statements.csv.words import clear_balance
from adapters.statements.limits import MAX_VALUE
from adapters.statements.qif.records import Part, Record
from adapters.statements.references import usable
from adapters.statements.text import in_one
from domain.ledger.allocations import StatedSplit
from domain.ledger.categories import may_split
from domain.ledger.hints import DateOrder
from domain.ledger.kinds import AccountKind, BalanceKind, TransactionKind
from domain.ledger.values import QuarantinedRow, Security, StatementRow, Trade
from domain.shared.money import Money

# Actions of investment accounts: their kind, and the signs of their cash and units. With an X at
# the end, an action settles with another account: its own cash stays as it is.
ACTIONS = {
    "BUY": (TransactionKind.BUY, -1, 1),
    "CVRSHRT": (TransactionKind.BUY, -1, 1),
    "SELL": (TransactionKind.SELL, 1, -1),
    "SHTSELL": (TransactionKind.SELL, 1, -1),
    "SHRSIN": (TransactionKind.TRANSFER, 0, 1),
    "SHRSOUT": (TransactionKind.TRANSFER, 0, -1),
    "DIV": (TransactionKind.DIVIDEND, 1, 0),
    "CGLONG": (TransactionKind.INCOME, 1, 0),
    "CGMID": (TransactionKind.INCOME, 1, 0),
    "CGSHORT": (TransactionKind.INCOME, 1, 0),
    "INTINC": (TransactionKind.INTEREST, 1, 0),
    "MISCINC": (TransactionKind.INCOME, 1, 0),
    "RTRNCAP": (TransactionKind.RETURN_OF_CAPITAL, 1, 0),
    "MISCEXP": (TransactionKind.FEE, -1, 0),
    "MARGINT": (TransactionKind.INTEREST, -1, 0),
    "REINVDIV": (TransactionKind.REINVESTMENT, 0, 1),
    "REINVINT": (TransactionKind.REINVESTMENT, 0, 1),
    "REINVLG": (TransactionKind.REINVESTMENT, 0, 1),
    "REINVSH": (TransactionKind.REINVESTMENT, 0, 1),
    "REINVMD": (TransactionKind.REINVESTMENT, 0, 1),
    "STKSPLIT": (TransactionKind.SPLIT, 0, 0),
    "XIN": (TransactionKind.TRANSFER, 1, 0),
    "XOUT": (TransactionKind.TRANSFER, -1, 0),
    "CONTRIBX": (TransactionKind.TRANSFER, 1, 0),
    "WITHDRWX": (TransactionKind.TRANSFER, -1, 0),
    "EXERCISE": (TransactionKind.BUY, -1, 1),
    # The name of an action is cut off before its X.
    "EXERCIS": (TransactionKind.BUY, -1, 1),
    "REMINDER": (TransactionKind.OTHER, 0, 0),
    "GRANT": (TransactionKind.OTHER, 0, 0),
    "VEST": (TransactionKind.OTHER, 0, 0),
    "EXPIRE": (TransactionKind.OTHER, 0, 0),
}
_NO_SPLITS = "the splits do not add up to the amount: it is imported without them"


def is_opening_balance(record: Record) -> bool:
    """Say whether a record states what its account began with, as Quicken and its kin write it.

    It is a transfer of the account to itself. One of zero says no more than a row of zero does.
    """
    if record.kind in (None, AccountKind.INVESTMENT):
        return False
    category = record.leaves.get("L", "").casefold()
    own = f"[{record.account}]".casefold() if record.account else category
    if category != own or not category.startswith("["):
        return False
    amount = record.leaves.get("T") or record.leaves.get("U", "")
    is_opening = clear_balance(record.leaves.get("P", "")) is BalanceKind.OPENING
    return is_opening and any("1" <= digit <= "9" for digit in amount)


def read_row(
    record: Record, currency: str, order: DateOrder, mark: DecimalMark, *, is_turned: bool = False
) -> StatementRow | str:
    """Return the row, or the reason why it is quarantined; one that is turned has another sign."""
    leaves = record.leaves
    if record.kind is None:
        return "the section is of a kind that is not supported"
    if any(len(value) > MAX_VALUE for value in leaves.values()):
        return f"a value is longer than {MAX_VALUE:,} characters"
    if not leaves.get("D"):
        return "no booking date"
    day = parse_date(leaves["D"], order)
    if day is None:
        return "the date is not a date"
    kind, amount, trade = _kind_and_amount(record, mark, is_turned=is_turned)
    if isinstance(amount, str):
        return amount
    category, splits = _allocation(record, amount, mark, is_turned=is_turned)
    payee, memo = (" ".join(leaves.get(each, "").split()) for each in "PM")
    return StatementRow(
        line=record.line,
        provider_id=None,
        booking_date=day,
        amount=Money(amount, currency),
        kind=kind,
        description=in_one(payee or " ".join(leaves.get("Y", "").split()), memo),
        payee=payee,
        reference=usable(leaves.get("N", "")) or "" if kind is TransactionKind.CHECK else "",
        memo=memo,
        category=category,
        splits=splits,
        trade=trade,
        raw=leaves,
    )


def _allocation(
    record: Record, amount: Decimal, mark: DecimalMark, *, is_turned: bool
) -> tuple[str, tuple[StatedSplit, ...]]:
    """Return the category of a record, or its splits if they are those of its amount."""
    if not record.parts or record.kind is AccountKind.INVESTMENT:
        return _category(record.leaves.get("L", "")), ()
    if len(record.parts) == 1:
        (part,) = record.parts
        return (_category(part.category) if _is_whole(part, amount, mark) else ""), ()
    splits = _splits(record, mark, is_turned=is_turned)
    return "", splits if may_split(splits, amount) else ()


def _is_whole(part: Part, amount: Decimal, mark: DecimalMark) -> bool:
    """Return whether an only part has the whole amount, or no other one."""
    stated = parse_amount(part.amount, mark) if part.amount else amount
    return isinstance(stated, Decimal) and abs(stated) == abs(amount)


def lost_splits(record: Record, row: StatementRow, mark: DecimalMark) -> Iterator[QuarantinedRow]:
    """Yield that a record is imported without the parts that it has, if so."""
    if row.splits or not record.parts or record.kind is AccountKind.INVESTMENT:
        return
    if len(record.parts) > 1 or not _is_whole(record.parts[0], row.amount.amount, mark):
        yield QuarantinedRow(record.line, _NO_SPLITS)


def _splits(record: Record, mark: DecimalMark, *, is_turned: bool) -> tuple[StatedSplit, ...]:
    """Return the parts of a record, or none if an amount is missing or is none."""
    splits: list[StatedSplit] = []
    for part in record.parts:
        amount = parse_amount(part.amount, mark)
        if isinstance(amount, str):
            return ()
        category = _category(part.category)
        splits.append(
            StatedSplit(
                amount=-amount if is_turned and amount else amount,
                category=category,
                # A part that is a transfer says in the place of its category to which account.
                memo=" ".join((part.memo or ("" if category else part.category)).split()),
            )
        )
    return tuple(splits)


def _category(text: str) -> str:
    """Return the category of `Category/Class`; the account of a transfer is in brackets."""
    name = text.partition("\n")[0].partition("/")[0].strip()
    return "" if name.startswith(("[", "--")) else name


def _kind_and_amount(
    record: Record, mark: DecimalMark, *, is_turned: bool
) -> tuple[TransactionKind, Decimal | str, Trade | None]:
    action = record.leaves.get("N", "").upper()
    if record.kind is AccountKind.INVESTMENT and action:
        return _investment(record, action, mark)
    amount = _amount(record, mark)
    if isinstance(amount, Decimal) and amount and is_turned:
        amount = -amount
    if isinstance(amount, Decimal) and not (action.isdigit() and usable(action)):
        return (TransactionKind.CREDIT if amount >= 0 else TransactionKind.DEBIT), amount, None
    return TransactionKind.CHECK, amount, None


def _investment(
    record: Record, action: str, mark: DecimalMark
) -> tuple[TransactionKind, Decimal | str, Trade | None]:
    known = ACTIONS.get(action) or ACTIONS.get(action.removesuffix("X"))
    kind, cash, units = known or (TransactionKind.OTHER, 1, 0)
    amount = _amount(record, mark) if cash else Decimal(0)
    if isinstance(amount, str):
        return kind, amount, None
    if known and action not in ACTIONS:
        # Other actions that end in X settle with another account, as a whole or with a part.
        settled = parse_amount(record.leaves.get("$", ""), mark)
        amount = Decimal(0) if isinstance(settled, str) else abs(amount) - abs(settled)
        return kind, amount * cash or Decimal(0), _trade(record, units, mark)
    return kind, abs(amount) * cash if known else amount, _trade(record, units, mark)


def _trade(record: Record, units: int, mark: DecimalMark) -> Trade | None:
    quantity = parse_amount(record.leaves.get("Q", ""), mark)
    name = record.leaves.get("Y", "")
    if isinstance(quantity, str) or not units or not name:
        return None
    price = parse_amount(record.leaves.get("I", ""), mark)
    return Trade(
        security=Security(scheme="NAME", number=name, name=name),
        quantity=quantity * units,
        unit_price=None if isinstance(price, str) else price,
    )


def _amount(record: Record, mark: DecimalMark) -> Decimal | str:
    text = record.leaves.get("T") or record.leaves.get("U") or record.leaves.get("$", "")
    return parse_amount(text, mark) if text else "no amount"
