"""However a bank's books are cut into statements, the ledger agrees with the bank's balances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

from asgiref.sync import async_to_sync
from hypothesis import given, settings
from hypothesis import strategies as st

from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.transactions import DeleteTransaction
from domain.ledger.imports import ImportRequest, StatementImport, StatementOutcome
from domain.ledger.values import Reconciliation
from domain.shared.ids import UserId, new_id
from domain.shared.result import Success
from tests.application.conftest import Application
from tests.camt import balance, entry, message, statement

FIRST = date(2026, 3, 1)
#: What the bank books, day by day: some days nothing, some amounts again and again.
AMOUNTS = st.sampled_from(["-3.50", "-3.50", "-12.00", "250.00", "-0.01", "12.00"]).map(Decimal)


@dataclass(frozen=True)
class Bank:
    """An account as the bank keeps it: all bookings in order, and what was there before."""

    bookings: Sequence[tuple[date, Decimal]]
    before: Decimal = Decimal(1000)

    def balance(self, count: int) -> Decimal:
        """Return the balance after so many bookings."""
        return sum((amount for _, amount in self.bookings[:count]), self.before)

    def file(self, first: int, last: int) -> bytes:
        """Return a statement of the bookings from one to before another."""
        rows = [self._entry(number) for number in range(first, last)]
        opens, closes = self.bookings[first][0], self.bookings[last - 1][0]
        stated = statement(
            *rows,
            balances=balance("OPBD", str(self.balance(first)), day=str(opens))
            + balance("CLBD", str(self.balance(last)), day=str(closes)),
        )
        stated = stated.replace("<FrDtTm>2026-03-01T", f"<FrDtTm>{opens}T")
        return message(stated.replace("<ToDtTm>2026-03-31T", f"<ToDtTm>{closes}T"))

    def _entry(self, number: int) -> str:
        day, amount = self.bookings[number]
        direction = "DBIT" if amount < 0 else "CRDT"
        return entry(
            f"<Amt Ccy='EUR'>{abs(amount)}</Amt><CdtDbtInd>{direction}</CdtDbtInd>"
            f"<Sts>BOOK</Sts><BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>R{number}</AcctSvcrRef>"
        )


@st.composite
def banks(draw: st.DrawFn) -> Bank:
    days = draw(st.lists(st.lists(AMOUNTS, max_size=4), min_size=2, max_size=8))
    bookings = [
        (FIRST + timedelta(days=number), amount)
        for number, amounts in enumerate(days)
        for amount in amounts
    ]
    return Bank(bookings or [(FIRST, Decimal(1))])


@st.composite
def histories(draw: st.DrawFn) -> tuple[Bank, list[tuple[int, int]]]:
    """Draw a bank and statements in any order: all days, some of them more than once."""
    bank = draw(banks())
    days = [day for day, _ in bank.bookings]
    ends = [place for place, (day, after) in enumerate(pairwise(days), 1) if day != after]
    between = draw(st.lists(st.sampled_from(ends), max_size=5)) if ends else []
    cuts = sorted({0, len(days), *between})
    parts = list(pairwise(cuts))
    pairs = st.tuples(st.sampled_from(cuts), st.sampled_from(cuts))
    more = draw(st.lists(pairs.filter(lambda pair: pair[0] < pair[1]), max_size=3))
    chance = draw(st.randoms(use_true_random=False))
    statements = [*parts, *more]
    assert isinstance(chance, Random)
    chance.shuffle(statements)
    return bank, statements


@settings(max_examples=100, deadline=None)
@given(histories())
def test_all_stretches_are_balanced_in_the_end(
    history: tuple[Bank, list[tuple[int, int]]],
) -> None:
    bank, cuts = history
    app, user = Application(), UserId(new_id())

    async_to_sync(import_all)(app, user, [bank.file(*each) for each in cuts])

    assert {each.ledger.state for each in _outcomes(app)} == {Reconciliation.BALANCED}


@settings(max_examples=100, deadline=None)
@given(histories(), st.integers(0))
def test_a_deleted_transaction_unbalances_its_stretches_by_its_amount(
    history: tuple[Bank, list[tuple[int, int]]], number: int
) -> None:
    bank, cuts = history
    app, user = Application(), UserId(new_id())
    async_to_sync(import_all)(app, user, [bank.file(*each) for each in cuts])
    booked = sorted(app.store.transactions.values(), key=lambda each: each.provider_id or "")
    deleted = booked[number % len(booked)]

    async_to_sync(app.use(DeleteTransaction))(transaction_id=deleted.id, user_id=user)

    unbalanced = [each.ledger for each in _outcomes(app) if each.ledger.is_unbalanced]
    assert unbalanced
    assert {each.difference for each in unbalanced} == {deleted.amount}
    assert all(
        each.first_day and each.last_day and each.first_day <= deleted.booking_date <= each.last_day
        for each in unbalanced
    )


async def import_all(app: Application, user: UserId, files: Sequence[bytes]) -> None:
    for content in files:
        await _import(app, user, content)


async def _import(app: Application, user: UserId, content: bytes) -> StatementImport:
    done = await app.use(ImportPipeline)(
        ImportRequest(user_id=user, file_name="x.xml", content=content)
    )
    assert isinstance(done, Success)
    return done.value


def _outcomes(app: Application) -> list[StatementOutcome]:
    active = [each for each in app.store.imports.values() if each.undone_at is None]
    return [outcome for each in active for outcome in each.statements]
