"""Converts an entry (`Ntry`) into a statement row, or returns why it cannot."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain

from adapters.statements.camt.stream import MORE, Part
from adapters.statements.limits import MAX_ID, MAX_VALUE
from adapters.statements.references import usable
from domain.ledger.values import StatementRow, TransactionKind
from domain.shared.money import Money, is_currency, parse_decimal

# In version 1 of the schema the details are in the entry itself.
DETAILS = ("NtryDtls.TxDtls", "TxDtls")
# The name of a party, in versions before 8 and since.
NAMES = ("Nm", "Pty.Nm")
SHOWN = 3
FIRST_YEAR = 1900
# A UETR is unique to a payment, by its standard. It comes last, because the payer's bank gives it.
BANK_IDS = (
    "AcctSvcrRef",
    *(
        f"{root}.Refs.{name}"
        for name in ("AcctSvcrRef", "TxId", "AcctSvcrTxId", "UETR")
        for root in DETAILS
    ),
)
_IN_DETAILS = (
    *("Refs.EndToEndId", "Refs.InstrId", "Refs.TxId", "Refs.AcctSvcrRef", "Refs.AcctSvcrTxId"),
    *("Refs.UETR", "Refs.ChqNb", "Refs.MndtId", "Refs.PmtInfId", "Refs.ClrSysRef"),
    *("Refs.AcctOwnrTxId", "Refs.MktInfrstrctrTxId", "Refs.PrcgId", "Refs.Prtry.Ref"),
    *("RmtInf.Strd.CdtrRefInf.Ref", "RmtInf.Strd.CdtrRef", "RmtInf.Strd.RfrdDocInf.Nb"),
)
REFERENCES = tuple(f"{root}.{name}" for name in _IN_DETAILS for root in DETAILS)
# The account of a party; the payee's is that of a debit.
ACCOUNTS = ("Id.IBAN", "Id.Othr.Id", "Id.PrtryAcct.Id")
# ISO 20022 ExternalEntryStatus1Code: pending, and to be booked on a future date.
PENDING = {"PDNG", "FUTR"}
# ISO 20022 external bank transaction codes. A sub-family is more specific than its family.
FAMILIES = {
    "RCDT": TransactionKind.TRANSFER,
    "ICDT": TransactionKind.TRANSFER,
    "RRCT": TransactionKind.TRANSFER,
    "IRCT": TransactionKind.TRANSFER,
    "RDDT": TransactionKind.DIRECT_DEBIT,
    "IDDT": TransactionKind.DIRECT_DEBIT,
    "RCHQ": TransactionKind.CHECK,
    "ICHQ": TransactionKind.CHECK,
    "CCRD": TransactionKind.POINT_OF_SALE,
    "MCRD": TransactionKind.POINT_OF_SALE,
    "CNTR": TransactionKind.CASH,
}
SUB_FAMILIES = {
    "CHRG": TransactionKind.FEE,
    "COMM": TransactionKind.FEE,
    "FEES": TransactionKind.FEE,
    "INTR": TransactionKind.INTEREST,
    "DVCA": TransactionKind.DIVIDEND,
    "CWDL": TransactionKind.ATM,
    "CDPT": TransactionKind.DEPOSIT,
    "SALA": TransactionKind.DIRECT_DEPOSIT,
}

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
    original, rate = _conversion(leaves, symbol)
    return StatementRow(
        line=entry.line,
        provider_id=bank_id,
        booking_date=day,
        value_date=day_of(leaves, "ValDt"),
        amount=Money(amount, symbol),
        kind=_kind(leaves, is_credit=amount >= 0),
        description=_description(leaves, is_credit=amount >= 0, has_id=bank_id is not None),
        pending=_status(leaves) in PENDING,
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


def _description(leaves: Leaves, *, is_credit: bool, has_id: bool) -> str:
    """Return the description.

    If the bank gives an entry no id, it names the references and the counterparty's account: often
    nothing else tells two payments apart.
    """
    text = _text(leaves, is_credit=is_credit)
    if has_id:
        return text
    paths = (*REFERENCES, *_accounts("Dbtr" if is_credit else "Cdtr"))
    lines = chain.from_iterable(_first_lines(leaves.get(path, "")) for path in paths)
    references = dict.fromkeys(line for line in lines if usable(line))
    return " – ".join(
        filter(None, [text, ", ".join(each for each in references if each not in text)])
    )


def _first_lines(text: str) -> Sequence[str]:
    return text.removesuffix(MORE).splitlines()[:SHOWN]


def _accounts(role: str) -> Iterator[str]:
    """Yield the paths at which the account of a party may be."""
    for root in DETAILS:
        yield from (f"{root}.RltdPties.{role}Acct.{number}" for number in ACCOUNTS)


def _text(leaves: Leaves, *, is_credit: bool) -> str:
    """Return the counterparty, by its name or account, and the remittance information."""
    roles = ("UltmtDbtr", "Dbtr") if is_credit else ("UltmtCdtr", "Cdtr")
    parties = [f"RltdPties.{role}.{name}" for role in roles for name in NAMES]
    parties += [f"RltdPties.{roles[-1]}Acct.Id.{number}" for number in ("IBAN", "Othr.Id")]
    counterparty = _shown(_detail(leaves, *parties))
    about = _detail(leaves, "RmtInf.Ustrd", "RmtInf.Strd.CdtrRefInf.Ref", "RmtInf.Strd.CdtrRef")
    about = about or _detail(leaves, "RmtInf.Strd.AddtlRmtInf", "RmtInf.Strd.RfrdDocInf.Nb")
    about = about or leaves.get("AddtlNtryInf", "") or _detail(leaves, "AddtlTxInf")
    texts = [counterparty, " ".join(_shown(about).split())]
    return " – ".join(text for text in texts if text)


def _detail(leaves: Leaves, *paths: str) -> str:
    found = (leaves.get(f"{root}.{path}") for path in paths for root in DETAILS)
    return next((text for text in found if text), "")


def _shown(text: str) -> str:
    """Return the first lines, and how many more there are if that is known."""
    lines = list(dict.fromkeys(text.removesuffix(MORE).splitlines()))
    more = len(lines) - SHOWN
    shown = ", ".join(lines[:SHOWN])
    if text.endswith(MORE):
        return f"{shown} and more"
    return f"{shown} and {more} more" if more > 0 else shown


def _conversion(leaves: Leaves, symbol: str) -> tuple[str | None, Decimal | None]:
    """Return the original currency and the exchange rate, where the entry has just one."""
    for path in ("AmtDtls.InstdAmt", "AmtDtls.TxAmt"):
        for root in ("", *(f"{each}." for each in DETAILS)):
            original = leaves.get(f"{root}{path}.Amt@Ccy", "")
            if is_currency(original) and original != symbol:
                rate = leaves.get(f"{root}{path}.CcyXchg.XchgRate", "")
                return original, parse_decimal(rate)
    return None, None


def _kind(leaves: Leaves, *, is_credit: bool) -> TransactionKind:
    """Return the kind by the ISO 20022 bank transaction code, else credit or debit."""
    family = leaves.get("BkTxCd.Domn.Fmly.Cd", "")
    sub_family = leaves.get("BkTxCd.Domn.Fmly.SubFmlyCd", "")
    kind = SUB_FAMILIES.get(sub_family) or FAMILIES.get(family)
    return kind or (TransactionKind.CREDIT if is_credit else TransactionKind.DEBIT)


def day_of(leaves: Leaves, name: str) -> date | None:
    """Return the date of an element that contains a date, or a date and a time."""
    return as_day(leaves.get(f"{name}.Dt") or leaves.get(f"{name}.DtTm") or leaves.get(name, ""))


def as_day(text: str) -> date | None:
    """Return the date as written; the time and zone that may follow it are ignored.

    Some programs write the year 1 where they have no date.
    """
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if day.year >= FIRST_YEAR else None


def signed(leaves: Leaves) -> Decimal | str:
    """Return the amount, negative for a debit.

    `CdtDbtInd` is the direction of the entry itself, even if `RvslInd` marks it as a reversal.
    """
    amount = parse_decimal(leaves.get("Amt", ""))
    if amount is None:
        return "the amount is not a number"
    direction = leaves.get("CdtDbtInd")
    if direction not in ("CRDT", "DBIT"):
        return "neither credit nor debit"
    return amount if direction == "CRDT" else -amount
