"""Converts an entry (`Ntry`) into a statement row, or returns why it cannot."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from adapters.statements.amounts import NOT_A_NUMBER, DecimalMark, parse_amount
from adapters.statements.camt.rates import DETAILS, conversion
from adapters.statements.camt.stream import Part
from adapters.statements.camt.texts import Texts
from adapters.statements.iso20022 import as_day, kind_of
from adapters.statements.limits import MAX_ID, MAX_VALUE
from adapters.statements.references import usable
from domain.ledger.kinds import TransactionKind
from domain.ledger.values import StatementRow
from domain.shared.money import Money, is_currency

# A UETR is unique to a payment, by its standard. It comes last, because the payer's bank gives it.
BANK_IDS = (
    "AcctSvcrRef",
    *(
        f"{root}.Refs.{name}"
        for name in ("AcctSvcrRef", "TxId", "AcctSvcrTxId", "UETR")
        for root in DETAILS
    ),
)
# ISO 20022 ExternalEntryStatus1Code: pending, and to be booked on a future date.
PENDING = {"PDNG", "FUTR"}

Leaves = Mapping[str, str]


def read_entry(entry: Part, currency: str, only_day: date | None) -> StatementRow | str:
    """Return the row, or the reason why it is quarantined.

    `only_day` is used for entries without a date.
    """
    leaves = entry.leaves
    refused = _refused(leaves)
    if refused:
        return refused
    day = day_of(leaves, "BookgDt") or day_of(leaves, "ValDt") or only_day
    if day is None:
        return "no booking date"
    symbol = leaves.get("Amt@Ccy", currency).upper()
    amount = signed(leaves)
    if isinstance(amount, str):
        return amount
    if not is_currency(symbol):
        return "the currency is not an ISO 4217 code"
    bank_id = _bank_id(leaves)
    texts = Texts(entry, is_credit=amount >= 0)
    original, rate = conversion(leaves, Money(amount, symbol))
    return StatementRow(
        line=entry.line,
        provider_id=bank_id,
        booking_date=day,
        value_date=day_of(leaves, "ValDt"),
        amount=Money(amount, symbol),
        kind=_kind(leaves, is_credit=amount >= 0),
        description=texts.description(has_id=bank_id is not None),
        pending=_status(leaves) in PENDING,
        payee=texts.payee,
        counterparty_account=texts.counterparty_account,
        reference=texts.reference,
        memo=texts.memo,
        original_currency=original,
        exchange_rate=rate,
        raw=leaves,
    )


def _refused(leaves: Leaves) -> str | None:
    if any(len(value) > MAX_VALUE for value in leaves.values()):
        return f"a value is longer than {MAX_VALUE:,} characters"
    if len(leaves.get("AcctSvcrRef", "")) > MAX_ID:
        return f"the bank's id is longer than {MAX_ID} characters"
    if _status(leaves) == "INFO":
        return "the entry is for information only: nothing is booked"
    return None


def _status(leaves: Leaves) -> str:
    return leaves.get("Sts.Cd") or leaves.get("Sts", "")


def _bank_id(leaves: Leaves) -> str | None:
    """Return the bank's id of the entry, or else that of its only transaction.

    `NtryRef` may be a number within the message or that of a contract, and `EndToEndId` is the
    payer's, who uses it again: they identify no entry.
    """
    found = (usable(leaves.get(path, "")) for path in BANK_IDS)
    return next((each for each in found if each and "\n" not in each and len(each) <= MAX_ID), None)


def _kind(leaves: Leaves, *, is_credit: bool) -> TransactionKind:
    codes = (leaves.get(f"BkTxCd.Domn.Fmly.{name}", "") for name in ("Cd", "SubFmlyCd"))
    return kind_of(*codes, is_credit=is_credit)


def day_of(leaves: Leaves, name: str) -> date | None:
    """Return the date of an element that contains a date, or a date and a time."""
    return as_day(leaves.get(f"{name}.Dt") or leaves.get(f"{name}.DtTm") or leaves.get(name, ""))


def signed(leaves: Leaves) -> Decimal | str:
    """Return the amount, negative for a debit.

    `CdtDbtInd` is the direction of the entry itself, even if `RvslInd` marks it as a reversal.
    """
    text = leaves.get("Amt", "")
    # Numbers of XML have no commas.
    amount = parse_amount(text, DecimalMark.POINT) if "," not in text else NOT_A_NUMBER
    if isinstance(amount, str):
        return amount
    direction = leaves.get("CdtDbtInd")
    if direction not in ("CRDT", "DBIT"):
        return "neither credit nor debit"
    return amount if direction == "CRDT" else -amount
