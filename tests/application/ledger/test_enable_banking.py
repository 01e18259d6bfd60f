"""Documents of Enable Banking on their way into the ledger, one day after another."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from adapters.statements.enable_banking import EnableBankingReader
from dashtam.application.ledger.import_pipeline import ImportPipeline
from domain.ledger.imports import ImportRequest, StatementOutcome
from domain.ledger.values import Reconciliation, Removal
from domain.shared.ids import UserId, new_id
from domain.shared.result import Success
from tests.application.conftest import Application
from tests.enable_banking_answers import balance_of, document, entry_of
from tests.ports import with_ports

FIRST = date(2026, 1, 1)


class Ledger:
    """A user whose account is read each day."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._user = UserId(new_id())
        self._day = date(2026, 3, 31)

    async def fetch(self, *rows: Any, balances: Sequence[Any] = ()) -> StatementOutcome:
        """Import what the bank lists on the next day."""
        self._day += timedelta(days=1)
        retrieval = {
            "first_day": FIRST.isoformat(),
            "last_day": self._day.isoformat(),
            "complete": True,
            "retrieved_at": f"{self._day}T09:00:00+00:00",
        }
        content = document(*rows, balances=balances, retrieval=retrieval)
        reading = with_ports(self._app.use_cases, statement_readers=[EnableBankingReader()])
        done = await reading.use(ImportPipeline)(
            ImportRequest(user_id=self._user, file_name="enable-banking.json", content=content)
        )
        assert isinstance(done, Success), done
        (outcome,) = done.value.statements
        return outcome

    @property
    def states(self) -> list[tuple[str, bool, Removal | None]]:
        """The transactions that there are or were: amount, whether pending, and why removed."""
        return sorted(
            (each.amount.digits, each.status == "pending", each.removal)
            for each in self._app.store.transactions.values()
        )


@pytest.fixture
def ledger(app: Application) -> Ledger:
    return Ledger(app)


def pending(amount: str, reference: str | None = "P1", **members: Any) -> dict[str, Any]:
    entry = entry_of(amount, reference, status="PDNG", booking_date=None, value_date=None)
    return {**entry, "transaction_date": "2026-03-13", **members}


async def test_what_is_listed_again_is_the_same(ledger: Ledger) -> None:
    rows = [entry_of("-1.00", "E1"), entry_of("-2.00", None), entry_of("-2.00", None)]
    await ledger.fetch(*rows)

    again = await ledger.fetch(*({**row, "transaction_id": "new"} for row in rows[::-1]))

    assert (again.new, len(ledger.states)) == (0, 3)


async def test_what_was_pending_is_booked(ledger: Ledger) -> None:
    await ledger.fetch(pending("-5.00"))

    await ledger.fetch(entry_of("-5.00", "E9"))

    assert ledger.states == [("-5.00", False, None)]


async def test_what_is_pending_no_longer_is_withdrawn_until_it_is_listed_again(
    ledger: Ledger,
) -> None:
    booked = entry_of("-1.00", "E1")
    await ledger.fetch(booked, pending("-5.00"))

    await ledger.fetch(booked)

    assert ledger.states == [("-1.00", False, None), ("-5.00", True, Removal.EXPIRED)]
    await ledger.fetch(booked, pending("-5.00"))
    assert ledger.states == [("-1.00", False, None), ("-5.00", True, None)]


async def test_what_the_bank_rejects_is_withdrawn(ledger: Ledger) -> None:
    await ledger.fetch(pending("-5.00"))

    await ledger.fetch(pending("-5.00", status="RJCT"))

    assert ledger.states == [("-5.00", True, Removal.EXPIRED)]


async def test_ids_that_a_bank_has_changed_add_nothing(ledger: Ledger) -> None:
    days = [date(2026, 2, 1) + timedelta(days=number) for number in range(20)]
    rows = [
        entry_of(f"-{number + 1}.00", f"old-{number}", booking_date=day.isoformat())
        for number, day in enumerate(days)
    ]
    await ledger.fetch(*rows)

    again = await ledger.fetch(
        *({**row, "entry_reference": f"new-{number}"} for number, row in enumerate(rows))
    )

    assert (again.new, len(ledger.states)) == (0, 20)


async def test_balances_of_two_days_are_reconciled(ledger: Ledger) -> None:
    await ledger.fetch(entry_of("-1.00"), balances=[balance_of("CLBD", "9.00")])

    done = await ledger.fetch(
        entry_of("-1.00"),
        entry_of("-4.00", "E2", booking_date="2026-04-01"),
        balances=[balance_of("CLBD", "5.00", "2026-04-01")],
    )

    assert done.ledger.state is Reconciliation.BALANCED
