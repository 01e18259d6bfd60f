"""Rows that lack what is not needed."""

from datetime import date

import pytest

from tests.adapters.statements.csv.reading import amounts_of, read, reasons_of, rows_of


class TestRowsThatEndEarly:
    HEADER = "Date;Description;Amount;Currency;Reference;Category\n"
    WHOLE = "2026-03-14;BOSS;100.00;EUR;R2;Income\n"

    @pytest.mark.parametrize(
        "row",
        ["2026-03-13;SHOP;-12.50;EUR", "2026-03-13;SHOP;-12.50", "2026-03-13;SHOP;-12.50;EUR;R1"],
    )
    def test_are_whole_if_they_have_what_is_needed(self, row: str) -> None:
        assert amounts_of(f"{self.HEADER}{row}\n{self.WHOLE}") == ["-12.50", "100.00"]

    @pytest.mark.parametrize(
        "row", ["2026-03-13;SHOP", "2026-03-13;-12.50;EUR", "2026-03-13;-12.50;88.00", "SHOP;2;3"]
    )
    def test_may_lack_nothing_in_their_midst(self, row: str) -> None:
        assert list(reasons_of(f"{self.HEADER}{row}\n{self.WHOLE}")) == [2]

    def test_may_not_lack_the_balance_that_others_have(self) -> None:
        # Without its amount, the row would have its balance in its place.
        text = (
            "Date;Description;Amount;Balance;Category\n2026-03-13;SHOP;-12.50;87.50;x\n"
            "2026-03-14;KIOSK;-2.50;85.00;x\n2026-03-15;BOSS;185.00\n"
        )

        assert list(reasons_of(text)) == [4]

    def test_may_lack_the_credit_of_a_debit(self) -> None:
        text = "Datum;Text;Soll;Haben\n13.03.2026;LADEN;5,00\n14.03.2026;LOHN;;100,00\n"

        assert amounts_of(text) == ["-5.00", "100.00"]


class TestRowsThatAreNotBooked:
    def test_have_the_day_of_another_date(self) -> None:
        text = (
            "Started Date,Completed Date,Description,Amount,State\n"
            "2026-04-01 10:00:00,2026-04-01 10:00:01,Top-up,50.00,COMPLETED\n"
            "2026-04-02 18:30:00,,Cinema,-11.00,PENDING\n"
        )

        assert [(str(row.booking_date), row.pending) for row in rows_of(text)] == [
            *(("2026-04-01", False), ("2026-04-02", True)),
        ]

    def test_have_it_where_they_were_withdrawn(self) -> None:
        text = (
            "Started Date,Completed Date,Description,Amount,State\n"
            "2026-04-01 10:00:00,2026-04-01 10:00:01,Top-up,50.00,COMPLETED\n"
            "2026-04-02 18:30:00,,Cinema,-11.00,REVERTED\n"
        )

        (statement,) = read(text).statements

        (gone,) = statement.withdrawn
        assert (str(gone.booking_date), gone.pending) == ("2026-04-02", True)

    def test_are_all_that_wait_if_they_stand_beside_booked_ones(self) -> None:
        rows = ["2026-04-01,50.00,Booked", "2026-04-03,-11.00,Pending"]
        lists = [rows, rows[:1], rows[1:], [*rows, "2026-04-02,much,Booked"]]

        texts = ["\n".join(["Date,Amount,Status", *some, ""]) for some in lists]
        days = [read(text).statements[0].pending_day for text in texts]

        assert days == [date(2026, 4, 3), None, None, None]

    def test_are_pending_without_a_status_too(self) -> None:
        text = (
            "Transaction Date,Posted Date,Description,Amount\n"
            "2026-03-12,2026-03-13,SHOP,-5.00\n2026-03-14,,KINO,-6.00\n"
        )

        assert [(str(row.booking_date), row.pending) for row in rows_of(text)] == [
            *(("2026-03-13", False), ("2026-03-14", True)),
        ]

    def test_are_quarantined_if_their_status_says_that_they_are_booked(self) -> None:
        text = (
            "Started Date,Completed Date,Amount,State\n"
            "2026-04-01,2026-04-02,50.00,COMPLETED\n2026-04-02,,-11.00,COMPLETED\n"
        )

        assert reasons_of(text) == {3: "no booking date"}

    def test_need_some_date(self) -> None:
        text = "Date,Amount,Status\n2026-04-01,50.00,Booked\n,-11.00,Pending\n"

        assert reasons_of(text) == {3: "no booking date"}
