"""Currencies that the euro replaced, and accounts that were kept in one of them.

Banks go on with an account in the new currency, under the number that it had. What the account has
in the old currency is nothing from that day on; else it would count twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

from domain.ledger.entities import Account
from domain.ledger.kinds import BalanceKind, TransactionKind
from domain.ledger.values import AccountReference, StatedBalance, Statement, StatementRow
from domain.shared.money import MAX_DECIMALS, Money

#: The type of the report of a changeover.
CHANGEOVER = "changeover"
EURO = "EUR"
_ONE_DAY = timedelta(days=1)
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_CENT, _LAST_DECIMAL = Decimal("0.01"), Decimal(1).scaleb(-MAX_DECIMALS)


@dataclass(frozen=True, slots=True)
class Abolition:
    """The end of a currency: units of it for one euro, and the first day without it."""

    rate: Decimal
    day: date


def _abolitions(day: date, **rates: str) -> dict[str, Abolition]:
    return {currency: Abolition(Decimal(rate), day) for currency, rate in rates.items()}


#: Council Regulations (EC) 2866/98 and those that amend it. The first twelve currencies had been
#: units of the euro before; banks kept accounts in them until 2001.
ABOLISHED = {
    **_abolitions(
        date(2002, 1, 1),
        ATS="13.7603",
        BEF="40.3399",
        DEM="1.95583",
        ESP="166.386",
        FIM="5.94573",
        FRF="6.55957",
        GRD="340.750",
        IEP="0.787564",
        ITL="1936.27",
        LUF="40.3399",
        NLG="2.20371",
        PTE="200.482",
    ),
    **_abolitions(date(2007, 1, 1), SIT="239.640"),
    **_abolitions(date(2008, 1, 1), CYP="0.585274", MTL="0.429300"),
    **_abolitions(date(2009, 1, 1), SKK="30.1260"),
    **_abolitions(date(2011, 1, 1), EEK="15.6466"),
    **_abolitions(date(2014, 1, 1), LVL="0.702804"),
    **_abolitions(date(2015, 1, 1), LTL="3.45280"),
    **_abolitions(date(2023, 1, 1), HRK="7.53450"),
    **_abolitions(date(2026, 1, 1), BGN="1.95583"),
}


@dataclass(frozen=True, slots=True)
class Changeover:
    """An account in a currency that was abolished, and the one that goes on in euros."""

    old: Account
    new: Account

    @property
    def abolition(self) -> Abolition:
        return ABOLISHED[self.old.currency]

    @property
    def eve(self) -> date:
        """The last day of the old currency."""
        return self.abolition.day - _ONE_DAY

    def converted(self, amount: Decimal) -> Decimal:
        """Return an amount in euros, rounded to the cent as the regulation demands."""
        return _EXACT.divide(amount, self.abolition.rate).quantize(_CENT, context=_EXACT)

    def statements(self, amount: Decimal) -> Sequence[Statement]:
        """Return what ends the old account, and begins the new one with the same."""
        euros = self.converted(amount)
        per_unit = _EXACT.divide(Decimal(1), self.abolition.rate)
        return [
            self._statement(self.old, amount, -amount),
            self._statement(
                self.new,
                Decimal(0),
                euros,
                original_currency=self.old.currency,
                exchange_rate=per_unit.quantize(_LAST_DECIMAL, context=_EXACT),
            ),
        ]

    def _statement(
        self, account: Account, opening: Decimal, moved: Decimal, **more: object
    ) -> Statement:
        day, currency = self.abolition.day, account.currency
        row = StatementRow(
            line=0,
            provider_id=f"{CHANGEOVER}:{self.old.id}",
            booking_date=day,
            amount=Money(moved, currency),
            kind=TransactionKind.TRANSFER,
            description=f"Changeover of {self.old.currency} to {EURO} at {self.abolition.rate}",
            **more,  # type: ignore[arg-type]  # checked where it is called
        )
        before, after = Money(opening, currency), Money(opening + moved, currency)
        return Statement(
            account=AccountReference(kind=account.kind, number="", currency=currency),
            rows=[row],
            balances=[
                StatedBalance(kind=BalanceKind.OPENING, money=before, day=self.eve),
                StatedBalance(kind=BalanceKind.BOOKED, money=after, day=day),
            ],
            report_type=CHANGEOVER,
            first_day=day,
            last_day=day,
        )


def has_abolished(accounts: Iterable[Account]) -> bool:
    """Return whether one of these accounts is kept in a currency that was abolished."""
    return any(each.currency in ABOLISHED for each in accounts)
