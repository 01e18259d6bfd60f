"""Directions in a column of their own, whatever it is called."""

from dataclasses import replace

import pytest

from tests.adapters.statements.csv.reading import (
    EUROS,
    amounts_of,
    asked,
    columns_of,
    profile_of,
    reasons_of,
)

ASKING = replace(EUROS, charges_positive=None)
DAY = "2026-03-13"


def two(debit: str, credit: str, *, heading: str = "", amounts: str = "1.50;2.50") -> str:
    out, in_ = amounts.split(";")
    return f"Date,Payee,Amount,{heading}\n{DAY},A,{out},{debit}\n{DAY},B,{in_},{credit}\n"


class TestWords:
    @pytest.mark.parametrize("heading", ["", "Merkmal", "D/C"])
    @pytest.mark.parametrize(
        ("debit", "credit"),
        [
            ("D", "C"),
            ("D", "K"),
            ("D", "A"),
            ("S", "H"),
            ("Dt", "Kt"),
            ("Wn", "Ma"),
            ("MD", "D"),
            ("Debet", "Credit"),
            ("Debe", "Haber"),
            ("Af", "Bij"),
            ("Uit", "In"),
            ("-", "+"),
            ("дебет", "кредит"),
        ],
    )
    @pytest.mark.parametrize("answer", [None, True, False])
    def test_decide_whatever_the_heading_and_the_answer_are(
        self, debit: str, credit: str, heading: str, answer: bool | None
    ) -> None:
        text = two(debit, credit, heading=heading)

        assert amounts_of(text, replace(EUROS, charges_positive=answer)) == ["-1.50", "2.50"]

    def test_of_another_kind_decide_nothing(self) -> None:
        assert asked(two("food", "D"), ASKING)
        assert asked(two("P", "Q"), ASKING)

    def test_are_not_looked_for_where_amounts_have_signs(self) -> None:
        text = two("C", "D", amounts="-1.50;2.50")

        assert amounts_of(text, ASKING) == ["-1.50", "2.50"]
        assert "direction" not in columns_of(text)

    def test_apply_to_the_next_file(self) -> None:
        saved = replace(ASKING, csv_profiles=[profile_of(two("D", "K", heading="X"), ASKING)])

        assert amounts_of(two("D", "D", heading="X"), saved) == ["-1.50", "-2.50"]


class TestMarks:
    @pytest.mark.parametrize(("debit", "credit"), [("", "CR"), ("DR", ""), ("", "+"), ("-", "")])
    def test_of_one_direction_leave_the_other_to_rows_without(
        self, debit: str, credit: str
    ) -> None:
        assert amounts_of(two(debit, credit, heading="D/C"), ASKING) == ["-1.50", "2.50"]

    def test_of_both_leave_nothing_to_rows_without(self) -> None:
        text = two("D", "C", heading="D/C") + f"{DAY},C,3.50,\n"

        assert reasons_of(text) == {4: "the direction is neither debit nor credit"}


def test_signs_that_all_contradict_say_what_is_owed() -> None:
    text = two("Debit", "Credit", heading="Debit/Credit", amounts="1.50;-2.50")

    assert amounts_of(text, ASKING) == ["-1.50", "2.50"]


class TestKinds:
    HEAD = "Date,Transaction Type,Description,Amount,Currency\n"
    ROWS = (
        "2026-03-13,Purchase,SHOP,12.50,EUR\n2026-03-14,Refund,SHOP,5.00,EUR\n"
        "2026-03-15,Purchase,FUEL,40.00,EUR\n2026-03-16,Payment,BANK,47.50,EUR\n"
    )

    @pytest.mark.parametrize("answer", [None, True, False])
    def test_decide_amounts_without_a_sign(self, answer: bool | None) -> None:
        hints = replace(EUROS, charges_positive=answer)

        assert amounts_of(self.HEAD + self.ROWS, hints) == ["-12.50", "5.00", "-40.00", "47.50"]

    def test_decide_in_other_languages(self) -> None:
        text = (
            "Datum;Umsatzart;Text;Betrag\n13.03.2026;Kauf;A;12,50\n14.03.2026;Gutschrift;A;5,00\n"
        )

        assert amounts_of(text, ASKING) == ["-12.50", "5.00"]

    def test_decide_the_next_file_though_it_has_purchases_alone(self) -> None:
        saved = replace(ASKING, csv_profiles=[profile_of(self.HEAD + self.ROWS, ASKING)])
        text = f"{self.HEAD}2026-04-13,Purchase,SHOP,3.00,EUR\n"

        assert amounts_of(text, saved) == ["-3.00"]

    @pytest.mark.parametrize("kind", ["Transfer", "Deposit", ""])
    def test_decide_nothing_beside_one_that_may_go_either_way(self, kind: str) -> None:
        assert asked(f"{self.HEAD}{self.ROWS}2026-03-17,{kind},X,1.00,EUR\n", ASKING)

    def test_of_purchases_alone_decide_nothing(self) -> None:
        assert asked(f"{self.HEAD}2026-03-13,Purchase,SHOP,12.50,EUR\n", ASKING)

    def test_say_that_charges_have_no_minus_though_most_amounts_have_one(self) -> None:
        text = (
            "Date,Description,Type,Amount\n2026-03-13,SHOP,Purchase,23.10\n"
            "2026-03-14,ACH,Payment,-400.00\n2026-03-15,SHOP,Credit,-50.00\n"
        )

        assert amounts_of(text, ASKING) == ["-23.10", "400.00", "50.00"]

    def test_leave_signs_that_agree_with_them_alone(self) -> None:
        text = (
            "Date,Description,Type,Amount\n2026-03-13,SHOP,Purchase,-23.10\n"
            "2026-03-14,ACH,Payment,400.00\n2026-03-15,FUEL,Purchase,-50.00\n"
        )

        assert amounts_of(text, ASKING) == ["-23.10", "400.00", "-50.00"]
