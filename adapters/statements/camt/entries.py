"""From the leaves of an entry (`Ntry`) to a row of the ledger, or to the reason why not."""

from datetime import date
from decimal import Decimal

from adapters.statements.camt.kinds import kind_of
from adapters.statements.camt.stream import MORE, Part
from adapters.statements.camt.values import Leaves, day_of, signed
from adapters.statements.limits import MAX_ID, MAX_VALUE
from domain.ledger.values import StatementRow
from domain.shared.money import Money, is_currency, parse_decimal

# Until version 1 of the schema, details stood in the entry itself.
DETAILS = ("NtryDtls.TxDtls", "TxDtls")
# Debtor and creditor, each as versions since 8 write them, and before.
NAMES = ("Nm", "Pty.Nm")
SHOWN = 3
# ISO 20022 ExternalEntryStatus1Code: pending, and to be booked on a day to come.
PENDING = {"PDNG", "FUTR"}


def read_entry(entry: Part, currency: str, only_day: date | None) -> StatementRow | str:
    """Return the row, or the reason why it is quarantined; dates may be left to the statement."""
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
    reference = leaves.get("AcctSvcrRef") or None
    if len(reference or "") > MAX_ID:
        return f"the bank's id is longer than {MAX_ID} characters"
    original, rate = _conversion(leaves, symbol)
    return StatementRow(
        line=entry.line,
        provider_id=reference,
        booking_date=day,
        value_date=day_of(leaves, "ValDt"),
        amount=Money(amount, symbol),
        kind=kind_of(leaves, is_credit=amount >= 0),
        description=_description(leaves, is_credit=amount >= 0),
        pending=_status(leaves) in PENDING,
        original_currency=original,
        exchange_rate=rate,
        raw=leaves,
    )


def _refused(leaves: Leaves) -> str | None:
    if any(len(value) > MAX_VALUE for value in leaves.values()):
        return f"a value is longer than {MAX_VALUE:,} characters"
    if _status(leaves) == "INFO":
        return "the entry is for information only: nothing is booked"
    return None


def _status(leaves: Leaves) -> str:
    return leaves.get("Sts.Cd") or leaves.get("Sts", "")


def _description(leaves: Leaves, *, is_credit: bool) -> str:
    """Return who is on the other side, and what it is about."""
    roles = ("UltmtDbtr", "Dbtr") if is_credit else ("UltmtCdtr", "Cdtr")
    parties = [f"RltdPties.{role}.{name}" for role in roles for name in NAMES]
    other = _shown(_detail(leaves, *parties))
    about = _detail(leaves, "RmtInf.Ustrd", "RmtInf.Strd.CdtrRefInf.Ref", "RmtInf.Strd.CdtrRef")
    about = about or leaves.get("AddtlNtryInf", "") or _detail(leaves, "AddtlTxInf")
    texts = [other, " ".join(_shown(about).split())]
    return " – ".join(text for text in texts if text)


def _detail(leaves: Leaves, *paths: str) -> str:
    found = (leaves.get(f"{root}.{path}") for path in paths for root in DETAILS)
    return next((text for text in found if text), "")


def _shown(text: str) -> str:
    """Return the first of several lines, and how many more there are, if all are known."""
    lines = list(dict.fromkeys(text.removesuffix(MORE).splitlines()))
    more = len(lines) - SHOWN
    shown = ", ".join(lines[:SHOWN])
    if text.endswith(MORE):
        return f"{shown} and more"
    return f"{shown} and {more} more" if more > 0 else shown


def _conversion(leaves: Leaves, symbol: str) -> tuple[str | None, Decimal | None]:
    """Return the currency that was converted, and the rate, where there is just one."""
    for path in ("AmtDtls.InstdAmt", "AmtDtls.TxAmt"):
        for root in ("", *(f"{each}." for each in DETAILS)):
            original = leaves.get(f"{root}{path}.Amt@Ccy", "")
            if is_currency(original) and original != symbol:
                rate = leaves.get(f"{root}{path}.CcyXchg.XchgRate", "")
                return original, parse_decimal(rate)
    return None, None
