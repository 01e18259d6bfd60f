"""Stated and derived balances, net worth and exports agree with a model of a few lines."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from asgiref.sync import async_to_sync
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ledger.balances import BalanceSource
from domain.ledger.kinds import AccountKind, BalanceKind
from domain.ledger.net_worth import NetWorthRange
from domain.shared.ids import AccountId
from domain.shared.money import Money
from tests.application.worlds import Fakes
from tests.fakes import Store
from tests.random_ledgers import (
    AStatement,
    Found,
    find,
    import_file,
    kinds,
    make_accounts,
    periods,
    statements,
)


@dataclass(frozen=True)
class Model:
    """The files of one account, in the order in which they were imported."""

    kind: AccountKind
    files: Sequence[AStatement]

    def currencies(self) -> set[str]:
        rows = {money.currency for money, *_ in self._rows()}
        return rows | {each for each in ("EUR", "USD") if self._stated(each)}

    def balance(self, currency: str, day: int) -> tuple[Decimal, int] | None:
        """Return what the account has at the end of a day of March, and when that was stated."""
        stated = self._stated(currency)
        if not stated:
            return None
        before = [each for each in stated if each <= day]
        known = max(before) if before else min(stated)
        amount = stated[known]
        for money, booked in self._rows():
            if money.currency == currency:
                amount += money.amount * ((known < booked <= day) - (day < booked <= known))
        return amount, known

    def _stated(self, currency: str) -> dict[int, Decimal]:
        by_kind: dict[BalanceKind, dict[int, Decimal]] = defaultdict(dict)
        for file in self.files:
            for kind, money, day in dict.fromkeys(() if file.undone else file.balances):
                if money.currency == currency:
                    by_kind[kind][day] = money.amount
        found = by_kind[BalanceKind.BOOKED]
        if not found and self.kind is AccountKind.INVESTMENT:
            return by_kind[BalanceKind.AVAILABLE]
        return found

    def _rows(self) -> list[tuple[Money, int]]:
        return [
            (money, day)
            for file in self.files
            for money, day, is_pending, is_deleted in file.rows
            if not is_pending and not is_deleted
        ]


@settings(max_examples=500, deadline=None)
@given(st.lists(kinds, min_size=1, max_size=3), st.lists(statements, max_size=6), periods)
def test_balances_are_those_of_the_model(
    kinds: list[AccountKind], files: list[AStatement], period: NetWorthRange
) -> None:
    async_to_sync(_compare)(kinds, files, period)


async def _compare(
    kinds: list[AccountKind], files: list[AStatement], period: NetWorthRange
) -> None:
    world = Fakes(Store()).world
    accounts = await make_accounts([world], kinds)
    for file in files:
        await import_file([world], accounts[file.account % len(accounts)], file)
    models = {
        account.id: Model(kind, [file for file in files if file.account % len(kinds) == n])
        for n, (account, kind) in enumerate(zip(accounts, kinds, strict=True))
    }
    found = await find(world, accounts[0].user_id, period)
    _agrees_by_day(found, models, period)
    _agrees_in_sum(found, models, period)
    _agrees_in_exports(found, models)


Models = Mapping[AccountId, Model]


def _agrees_by_day(found: Found, models: Models, period: NetWorthRange) -> None:
    expected = {
        (account_id, day, currency): model.balance(currency, _number(day))
        for account_id, model in models.items()
        for currency in model.currencies()
        for day in period
    }
    seen = {(each.account_id, each.day, each.currency): each for each in found.balances}
    assert seen.keys() == expected.keys()
    for key, known in expected.items():
        balance = seen[key]
        if known is None:
            assert (balance.source, balance.amount) == (BalanceSource.UNKNOWN, None)
            continue
        is_stated = known[1] == _number(balance.day)
        assert balance.amount == known[0]
        assert balance.source is (BalanceSource.STATED if is_stated else BalanceSource.DERIVED)
        assert balance.stated_on == date(2026, 3, known[1])


def _agrees_in_sum(found: Found, models: Models, period: NetWorthRange) -> None:
    sums: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for each in found.balances:
        sums[each.day, each.currency] += each.amount or 0
    cash = {(each.day, each.currency): each.cash for each in found.net_worth.items}
    assert {key for key, amount in sums.items() if amount} <= cash.keys()
    assert all(cash[key] == sums.get(key, 0) for key in cash)
    unknown = {(each.account_id, each.currency) for each in found.balances if each.amount is None}
    left_out = set(found.net_worth.unknown_accounts)
    assert {each for each in unknown if each[0] not in left_out} == set(
        found.net_worth.unknown_currencies
    )


def _agrees_in_exports(found: Found, models: Models) -> None:
    for each in found.ledger.accounts:
        model, currency = models[each.account.id], each.currency
        closing = model.balance(currency, _number(each.last_day))
        assert (each.closing and each.closing.amount) == (closing and closing[0])
        for stated in each.balances:
            day = _number(stated.day)
            assert model.balance(currency, day) == (stated.money.amount, day)


def _number(day: date) -> int:
    return day.toordinal() - date(2026, 2, 28).toordinal()
