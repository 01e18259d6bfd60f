"""Which way amounts go where what a statement calls debits has no minus."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from adapters.statements.amounts import DecimalMark, parse_amount
from adapters.statements.ofx.draft import Draft, Source
from adapters.statements.questions import shown
from domain.ledger.kinds import BalanceKind
from domain.ledger.questions import Asked, Question
from domain.ledger.values import StatedBalance, StatementRow

# OFX 2.2, section 11.4.3.1: types of what goes out, and of what comes in. Others may go either way.
_DEBITS = {"DEBIT", "CASH", "DIRECTDEBIT"}
_CHARGES = _DEBITS | {"CHECK", "FEE", "REPEATPMT", "SRVCHG"}
_CREDITS = {"CREDIT", "DEP", "DIRECTDEP"}
_SHOWN = ("TRNTYPE", "DTPOSTED", "NAME", "TRNAMT")
_REASON = "The file calls amounts debits that have no minus: say whether charges are positive."


def asked_about_signs(drafts: Iterable[Draft], answer: bool | None) -> list[Question]:
    """Ask which way amounts go if no debit of a statement has a minus, as it should."""
    if answer is not None:
        return []
    found = [debit for draft in drafts for debit in _positive_debits(draft.rows)]
    if not found:
        return []
    examples = [" · ".join(filter(None, map(each.leaves.get, _SHOWN))) for each in found]
    return [
        Question(
            field=Asked.CHARGES_POSITIVE,
            reason=_REASON,
            options=["true", "false"],
            suggestion="true",
            examples=shown(examples),
        )
    ]


def with_minus(rows: Sequence[StatementRow], sources: Sequence[Source]) -> Sequence[StatementRow]:
    """Give charges the minus that they lack; turn all rows round if what comes in has one."""
    if not _positive_debits(sources):
        return rows
    types = [row.raw.get("TRNTYPE", "").upper() for row in rows]
    coming_in = [
        row.amount.amount
        for row, type_ in zip(rows, types, strict=True)
        if type_ in _CREDITS and row.amount.amount
    ]
    are_turned = bool(coming_in) and max(coming_in) < 0
    return [
        replace(row, amount=-row.amount)
        if row.amount.amount and (are_turned or (type_ in _CHARGES and row.amount.amount > 0))
        else row
        for row, type_ in zip(rows, types, strict=True)
    ]


def owed(balances: Sequence[StatedBalance], rows: Sequence[StatementRow]) -> list[StatedBalance]:
    """Turn booked balances round as the rows are, unless the rows lead from zero to one as it is.

    What is available is no debt.
    """
    moved = sum((row.amount.amount for row in rows if not row.pending), Decimal(0))
    return [
        replace(each, money=-each.money)
        if each.kind is BalanceKind.BOOKED and each.money.amount != moved
        else each
        for each in balances
    ]


def _positive_debits(rows: Iterable[Source]) -> Sequence[Source]:
    """Return the debits of a statement, unless one of them has a minus, as most statements have."""
    found = []
    for row in rows:
        if row.leaves.get("TRNTYPE", "").upper() in _DEBITS:
            amount = parse_amount(row.leaves.get("TRNAMT", ""), DecimalMark.POINT)
            if isinstance(amount, str):
                continue
            if amount < 0:
                return []
            found += [row] if amount else []
    return found
