"""Converts an OFX transaction into a statement row, or returns why it cannot."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from adapters.statements.amounts import DecimalMark, parse_amount
from adapters.statements.limits import MAX_ID, MAX_VALUE
from adapters.statements.ofx.draft import Source
from adapters.statements.ofx.investments import Securities, read_trade
from adapters.statements.ofx.text import parse_day
from adapters.statements.references import usable
from adapters.statements.text import in_one
from domain.ledger.kinds import TransactionKind
from domain.ledger.values import QuarantinedRow, StatementRow, Trade
from domain.shared.money import Money, is_currency, parse_decimal
from domain.shared.records import records

# OFX 2.2, section 11.4.3.1
KINDS = {
    "CREDIT": TransactionKind.CREDIT,
    "DEBIT": TransactionKind.DEBIT,
    "INT": TransactionKind.INTEREST,
    "DIV": TransactionKind.DIVIDEND,
    "FEE": TransactionKind.FEE,
    "SRVCHG": TransactionKind.SERVICE_CHARGE,
    "DEP": TransactionKind.DEPOSIT,
    "ATM": TransactionKind.ATM,
    "POS": TransactionKind.POINT_OF_SALE,
    "XFER": TransactionKind.TRANSFER,
    "CHECK": TransactionKind.CHECK,
    "PAYMENT": TransactionKind.PAYMENT,
    "CASH": TransactionKind.CASH,
    "DIRECTDEP": TransactionKind.DIRECT_DEPOSIT,
    "DIRECTDEBIT": TransactionKind.DIRECT_DEBIT,
    "REPEATPMT": TransactionKind.REPEATING_PAYMENT,
    "HOLD": TransactionKind.HOLD,
}

# OFX 2.2, section 13.9.2.4
INVESTMENT_KINDS = {
    **dict.fromkeys(["BUYDEBT", "BUYMF", "BUYOPT", "BUYOTHER", "BUYSTOCK"], TransactionKind.BUY),
    **dict.fromkeys(
        ["SELLDEBT", "SELLMF", "SELLOPT", "SELLOTHER", "SELLSTOCK", "CLOSUREOPT"],
        TransactionKind.SELL,
    ),
    **dict.fromkeys(["TRANSFER", "JRNLFUND", "JRNLSEC"], TransactionKind.TRANSFER),
    "INCOME": TransactionKind.INCOME,
    "INVEXPENSE": TransactionKind.FEE,
    "MARGININTEREST": TransactionKind.INTEREST,
    "REINVEST": TransactionKind.REINVESTMENT,
    "RETOFCAP": TransactionKind.RETURN_OF_CAPITAL,
    "SPLIT": TransactionKind.SPLIT,
}


# OFX 2.2, section 13.9.2.4: a reinvestment spends what it pays in the same moment, and a journal
# moves cash or units between the parts of one account.
_NO_CASH = {"REINVEST", "JRNLFUND", "JRNLSEC"}


# What `_read_row` returns of each row, and the defaults of what no row of this format has.
_READ = (
    *("line", "provider_id", "booking_date", "value_date", "amount", "kind", "description"),
    *("payee", "counterparty_account", "reference", "memo", "pending"),
    *("original_currency", "exchange_rate", "trade", "raw"),
)
_NEVER = {each.name: each.default for each in fields(StatementRow) if each.name not in _READ}


def read_rows(
    sources: Iterable[Source], currency: str, mark: DecimalMark, securities: Securities
) -> tuple[list[StatementRow], list[QuarantinedRow]]:
    """Return the rows, and those that are quarantined, with the reason."""
    read: list[tuple[Any, ...]] = []
    quarantined: list[QuarantinedRow] = []
    for source in sources:
        values = _read_row(source, currency, mark, securities)
        if isinstance(values, str):
            quarantined.append(QuarantinedRow(source.line, values))
        else:
            read.append(values)
    columns = dict(zip(_READ, zip(*read, strict=True), strict=True)) if read else {}
    columns |= {name: (value,) * len(read) for name, value in _NEVER.items()}
    return (records(StatementRow, len(read), columns) if read else []), quarantined


def _read_row(
    source: Source, currency: str, mark: DecimalMark, securities: Securities
) -> tuple[Any, ...] | str:
    """Return the values of a row, or the reason why it is quarantined."""
    leaves = source.leaves
    leaf = leaves.get
    if max(map(len, leaves.values()), default=0) > MAX_ID and (unusable := _unusable(leaves)):
        return unusable
    day = parse_day(leaf("DTPOSTED") or leaf("DTTRADE") or leaf("DTTRAN") or "")
    if isinstance(day, str):
        return day
    amount = _amount(source, mark)
    if isinstance(amount, str):
        return amount
    symbol = leaf("CURRENCY.CURSYM", currency).upper()
    if not is_currency(symbol):
        return "the currency is not an ISO 4217 code"
    trade = _trade(source, amount, mark, securities)
    if isinstance(trade, str):
        return trade
    payee = " ".join((leaf("NAME") or leaf("PAYEE.NAME") or "").split())
    memo = " ".join(leaf("MEMO", "").split())
    return (
        source.line,
        usable(leaf("FITID", "")),
        day,
        _value_date(leaves),
        Money(amount, symbol),
        _kind(source),
        in_one(payee, memo),
        payee,
        leaf("BANKACCTTO.ACCTID") or leaf("CCACCTTO.ACCTID") or "",
        usable(leaf("CHECKNUM") or leaf("REFNUM") or "") or "",
        memo,
        source.tag == "STMTTRNP",
        _original_currency(leaves),
        _exchange_rate(leaves),
        trade,
        leaves,
    )


def _trade(
    source: Source, amount: Decimal, mark: DecimalMark, securities: Securities
) -> Trade | str | None:
    if source.tag not in INVESTMENT_KINDS:
        return None
    return read_trade(source, amount, mark, securities)


def _unusable(leaves: Mapping[str, str]) -> str:
    if len(leaves.get("FITID", "")) > MAX_ID:
        return f"the bank's id is longer than {MAX_ID} characters"
    if max(map(len, leaves.values()), default=0) > MAX_VALUE:
        return f"a value is longer than {MAX_VALUE:,} characters"
    return ""


def _amount(source: Source, mark: DecimalMark) -> Decimal | str:
    text = source.leaves.get("TRNAMT") or source.leaves.get("TOTAL") or ""
    if text and source.tag not in INVESTMENT_KINDS:
        return parse_amount(text, mark)
    if source.tag == "SPLIT":
        text = source.leaves.get("FRACCASH", "")
    if source.tag in _NO_CASH or (not text and source.tag in INVESTMENT_KINDS):
        # Only units were moved, no cash.
        return Decimal(0)
    return parse_amount(text, mark) if text else "no amount"


def _kind(source: Source) -> TransactionKind:
    kind = INVESTMENT_KINDS.get(source.tag)
    return kind or KINDS.get(source.leaves.get("TRNTYPE", "").upper(), TransactionKind.OTHER)


def _value_date(leaves: Mapping[str, str]) -> date | None:
    stated = leaves.get("DTAVAIL") or leaves.get("DTSETTLE")
    day = parse_day(stated) if stated else None
    return None if isinstance(day, str) else day


def _original_currency(leaves: Mapping[str, str]) -> str | None:
    symbol = leaves.get("ORIGCURRENCY.CURSYM", "").upper()
    return symbol if symbol and is_currency(symbol) else None


def _exchange_rate(leaves: Mapping[str, str]) -> Decimal | None:
    rate = leaves.get("ORIGCURRENCY.CURRATE") or leaves.get("CURRENCY.CURRATE")
    return parse_decimal(rate.replace(",", ".")) if rate else None
