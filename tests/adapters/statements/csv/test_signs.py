"""Amounts without a sign: what a running balance reveals, and what has to be asked."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.hints import CsvProfile, DateOrder, ReadingHints
from domain.ledger.kinds import AccountKind
from tests.adapters.statements.csv.reading import (
    EUROS,
    amounts_of,
    profile_of,
    question,
    reasons_of,
    rows_of,
    statement_of,
    with_columns,
)

ASKING = replace(EUROS, charges_positive=None)
POSITIVE = replace(EUROS, charges_positive=True)
UNDECIDED = "neither a sign nor a balance before it tells which way the amount goes"
QUESTION = "No amount under “Amount” has a sign: say whether charges are positive."
Rows = list[tuple[int, str, str]]
FALLING: Rows = [
    (11, "10.00", "90.00"),
    (12, "20.00", "70.00"),
    (13, "5.00", "65.00"),
    (14, "5.00", "60.00"),
]
RISING: Rows = [
    (11, "10.00", "90.00"),
    (12, "20.00", "110.00"),
    (13, "5.00", "115.00"),
    (14, "5.00", "120.00"),
]
MIXED: Rows = [(11, "10.00", "90.00"), (12, "20.00", "110.00"), (13, "5.00", "105.00")]


def text_of(rows: Rows, header: str = "Date,Amount,Balance") -> str:
    lines = "".join(f"2026-03-{day},{amount},{balance}\n" for day, amount, balance in rows)
    return f"{header}\n{lines}"


class TestFallingBalances:
    @pytest.mark.parametrize("rows", [FALLING, FALLING[::-1]])
    def test_by_every_amount_make_amounts_charges(self, rows: Rows) -> None:
        text = text_of(
            [(10, "", "100.00"), *rows] if rows is FALLING else [*rows, (10, "", "100.00")]
        )

        assert {row.amount.amount < 0 for row in rows_of(text, ASKING)} == {True}
        assert profile_of(text, ASKING).charges_positive

    def test_override_a_hint(self) -> None:
        assert amounts_of(text_of(FALLING), EUROS) == ["-10.00", "-20.00", "-5.00", "-5.00"]

    def test_or_rising_ones_override_it_too(self) -> None:
        for hints in (EUROS, POSITIVE):
            assert amounts_of(text_of(RISING), hints) == ["10.00", "20.00", "5.00", "5.00"]

    def test_one_way_do_not_decide_the_oldest_row(self) -> None:
        for rows in (RISING, FALLING):
            assert question(text_of(rows), ASKING) == QUESTION

    def test_a_few_times_do_not_decide_the_oldest_row(self) -> None:
        few = text_of(FALLING[:3])

        assert question(few, ASKING) == QUESTION
        assert amounts_of(few, POSITIVE) == ["-10.00", "-20.00", "-5.00"]
        # The hint is used for the row that nothing proves.
        assert amounts_of(few, EUROS) == ["10.00", "-20.00", "-5.00"]

    def test_by_another_amount_decide_nothing(self) -> None:
        broken = [(11, "10.00", "90.00"), (12, "20.00", "71.00"), (13, "5.00", "64.00")]

        assert question(text_of(broken), ASKING) == QUESTION
        assert amounts_of(text_of(broken), POSITIVE)[:2] == ["-10.00", "-20.00"]

    def test_in_either_row_order_follow_the_dates(self) -> None:
        same = [(day, "5.00", f"{100 - 5 * day}.00") for day in range(11, 16)]

        assert set(amounts_of(text_of(same), POSITIVE)) == {"-5.00"}
        assert set(amounts_of(text_of(same[::-1]), POSITIVE)) == {"-5.00"}
        undated = [(11, amount, balance) for _, amount, balance in same]
        assert question(text_of(undated), ASKING) == QUESTION

    def test_in_a_single_row_decide_nothing(self) -> None:
        assert question(text_of(FALLING[:1]), ASKING) == QUESTION

    def test_of_signed_amounts_are_ignored(self) -> None:
        rows = [(11, "-10.00", "90.00"), (12, "20.00", "70.00")]

        assert amounts_of(text_of(rows), ASKING) == ["-10.00", "20.00"]

    def test_may_be_debt_in_lists_of_purchases(self) -> None:
        header = "Date,Amount,Balance,Merchant"

        assert question(text_of(RISING, header), ASKING) == QUESTION
        assert amounts_of(text_of(RISING[:2], header), POSITIVE) == ["-10.00", "-20.00"]
        assert amounts_of(text_of(FALLING[:2], header), POSITIVE) == ["-10.00", "-20.00"]


class TestMixedBalances:
    @pytest.mark.parametrize("rows", [MIXED, MIXED[::-1]])
    def test_sign_each_amount_separately(self, rows: Rows) -> None:
        text = text_of(rows)
        amounts = {row.booking_date.day: row.amount.digits for row in rows_of(text, ASKING)}

        assert amounts == {12: "20.00", 13: "-5.00"}
        assert list(reasons_of(text, ASKING).values()) == [UNDECIDED]
        assert profile_of(text, ASKING).balance_signs
        assert not profile_of(text, POSITIVE).charges_positive

    def test_start_with_a_balance_without_amount(self) -> None:
        text = text_of([(10, "", "100.00"), *MIXED])

        assert amounts_of(text, ASKING) == ["-10.00", "20.00", "-5.00"]
        assert reasons_of(text, ASKING) == {2: "no amount"}

    def test_decide_nothing_for_a_row_they_skip(self) -> None:
        text = text_of([(10, "", "100.00"), *MIXED, (14, "1.00", "7.00"), (15, "0.00", "7.00")])

        assert amounts_of(text, ASKING) == ["-10.00", "20.00", "-5.00", "0"]
        assert reasons_of(text, ASKING) == {2: "no amount", 6: UNDECIDED}

    def test_are_tracked_per_account(self) -> None:
        lines = [
            f"{account},2026-03-{day},{amount},{balance}\n"
            for day, amount, balance in MIXED
            for account in "AB"
        ]

        amounts = amounts_of("Account,Date,Amount,Balance\n" + "".join(lines), ASKING)

        assert amounts == ["20.00", "-5.00"] * 2

    def test_decide_the_next_file_too(self) -> None:
        profile = profile_of(text_of(MIXED), ASKING)
        next_month = text_of([(14, "5.00", "100.00"), (15, "1.00", "99.00")])
        hints = ReadingHints(currency="EUR", account="Household", csv_profiles=[profile])

        assert amounts_of(next_month, hints) == ["-1.00"]
        assert reasons_of(next_month, hints) == {2: UNDECIDED}

    def test_override_a_profile(self) -> None:
        profile = CsvProfile(
            date_order=DateOrder.YEAR_FIRST,
            charges_positive=True,
            columns=with_columns(booking_date=0, amount=1, balance=2),
        )

        assert amounts_of(text_of(MIXED), replace(ASKING, csv_profile=profile)) == [
            "20.00",
            "-5.00",
        ]

    def test_are_ignored_if_amounts_have_signs(self) -> None:
        profile = replace(profile_of(text_of(MIXED), ASKING), header=())
        signed = text_of([(14, "-5.00", "100.00"), (15, "1.00", "101.00")])

        assert amounts_of(signed, replace(ASKING, csv_profile=profile)) == ["-5.00", "1.00"]

    @given(
        st.lists(st.integers(-500, 500).filter(bool), min_size=2, max_size=30),
        st.booleans(),
    )
    def test_never_give_an_amount_a_wrong_sign(self, cents: list[int], down: bool) -> None:
        total, lines = 100_000, [("2026-01-01", "0.00", "1000.00")]
        for number, each in enumerate(cents):
            total += each
            month, day = divmod(number, 28)
            lines.append(
                (
                    f"2026-02-{day + 1:02}" if not month else f"2026-03-{day + 1:02}",
                    f"{abs(each) / 100:.2f}",
                    f"{total / 100:.2f}",
                )
            )
        ordered = lines[::-1] if down else lines
        text = "Date,Amount,Balance\n" + "".join(",".join(line) + "\n" for line in ordered)

        rows = sorted(rows_of(text, ASKING), key=lambda row: row.booking_date)

        assert [int(row.amount.amount * 100) for row in rows] == [0, *cents]


class TestAccountKinds:
    @pytest.mark.parametrize(
        "text",
        [
            "Kreditkarte:;4111 xxxx\n\nDatum;Betrag;Name\n2026-03-13;-1,50;A\n",
            "Date;Card Member;Amount\n2026-03-13;A;-1.50\n",
            "Date;Credit Card No.;Amount\n2026-03-13;1;-1.50\n",
        ],
    )
    def test_are_cards_if_the_file_says_so(self, text: str) -> None:
        assert statement_of(text).account.kind is AccountKind.CREDIT_CARD

    @pytest.mark.parametrize("header", ["Date;Card;Amount", "Date;Payee;Amount"])
    def test_are_unknown_otherwise(self, header: str) -> None:
        text = f"{header}\n2026-03-13;credit card payment;-1.50\n"

        assert statement_of(text).account.kind is AccountKind.OTHER


def test_two_consecutive_rows_are_not_enough() -> None:
    """A deposit and a charge after it: only the charge is proven."""
    text = text_of([(11, "100.00", "600.00"), (12, "20.00", "580.00")])

    assert question(text, ASKING) == QUESTION
    assert amounts_of(text, EUROS) == ["100.00", "-20.00"]


def test_nothing_is_asked_if_every_row_is_proven() -> None:
    text = text_of([(10, "", "500.00"), (11, "100.00", "600.00")])

    assert amounts_of(text, ASKING) == ["100.00"]


def test_a_profile_without_balances_decides() -> None:
    found = profile_of(text_of(RISING), EUROS)
    owed = replace(found, charges_positive=True, columns=with_columns(booking_date=0, amount=1))

    amounts = amounts_of(text_of(RISING), replace(ASKING, csv_profiles=[owed]))

    assert amounts == ["-10.00", "-20.00", "-5.00", "-5.00"]


def test_rows_that_end_early_decide_nothing() -> None:
    text = text_of(FALLING) + "2026-03-15,1.00\n"

    assert amounts_of(text, POSITIVE) == ["-10.00", "-20.00", "-5.00", "-5.00"]
    assert list(reasons_of(text, POSITIVE)) == [6]
