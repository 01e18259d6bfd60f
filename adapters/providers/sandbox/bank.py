"""A simulated bank: the same seed has the same customers, and what is true of them is known."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

ONE_DAY = timedelta(days=1)
#: So many days before a customer is known, their accounts were opened.
HISTORY = timedelta(days=400)
#: Beyond the cap, nothing is answered.
CAP = timedelta(days=10)


class Trouble(StrEnum):
    """What goes wrong: all of an answer, some of it, or what it says of the past."""

    NONE = "none"
    PAYMENT = "payment"
    FORBIDDEN = "forbidden"
    QUOTA = "quota"
    OUTAGE = "outage"
    TIMEOUT = "timeout"
    CUT = "cut"
    ACCOUNT_FAILS = "account-fails"
    LOG_IN = "log-in"
    DATA_MISSING = "data-missing"
    CAPPED = "capped"
    IDS_REISSUED = "ids-reissued"
    DAYS_MOVED = "days-moved"
    RELINKED = "relinked"
    ACCOUNT_CLOSED = "account-closed"


class Shop(NamedTuple):
    """Who is paid, what at least and at most (in cents), and on how many days in a hundred."""

    payee: str
    least: int
    most: int
    share: int
    mcc: str = ""


class Plan(NamedTuple):
    """An account as it was opened."""

    id: str
    name: str
    connection: str
    opening: Decimal
    shops: Sequence[Shop]
    has_holdings: bool = False


_CARD = (
    Shop("Coffee Corner", -450, -450, 60, "5814"),
    Shop("Corner Market", -8000, -500, 40, "5411"),
    Shop("Trattoria", -6000, -1500, 15, "5812"),
    Shop("City Transit", -320, -320, 50, "4111"),
)
_CHECKING = (
    Shop("Employer", 210_000, 210_000, 4),
    Shop("Rent", -89_000, -89_000, 3),
    Shop("Cash machine", -20_000, -5_000, 6, "6011"),
)
PLANS = (
    Plan("ACT-1", "Everyday Checking", "CON-1", Decimal("1500.00"), _CHECKING),
    Plan("ACT-2", "Savings", "CON-1", Decimal("9000.00"), (Shop("Interest", 100, 900, 3),)),
    Plan("ACT-3", "Travel Card", "CON-1", Decimal("-120.00"), _CARD),
    Plan(
        *("ACT-4", "Brokerage", "CON-2", Decimal("250.00")),
        (Shop("Dividend", 500, 4000, 2),),
        has_holdings=True,
    ),
)
CONNECTIONS = {"CON-1": "Sandbox Bank", "CON-2": "Sandbox Brokers"}
HOLDINGS = (("VTI", "Total Market ETF", "12.5", 24_000), ("BND", "Bond Market ETF", "40", 7_200))


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment: bought on a day, and posted on a later one, or never."""

    id: str
    payee: str
    mcc: str
    bought: date
    posted: date | None
    ends: date
    authorised: Decimal
    amount: Decimal

    def state(self, today: date) -> str:
        """Return whether it is booked, pending, or not there."""
        if self.bought > today:
            return ""
        if self.posted is not None and self.posted <= today:
            return "booked"
        return "pending" if today < self.ends else ""


class Fact(NamedTuple):
    """What is true of a payment at a moment, whatever a bank calls it."""

    day: date
    amount: Decimal
    payee: str
    is_pending: bool


@lru_cache(maxsize=4096)
def payments_of(seed: str, plan: Plan, day: date) -> tuple[Payment, ...]:
    """Return what is bought on a day."""
    chance = random.Random(f"{seed}/{plan.id}/{day}")  # noqa: S311  # nothing is secret
    found = list[Payment]()
    for shop in plan.shops:
        if chance.randrange(100) >= shop.share:
            continue
        found.append(_payment(f"T{day:%y%m%d}{plan.id[-1]}{len(found)}", shop, day, chance))
        if shop.least == shop.most and chance.randrange(4) == 0:
            # The same once more: two payments that only their ids tell apart.
            found.append(_payment(f"T{day:%y%m%d}{plan.id[-1]}{len(found)}", shop, day, chance))
    return tuple(found)


def _payment(id: str, shop: Shop, day: date, chance: random.Random) -> Payment:
    amount = Decimal(chance.randint(shop.least, shop.most)).scaleb(-2)
    waits = chance.choice([0, 0, 1, 2, 3]) if shop.mcc else 0
    is_dropped = bool(waits) and chance.randrange(12) == 0
    has_tip = shop.mcc == "5812" and bool(waits)
    posted = day + waits * ONE_DAY
    return Payment(
        id=id,
        payee=shop.payee,
        mcc=shop.mcc,
        bought=day,
        posted=None if is_dropped else posted,
        ends=posted,
        authorised=round(amount / Decimal("1.2"), 2) if has_tip else amount,
        amount=amount,
    )


@dataclass(slots=True)
class Bank:
    """A customer of the simulated bank. Troubles last until they are taken out of `troubles`.

    `generation` counts how often ids of transactions were issued again, and `links` how often the
    accounts were connected anew, under other ids.
    """

    seed: str
    opened: date
    troubles: set[Trouble] = field(default_factory=set)
    consent_until: datetime | None = None
    generation: int = 0
    links: int = 0

    def truth(self, now: datetime) -> Mapping[str, Sequence[Fact]]:
        """Return what is true of each account, by its name: booked payments, and pending ones."""
        today = now.astimezone(UTC).date()
        return {
            plan.name: sorted(self._facts(plan, today))
            for plan in PLANS
            if not self._is_closed(plan)
        }

    def balance(self, plan: Plan, today: date) -> Decimal:
        """Return what an account has in the evening of a day, without what is pending."""
        booked = (
            each.amount for each in self._payments(plan, today) if each.state(today) == "booked"
        )
        return sum(booked, plan.opening)

    def accounts(self, now: datetime, first: date, last: date) -> list[dict[str, Any]]:
        """Return the accounts with their transactions from one day to another, as JSON."""
        today = now.astimezone(UTC).date()
        return [
            self._account(plan, now, self._listed(plan, today, first, last))
            for plan in PLANS
            if not self._is_closed(plan)
        ]

    def account_id(self, plan: Plan) -> str:
        links = self.links + (Trouble.RELINKED in self.troubles)
        return f"{plan.id}-R{links}" if links else plan.id

    def _is_closed(self, plan: Plan) -> bool:
        return plan is PLANS[1] and Trouble.ACCOUNT_CLOSED in self.troubles

    def _payments(self, plan: Plan, today: date) -> Iterator[Payment]:
        for number in range((today - self.opened).days + 1):
            yield from payments_of(self.seed, plan, self.opened + number * ONE_DAY)

    def _facts(self, plan: Plan, today: date) -> Iterator[Fact]:
        for each in self._payments(plan, today):
            state = each.state(today)
            if state == "booked":
                yield Fact(self._posted(each), each.amount, each.payee, False)
            elif state:
                yield Fact(each.bought, each.authorised, each.payee, True)

    def _posted(self, payment: Payment) -> date:
        """Return the day on which a payment is booked; some are moved afterwards, by a day."""
        assert payment.posted is not None
        is_moved = Trouble.DAYS_MOVED in self.troubles and payment.id.endswith(("31", "30"))
        return payment.posted - ONE_DAY if is_moved else payment.posted

    def _listed(self, plan: Plan, today: date, first: date, last: date) -> list[dict[str, Any]]:
        rows = list[dict[str, Any]]()
        for each in self._payments(plan, today):
            state = each.state(today)
            day = self._posted(each) if state == "booked" else each.bought
            if state and first <= day <= last:
                rows.append(self._row(each, day, is_pending=state == "pending"))
        return rows[1::2] if Trouble.DATA_MISSING in self.troubles and plan is PLANS[2] else rows

    def _row(self, payment: Payment, day: date, *, is_pending: bool) -> dict[str, Any]:
        generation = self.generation + (Trouble.IDS_REISSUED in self.troubles)
        suffix = f"-G{generation}" if generation else ""
        row: dict[str, Any] = {
            "id": f"P{payment.id[1:]}" if is_pending else f"{payment.id}{suffix}",
            "posted": 0 if is_pending else noon(day),
            "transacted_at": noon(payment.bought),
            "amount": str(payment.authorised if is_pending else payment.amount),
            "description": f"{payment.payee} {payment.mcc}".strip().upper(),
            "payee": payment.payee,
            "memo": "",
        }
        row |= {"pending": True} if is_pending else {}
        return row | ({"mcc": payment.mcc} if payment.mcc else {})

    def _account(
        self, plan: Plan, now: datetime, rows: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        balance = str(self.balance(plan, now.astimezone(UTC).date()))
        name = CONNECTIONS[plan.connection]
        return {
            "org": {"domain": f"{plan.connection.lower()}.sandbox.invalid", "name": name},
            "conn_id": plan.connection,
            "id": self.account_id(plan),
            "name": plan.name,
            "currency": "USD",
            "balance": balance,
            "available-balance": balance,
            "balance-date": int(now.timestamp()),
            "transactions": rows,
            "holdings": [_holding(*each) for each in HOLDINGS] if plan.has_holdings else [],
        }


def _holding(symbol: str, name: str, shares: str, price: int) -> Mapping[str, str]:
    return {
        "id": f"HOL-{symbol}",
        "symbol": symbol,
        "description": name,
        "shares": shares,
        "market_value": str(round(Decimal(shares) * price / 100, 2)),
        "cost_basis": "0.00",
        "currency": "",
    }


def noon(day: date) -> int:
    """Return noon of a day in UTC: so the day is the same in almost all zones."""
    return int(datetime.combine(day, time(12), UTC).timestamp())
