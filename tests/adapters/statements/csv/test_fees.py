"""Fees beside amounts: the balances decide, the net amounts decide, or it is asked."""

from dataclasses import replace

import pytest

from domain.ledger.hints import CsvColumn, ReadingHints
from domain.ledger.questions import Asked, Question
from domain.ledger.values import Reconciliation
from tests.adapters.statements.csv.reading import (
    EUROS,
    amounts_of,
    asked,
    columns_of,
    reasons_of,
    row_of,
    statement_of,
)

ON_TOP, INCLUDED = replace(EUROS, fees_included=False), replace(EUROS, fees_included=True)
BOTH = "Date,Payee,Amount,Fee\n2026-03-13,A,-100.00,2.00\n2026-03-14,B,50.00,0.00\n"


class TestBalances:
    @pytest.mark.parametrize(
        ("rows", "amounts"),
        [
            (["-100.00,2.00,900.00", "-50.00,1.00,850.00"], ["-100.00", "-50.00"]),
            (["-100.00,2.00,898.00", "-50.00,1.00,847.00"], ["-102.00", "-51.00"]),
            (["-100.00,-2.00,898.00", "50.00,-1.00,947.00"], ["-102.00", "49.00"]),
            (["-100.00,2.00,898.00", "50.00,-1.00,949.00", "-9.00,1.00,939.00"], None),
        ],
        ids=["included", "on top", "with a minus", "paid back"],
    )
    @pytest.mark.parametrize("hints", [EUROS, ON_TOP, INCLUDED])
    @pytest.mark.parametrize("is_down", [True, False])
    def test_decide(
        self, rows: list[str], amounts: list[str] | None, hints: ReadingHints, is_down: bool
    ) -> None:
        lines = [f"2026-03-{13 + at},A,{row}\n" for at, row in enumerate(rows)]
        text = "Date,Payee,Amount,Fee,Balance\n" + "".join(lines if is_down else lines[::-1])

        statement = statement_of(text, hints)

        assert statement.reconciliation is Reconciliation.BALANCED
        if amounts:
            found = [f"{row.amount.amount:f}" for row in statement.rows]
            assert found == (amounts if is_down else amounts[::-1])

    def test_decide_where_amounts_lack_signs(self) -> None:
        text = (
            "Date,Amount,Fee,Balance\n2026-03-12,0,0,1000.00\n2026-03-13,100.00,2.00,898.00\n"
            "2026-03-14,50.00,0.00,948.00\n"
        )

        assert amounts_of(text, replace(EUROS, charges_positive=None)) == ["0", "-102.00", "50.00"]

    def test_decide_beside_debits_and_credits(self) -> None:
        text = (
            "Date,Debit,Credit,Fee,Balance\n2026-03-12,10.00,,0,1000.00\n"
            "2026-03-13,100.00,,2.00,898.00\n2026-03-14,,50.00,1.00,947.00\n"
        )

        assert amounts_of(text) == ["-10.00", "-102.00", "49.00"]


class TestNets:
    @pytest.mark.parametrize(
        ("head", "row"),
        [
            ("Amount,Fee,Net", "100.00,3.20,96.80"),
            ("Gross,Fee,Net", "100.00,-3.20,96.80"),
            ("Net,Fee,Gross", "96.80,3.20,100.00"),
            ("Amount,Fee,X", "100.00,3.20,96.80"),
            ("Amount,Fee,Gross", "96.80,3.20,100.00"),
        ],
    )
    def test_are_what_the_account_gets(self, head: str, row: str) -> None:
        text = f"Date,{head}\n2026-03-13,{row}\n2026-03-14,-20.00,0.00,-20.00\n"

        assert amounts_of(text) == ["96.80", "-20.00"]

    def test_without_signs_must_be_called_so(self) -> None:
        paid = "Date,Amount,Fee,{}\n2026-03-13,100.00,3.20,{}\n"
        positive = replace(EUROS, charges_positive=True)

        assert amounts_of(paid.format("Total", "103.20"), positive) == ["-103.20"]
        assert amounts_of(paid.format("Net", "96.80"), positive) == ["-96.80"]
        assert [each.field for each in asked(paid.format("X", "103.20"), positive)] == [
            Asked.FEES_INCLUDED
        ]


class TestQuestions:
    def test_name_their_columns(self) -> None:
        assert asked(BOTH) == [
            Question(
                field=Asked.FEES_INCLUDED,
                reason="It is not clear whether the amounts under “Amount” include what is under"
                " “Fee”, or whether it comes on top: say whether fees are included.",
                options=["true", "false"],
                columns=["Amount", "Fee"],
                examples=["-100.00 · 2.00"],
            )
        ]

    def test_are_answered_by_a_hint(self) -> None:
        assert amounts_of(BOTH, INCLUDED) == ["-100.00", "50.00"]
        assert amounts_of(BOTH, ON_TOP) == ["-102.00", "50.00"]

    def test_are_asked_together(self) -> None:
        text = "Date,Amount,Fee\n2026-03-13,100.00,2.00\n"

        fields = [each.field for each in asked(text, replace(EUROS, charges_positive=None))]
        assert fields == [Asked.FEES_INCLUDED, Asked.CHARGES_POSITIVE]

    def test_are_not_asked_without_a_fee(self) -> None:
        text = BOTH.replace("2.00", "0.00")

        assert amounts_of(text) == ["-100.00", "50.00"]
        assert CsvColumn.FEE.value not in columns_of(text)

    @pytest.mark.parametrize("name", ["Fees", "Gebühr", "Frais", "Comisión", "Prowizja", "手数料"])
    def test_are_about_fees_of_many_languages(self, name: str) -> None:
        assert asked(BOTH.replace("Fee", name))[0].columns == ["Amount", name]


class TestRows:
    def test_show_the_fee_that_they_have(self) -> None:
        text = "Date,Payee,Amount,Fee,Transaction ID\n2026-03-13,A,-100.00,2.00,T1\n"

        row = row_of(text, ON_TOP)

        assert (row.provider_id, row.raw["Fee"]) == ("T1", "2.00")

    def test_with_an_unreadable_fee_are_quarantined(self) -> None:
        text = BOTH + "2026-03-15,C,-1.00,some\n2026-03-15,C,-1.00 EUR,1.00 USD\n"

        assert reasons_of(text, ON_TOP) == {
            4: "the fee is not a number",
            5: "the fee is in another currency than the amount",
        }
