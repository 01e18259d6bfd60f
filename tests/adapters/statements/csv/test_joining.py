"""Values that commas without quotes have cut in two."""

from dataclasses import replace

import pytest

from adapters.statements.csv import joining
from domain.ledger.values import Reconciliation
from tests.adapters.statements.csv.reading import (
    EUROS,
    amounts_of,
    profile_of,
    reasons_of,
    refused,
    rows_of,
    statement_of,
)

TWO_WAYS = "the row has commas without quotes, and can be read in two ways"


class TestDecimals:
    @pytest.mark.parametrize(
        ("head", "first", "second"),
        [
            ("Date,Description,Amount", "Shop,-12,50", "Pay,1000,25"),
            ("Date,Description,Amount,", "Shop,-12,50", "Pay,1000,25"),
            ("Date,Description,Amount,,", "Shop,-12,50,,", "Pay,1000,25,,"),
            ("Date,Description,Amount,Balance", "Shop,-12,50,87,50", "Pay,1000,25,1087,75"),
            ("Date,Description,Amount,Balance", "Shop,-12,50,87,50", "Pay,1.000,25,1.087,75"),
            ("Date,Description,Debit,Credit", "Shop,12,50,", "Pay,,1000,25"),
            ("Date,Description,Debit,Credit,Balance", "S,12,50,,87,50", "P,,1000,25,1087,75"),
            ("Date,Description,Amount,Currency", "Shop,-12,50,EUR", "Pay,1000,25,EUR"),
            ("Date,Reference,Amount", "12345,-12,50", "12346,1000,25"),
            ("Date,Description,Amount", "Shop,€-12,50", "Pay,1.000,25 €"),
            ("Date,Description,Wieviel", "Shop,-12,50", "Pay,1000,25"),
        ],
    )
    def test_are_joined(self, head: str, first: str, second: str) -> None:
        text = f"{head}\n13.01.2026,{first}\n14.01.2026,{second}\n"

        assert amounts_of(text) == ["-12.50", "1000.25"]
        assert reasons_of(text) == {}

    @pytest.mark.parametrize(
        "rows", ["-12,50,Shop,Food\n14.01.2026,1000,25,Pay,In", "-12,50,,\n14.01.2026,1000,25,B,"]
    )
    def test_may_stand_before_texts(self, rows: str) -> None:
        text = f"Date,Amount,Description,Category\n13.01.2026,{rows}\n"

        assert amounts_of(text) == ["-12.50", "1000.25"]

    def test_may_lack_in_some_rows(self) -> None:
        text = "Date,Description,Amount\n13.01.2026,Shop,-12,50\n14.01.2026,Pay,1000\n"

        assert amounts_of(text) == ["-12.50", "1000"]

    def test_are_joined_for_a_saved_profile_too(self) -> None:
        text = "Date,Description,Amount\n13.01.2026,Shop,-12,50\n14.01.2026,Pay,1000,25\n"

        saved = replace(EUROS, csv_profiles=[profile_of(text)])

        assert amounts_of(text, saved) == ["-12.50", "1000.25"]


class TestOthers:
    def test_are_thousands(self) -> None:
        text = "Date,Text,Amount\n13/03/2026,SHOP,-12.50\n14/03/2026,BOSS,1,234,000.50\n"

        assert amounts_of(text) == ["-12.50", "1234000.50"]

    def test_are_texts(self) -> None:
        text = "Date,Text,Amount\n13/03/2026,SHOP, BERLIN,-12.50\n14/03/2026,BOSS,100.00\n"

        assert [row.description for row in rows_of(text)] == ["SHOP, BERLIN", "BOSS"]

    def test_are_dates(self) -> None:
        text = "Date,Text,Amount\nDec 24, 2026,Shop,-12.50\nDec 26, 2026,Pay,1000.25\n"

        assert [row.booking_date.day for row in rows_of(text)] == [24, 26]


class TestTwoWays:
    HEAD = "Date,Text,Amount,Balance\n"

    def test_are_decided_by_balances(self) -> None:
        text = (
            f"{self.HEAD}13.03.2026,SHOP,-12,87,50\n14.03.2026,BOSS,1000,00,1087,50\n"
            "15.03.2026,SHOP,-7,1080,50\n"
        )

        statement = statement_of(text)

        assert [f"{row.amount.amount}" for row in statement.rows] == ["-12", "1000.00", "-7"]
        assert statement.reconciliation is Reconciliation.BALANCED

    def test_are_quarantined_where_nothing_decides(self) -> None:
        text = f"{self.HEAD}13.03.2026,SHOP,-12,87,50\n14.03.2026,BOSS,1000,00,2000,00\n"

        assert reasons_of(text) == {2: TWO_WAYS}

    def test_in_every_row_are_refused(self) -> None:
        text = f"{self.HEAD}13.03.2026,SHOP,-12,87,50\n13.03.2026,SHOP,-7,70,50\n"

        assert "commas without quotes" in refused(text)

    def test_of_all_rows_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        text = f"{self.HEAD}13.03.2026,SHOP,-12,87,50\n14.03.2026,BOSS,1000,00,1087,50\n"

        # Two ways for the first row, and one for the second, of four values each.
        monkeypatch.setattr(joining, "_MOST_VALUES", 4 * 3)
        assert len(rows_of(text)) == 2

        monkeypatch.setattr(joining, "_MOST_VALUES", 4 * 3 - 1)
        assert "commas without quotes" in refused(text)

    def test_of_texts_alone_change_no_row(self) -> None:
        text = "Date,Payee,Memo,Amount\n13/03/2026,A, B,x,-12.50\n" + "14/03/2026,C,y,-1.00\n" * 3

        assert amounts_of(text) == ["-1.00"] * 3
        assert list(reasons_of(text)) == [2]
