"""The balances of a statement: which of them open and which close it."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import date

from adapters.statements.camt.entries import day_of, signed
from adapters.statements.camt.pages import code_of, page_of
from adapters.statements.camt.stream import Draft, Part
from adapters.statements.iso20022 import as_day
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import StatedBalance
from domain.shared.money import Money, is_currency

# ISO 20022 BalanceType12Code. `PRCD` is the closing balance of the statement before.
_OPENING, _PREVIOUS = "OPBD", "PRCD"
_CLOSING, _INTERIM = "CLBD", "ITBD"
_AVAILABLE = ("CLAV", "ITAV")


def read_balances(draft: Draft, currency: str) -> list[StatedBalance]:
    """Return the opening balance, and the booked and available ones of each day.

    A statement of several days may open and close each of them: the first balance opens it. Where
    the opening of a day is not the closing of the one before, all of them are returned.
    """
    found = _Balances(draft, currency)
    booked = found.of(BalanceKind.BOOKED, _CLOSING) or found.of(BalanceKind.BOOKED, _INTERIM)
    # The pages of a statement may close on the same day: the last of them counts.
    booked = list({(each.day, each.money.currency): each for each in booked}.values())
    available = (found.of(BalanceKind.AVAILABLE, code) for code in _AVAILABLE)
    opening = _opening(found, booked) or _of_later_page(found, draft)
    return [*opening, *booked, *next(filter(None, available), [])]


def last_day(draft: Draft) -> date | None:
    """Return the last day of a statement, or that on which it was made."""
    own = draft.own.leaves
    return as_day(own.get("FrToDt.ToDtTm", "")) or as_day(own.get("CreDtTm", ""))


class _Balances:
    """The balances of a statement that are valid, by their codes."""

    def __init__(self, draft: Draft, currency: str) -> None:
        self._currency = currency
        own = draft.own.leaves
        self._ends = last_day(draft)
        self._begins = as_day(own.get("FrToDt.FrDtTm", "")) or self._ends
        self._parts: dict[str, list[Part]] = {}
        for part in draft.balances:
            self._parts.setdefault(code_of(part), []).append(part)

    def of(self, kind: BalanceKind, code: str) -> list[StatedBalance]:
        read = (self._read(kind, part.leaves) for part in self._parts.get(code, []))
        return [balance for balance in read if balance]

    def _read(self, kind: BalanceKind, leaves: Mapping[str, str]) -> StatedBalance | None:
        """Return a stated balance, or None if it is invalid."""
        # Some banks omit the indicator when a balance is not negative.
        amount = signed({"CdtDbtInd": "CRDT", **leaves})
        day = day_of(leaves, "Dt") or (self._begins if kind is BalanceKind.OPENING else self._ends)
        symbol = leaves.get("Amt@Ccy", self._currency).upper()
        if isinstance(amount, str) or day is None or not is_currency(symbol):
            return None
        return StatedBalance(kind=kind, money=Money(amount, symbol), day=day)


def _opening(found: _Balances, booked: Sequence[StatedBalance]) -> list[StatedBalance]:
    """Return the balance before the first row.

    `PRCD` is it where no other opens the statement, or none does so before the first closing.
    """
    opening = found.of(BalanceKind.OPENING, _OPENING)
    previous = found.of(BalanceKind.OPENING, _PREVIOUS)
    first = min(opening, key=_day, default=None)
    before = min(previous, key=_day, default=None)
    closes = min((each.day for each in booked), default=date.max)
    if before and (first is None or before.day <= closes < first.day):
        return [before]
    return [first] if first and _follow(opening, booked) else opening


def _follow(opening: Sequence[StatedBalance], booked: Sequence[StatedBalance]) -> bool:
    """Return whether each day opens with the balance that the day before, or itself, closes with.

    Some banks date an opening balance by the day before.
    """
    closing = sorted(booked, key=_day)
    for each in opening:
        later = bisect_right(closing, each.day, key=_day)
        earlier = bisect_left(closing, each.day, key=_day)
        before = closing[max(earlier - 1, 0) : later]
        if earlier and each.money not in [balance.money for balance in before]:
            return False
    return True


def _of_later_page(found: _Balances, draft: Draft) -> list[StatedBalance]:
    """Return the interim balance that opens a page which is not the first."""
    interim = found.of(BalanceKind.OPENING, _INTERIM)
    closes = found.of(BalanceKind.BOOKED, _CLOSING) or interim[1:]
    return interim[:1] if page_of(draft) > 1 and closes else []


def _day(balance: StatedBalance) -> date:
    return balance.day
