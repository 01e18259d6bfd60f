"""Balances beside rows: those that follow, those that do not, and rows that are none."""

import pytest

from domain.ledger.values import Reconciliation
from tests.adapters.statements.csv.reading import EUROS, reasons_of, statement_of

BALANCED, UNBALANCED, UNKNOWN = (
    Reconciliation.BALANCED,
    Reconciliation.UNBALANCED,
    Reconciliation.UNKNOWN,
)
DOES_NOT_FOLLOW = "the balance beside the row does not follow from its amount"


def text_of(*rows: str) -> str:
    return "Date,Description,Amount,Balance\n" + "".join(f"2026-03-{row}\n" for row in rows)


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        (["13,A,-3,97", "14,B,-2,95", "15,C,5,100"], BALANCED),
        (["15,C,5,100", "14,B,-2,95", "13,A,-3,97"], BALANCED),
        # In another order on one day, or in none at all.
        (["13,A,-3,93", "13,B,-4,96", "14,C,-5,88"], BALANCED),
        (["15,C,5,100", "13,A,-3,97", "14,B,-2,95"], BALANCED),
        # Of the last row of each day alone, or of the day beside each row of it.
        (["13,A,-3,", "13,B,-2,95", "14,C,-5,", "14,D,1,91"], BALANCED),
        (["13,A,-3,95", "13,B,-2,95", "14,C,-5,90"], BALANCED),
        (["13,A,-3,", "13,B,-2,95", "14,C,-5,", "14,D,1,92"], UNBALANCED),
        (["13,A,-3,95", "13,B,-2,95", "14,C,-5,91"], UNBALANCED),
        # One row does not follow, or none does.
        (["13,A,-3,97", "14,B,-2,94", "15,C,5,99"], UNBALANCED),
        (["13,A,-3,97", "14,B,-2,50"], UNBALANCED),
        (["14,A,-3,97", "13,B,-2,50", "15,C,-9,10"], UNBALANCED),
        # Only against the dates.
        (["13,A,5,80", "14,B,5,75", "15,C,9,70"], UNBALANCED),
        # The balance of today beside each row says nothing of the others.
        (["13,A,-3,97", "14,B,-2,97", "15,C,5,97"], UNKNOWN),
        (["13,A,-3,97", "14,B,-2,", "15,C,5,"], UNKNOWN),
    ],
)
def test_balances_are_compared(rows: list[str], state: Reconciliation) -> None:
    assert statement_of(text_of(*rows)).reconciliation is state


def test_rows_whose_contradictions_cancel_out_are_quarantined() -> None:
    text = text_of("13,A,-3,97", "14,B,-2,90", "15,C,-5,90", "16,D,-1,89")

    assert reasons_of(text) == {3: DOES_NOT_FOLLOW, 4: DOES_NOT_FOLLOW}
    assert [row.description for row in statement_of(text).rows] == ["A", "D"]


class TestNewestWithoutBalance:
    STATED = ("13,A,-3,97", "14,B,-2,95")
    PENDING = ("14,C,-5,", "15,D,-6,")

    @pytest.mark.parametrize("step", [1, -1])
    def test_are_pending(self, step: int) -> None:
        statement = statement_of(text_of(*(*self.STATED, *self.PENDING)[::step]))

        pending = {row.description: row.pending for row in statement.rows}
        assert pending == {"A": False, "B": False, "C": True, "D": True}
        assert statement.reconciliation is BALANCED

    @pytest.mark.parametrize(
        "rows",
        [
            # Older rows lack a balance, or some between do.
            ["13,A,-3,", "14,B,-2,95", "15,C,5,100"],
            ["13,A,-3,97", "14,B,-2,", "15,C,5,100", "16,D,-1,"],
            # The others do not follow, or a single one says nothing.
            ["13,A,-3,97", "14,B,-2,90", "15,C,5,"],
            ["13,A,-3,97", "14,B,-2,"],
        ],
    )
    def test_are_booked_if_too_little_is_said(self, rows: list[str]) -> None:
        assert not any(row.pending for row in statement_of(text_of(*rows)).rows)

    def test_are_what_their_status_says(self) -> None:
        rows = "2026-03-13,A,-3,97,Booked\n2026-03-14,B,-2,95,Booked\n2026-03-15,C,5,,Booked\n"

        statement = statement_of("Date,Description,Amount,Balance,Status\n" + rows)

        assert not any(row.pending for row in statement.rows)


class TestTotals:
    HEAD = "Date,Description,Amount\n2026-03-13,SHOP,-12.50\n2026-03-14,BOSS,100.00\n"

    @pytest.mark.parametrize("total", ["87.50", "-12.50", "100.00", "12.50"])
    @pytest.mark.parametrize("name", ["Total", "SUMME", "Razem", "Итого"])
    def test_are_no_rows(self, name: str, total: str) -> None:
        statement = statement_of(f"{self.HEAD}2026-03-14,{name},{total}\n")

        assert [row.description for row in statement.rows] == ["SHOP", "BOSS"]
        assert statement.complete

    def test_are_rows_if_they_are_no_sum(self) -> None:
        assert len(statement_of(f"{self.HEAD}2026-03-14,TOTAL,-40.00\n").rows) == 3

    def test_of_a_day_are_no_rows(self) -> None:
        assert len(statement_of(f"{self.HEAD}2026-03-14,Tagessaldo,87.50\n").rows) == 2


def test_balances_with_directions_behind_the_rows_are_known_by_any_text() -> None:
    text = (
        "Buchungstag;Empfänger;Verwendungszweck;Referenz;Umsatz;\n"
        "15.01.2026;Ich;Salary;;2.000,00;H\n02.01.2026;Cafe;Coffee;;5,00;S\n"
        "01.01.2026;;;Anfangssaldo;100,00;H\n31.01.2026;;;Endsaldo;2.095,00;H\n"
    )

    statement = statement_of(text, EUROS)

    assert [f"{row.amount.amount}" for row in statement.rows] == ["2000.00", "-5.00"]
    assert statement.reconciliation is BALANCED
