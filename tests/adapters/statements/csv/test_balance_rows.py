"""Rows that state a balance and are no transaction."""

from datetime import date

import pytest

from adapters.statements.csv.words import clear_balance, labelled_balance, names_balance
from domain.ledger.hints import ReadingHints
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import Reconciliation, Statement
from tests.adapters.statements.csv.reading import EUROS, read, reasons_of, statement_of

HEAD = "Date,Description,Amount,Balance\n"
ROWS = "2026-03-13,SHOP,-12.50,87.50\n2026-03-14,BOSS,100.00,187.50\n"
CLOSING = BalanceKind.BOOKED


def stated(statement: Statement) -> dict[str, tuple[str, date]]:
    return {each.kind.value: (each.money.digits, each.day) for each in statement.balances}


class TestLabels:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("Opening Balance", BalanceKind.OPENING),
            ("OPENING BALANCE:", BalanceKind.OPENING),
            ("OpeningBalance", BalanceKind.OPENING),
            ("Beginning balance as of 03/01/2026", BalanceKind.OPENING),
            ("Balance brought forward", BalanceKind.OPENING),
            ("Anfangssaldo per 1. März 2026", BalanceKind.OPENING),
            ("Eröffnungssaldo", BalanceKind.OPENING),
            ("Solde d'ouverture", BalanceKind.OPENING),
            ("SALDO ANTERIOR", BalanceKind.OPENING),
            ("Saldo iniziale al 01.03.2026", BalanceKind.OPENING),
            ("Beginsaldo", BalanceKind.OPENING),
            ("Ingående saldo", BalanceKind.OPENING),
            ("Входящий остаток", BalanceKind.OPENING),
            ("Ending balance as of 03/31/2026", CLOSING),
            ("Closing Balance (EUR)", CLOSING),
            ("Endsaldo", CLOSING),
            ("Nouveau solde au 31/03/2026", CLOSING),
            ("Saldo końcowe", CLOSING),
            ("Saldo final do dia", CLOSING),
            ("Solde fin de période", CLOSING),
            ("Saldo na początek okresu", BalanceKind.OPENING),
            ("Előző egyenleg", BalanceKind.OPENING),
            ("Остаток на конец периода", CLOSING),
            ("Saldo atual", None),
            ("Opening balance transfer to savings", None),
            ("Closing balance certificate fee", None),
            ("Shop", None),
            ("Balance", None),
            ("", None),
        ],
    )
    def test_name_a_balance(self, text: str, kind: BalanceKind | None) -> None:
        assert labelled_balance(text) is kind

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Kontostand am 12. März 2026", True),
            ("Saldo al 12/03/2026", True),
            ("Zůstatek k 1.3.2026", True),
            ("Endsaldo", True),
            ("Balance transfer", False),
            ("Standing order", False),
            ("", False),
        ],
    )
    def test_may_not_say_which_balance(self, text: str, expected: bool) -> None:
        assert names_balance(text) is expected


class TestBalanceRows:
    @pytest.mark.parametrize(
        "row",
        [
            ",Opening Balance,0.00,100.00\n",
            ",Opening Balance,,100.00\n",
            "2026-03-01,Opening Balance,,100.00\n",
            "2026-03-01,Opening Balance,0.00,100.00\n",
            "2026-03-01,Opening Balance,100.00,100.00\n",
            ",Opening Balance,100.00,\n",
            "Opening Balance,100.00\n",
            "Opening Balance,,,100.00\n",
        ],
    )
    def test_open_a_statement(self, row: str) -> None:
        statement = statement_of(HEAD + row + ROWS)

        assert [each.description for each in statement.rows] == ["SHOP", "BOSS"]
        assert statement.reconciliation is Reconciliation.BALANCED
        assert stated(statement)["opening"][0] == "100.00"
        assert reasons_of(HEAD + row + ROWS) == {}

    def test_close_a_statement(self) -> None:
        text = HEAD + ROWS + ",Closing balance as of 31/03/2026,,187.50\n"

        assert stated(statement_of(text)) == {
            "opening": ("100.00", date(2026, 3, 13)),
            "booked": ("187.50", date(2026, 3, 31)),
        }

    def test_count_for_more_than_what_the_rows_prove(self) -> None:
        statement = statement_of(HEAD + ",Opening Balance,,150.00\n" + ROWS)

        assert stated(statement)["opening"] == ("150.00", date(2026, 3, 13))
        assert statement.reconciliation is Reconciliation.UNBALANCED

    def test_suffice_without_balances_beside_the_rows(self) -> None:
        text = (
            "Date,Description,Amount\n,Anfangssaldo,100.00\n2026-03-13,SHOP,-12.50\n"
            "2026-03-14,BOSS,100.00\n,Endsaldo,187.50\n"
        )

        assert statement_of(text).reconciliation is Reconciliation.BALANCED

    def test_may_stand_in_the_column_of_debits(self) -> None:
        text = (
            "Date,Description,Debit,Credit\n,Opening balance,20.00,\n2026-03-13,SHOP,12.50,\n"
            "2026-03-14,BOSS,,100.00\n,Closing balance,,67.50\n"
        )

        assert statement_of(text).reconciliation is Reconciliation.BALANCED

    def test_of_each_month_open_with_the_first_and_close_with_the_last(self) -> None:
        months = [
            ("2026-03-01,Opening balance,,100.00\n2026-03-13,SHOP,-12.50,87.50\n"),
            ("2026-03-31,Closing balance,,87.50\n2026-04-01,Opening balance,,87.50\n"),
            ("2026-04-14,BOSS,100.00,187.50\n2026-04-30,Closing balance,,187.50\n"),
        ]
        upwards = "".join(months).splitlines(keepends=True)[::-1]

        expected = {
            "opening": ("100.00", date(2026, 3, 1)),
            "booked": ("187.50", date(2026, 4, 30)),
        }
        assert stated(statement_of(HEAD + "".join(months))) == expected
        assert stated(statement_of(HEAD + "".join(upwards))) == expected

    def test_may_stand_above_the_table(self) -> None:
        above = 'Beginning balance as of 2026-03-01,,"1,100.00"\nTotal credits,,100.00\n\n'
        rows = "2026-03-13,SHOP,-12.50\n2026-03-14,BOSS,100.00\n"

        statement = statement_of(above + "Date,Description,Amount\n" + rows)

        assert stated(statement) == {"opening": ("1100.00", date(2026, 3, 1))}

    def test_alone_make_a_statement_without_rows(self) -> None:
        rows = ",Opening balance,0.00,100.00\n2026-03-31,Closing balance,0.00,100.00\n"

        statement = statement_of(HEAD + rows)

        assert (statement.rows, statement.reconciliation) == ([], Reconciliation.BALANCED)
        assert statement.account.number == "Household"

    def test_must_name_one_of_several_accounts(self) -> None:
        head = "Account,Date,Description,Amount,Balance\n"
        rows = "A,2026-03-13,SHOP,-12.50,87.50\nB,2026-03-13,SHOP,-1.00,9.00\n"
        named, unnamed = "A,,Opening balance,,100.00\n", ",,Opening balance,,100.00\n"

        first, second = read(head + named + rows).statements

        assert stated(first)["opening"][0] == "100.00"
        assert stated(second)["opening"][0] == "10.00"
        assert reasons_of(head + unnamed + rows) == {
            2: "the row states a balance, and not of which account"
        }

    def test_with_a_label_beside_other_words_are_rows(self) -> None:
        statement = statement_of(HEAD + "2026-03-12,Opening balance bonus,5.00,100.00\n" + ROWS)

        assert len(statement.rows) == 3

    def test_of_a_list_of_charges_state_nothing(self) -> None:
        hints = ReadingHints(currency="EUR", account="Card", charges_positive=True)
        text = "Date,Description,Amount\n,Previous balance,100.00\n2026-03-13,SHOP,12.50\n"

        statement = statement_of(text, hints)

        assert (len(statement.rows), statement.balances) == (1, [])


class TestBalancesAmongAmounts:
    ROWS = "2026-03-01,Opening Balance,100.00\n2026-03-13,SHOP,-12.50\n"

    def test_are_no_rows_if_the_others_lead_from_one_to_the_other(self) -> None:
        text = f"Date,Description,Amount\n{self.ROWS}2026-03-31,Closing Balance,87.50\n"

        statement = statement_of(text)

        assert [row.description for row in statement.rows] == ["SHOP"]
        assert statement.reconciliation is Reconciliation.BALANCED

    def test_are_stated_though_the_rows_contradict_them(self) -> None:
        text = f"Date,Description,Amount\n{self.ROWS}2026-03-31,Closing Balance,88.50\n"

        statement = statement_of(text)

        assert [row.description for row in statement.rows] == ["SHOP"]
        assert statement.reconciliation is Reconciliation.UNBALANCED

    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ("2026-03-12,Opening balance,1000.00\n", {"opening": ("1000.00", date(2026, 3, 12))}),
            ("2026-03-12,Solde initial,1000.00\n", {"opening": ("1000.00", date(2026, 3, 12))}),
            ("2026-03-31,Endsaldo,1097.00\n", {"booked": ("1097.00", date(2026, 3, 31))}),
        ],
    )
    def test_are_stated_without_the_other_end(
        self, row: str, expected: dict[str, tuple[str, date]]
    ) -> None:
        rows = ["2026-03-13,BOSS,100.00\n", "2026-03-14,SHOP,-3.00\n"]
        ordered = sorted([*rows, row])

        for each in (ordered, ordered[::-1]):
            statement = statement_of("Date,Description,Amount\n" + "".join(each))

            assert {each.description for each in statement.rows} == {"BOSS", "SHOP"}
            assert stated(statement) == expected

    @pytest.mark.parametrize(
        "rows",
        [
            "2026-03-01,Salary,100.00\n2026-03-02,Coffee,-3.00\n2026-03-31,Closing balance,97.00\n",
            "2026-03-31,Closing balance,97.00\n2026-03-02,Coffee,-3.00\n2026-03-01,Salary,100.00\n",
            "2026-03-01,Opening balance,0.00\n2026-03-01,Salary,100.00\n2026-03-02,Coffee,-3.00\n"
            "2026-03-31,Closing balance,97.00\n",
            "2026-03-01,Salary,100.00\n2026-03-02,Coffee,-3.00\n2026-03-31,Endsaldo,97.00\n",
        ],
        ids=["down", "up", "from zero", "German"],
    )
    def test_are_none_if_their_own_text_says_something_else(self, rows: str) -> None:
        statement = statement_of("Date,Description,Amount\n" + rows)

        assert {row.description for row in statement.rows} == {"Salary", "Coffee"}
        assert stated(statement)["booked"] == ("97.00", date(2026, 3, 31))

    @pytest.mark.parametrize("text", ["New Balance", "Übertrag", "Saldo IMU 2026"])
    def test_must_be_proven_if_a_payment_may_be_called_so(self, text: str) -> None:
        rows = f"2026-03-12,{text},-89.00\n2026-03-13,SHOP,-12.50\n2026-03-14,BOSS,100.00\n"

        assert len(statement_of("Date,Description,Amount\n" + rows).rows) == 3

    @pytest.mark.parametrize(
        ("opening", "closing"),
        [
            ("Saldo anterior", "Saldo atual"),
            ("Kontostand am 12.03.2026", "Kontostand am 13.03.2026"),
            ("Vorige saldo", "Saldo"),
            ("Stand", "Nieuw saldo"),
        ],
    )
    @pytest.mark.parametrize("is_down", [True, False])
    def test_need_not_both_say_which_they_are(
        self, opening: str, closing: str, is_down: bool
    ) -> None:
        rows = [("12", opening, "100.00"), ("13", "SHOP", "-12.50"), ("13", closing, "87.50")]
        lines = (
            f"2026-03-{day},{text},{amount}\n"
            for day, text, amount in rows[:: 1 if is_down else -1]
        )

        statement = statement_of("Date,Description,Amount\n" + "".join(lines))

        assert [row.description for row in statement.rows] == ["SHOP"]
        assert stated(statement) == {
            "opening": ("100.00", date(2026, 3, 12)),
            "booked": ("87.50", date(2026, 3, 13)),
        }

    @pytest.mark.parametrize(
        "rows",
        [
            "2026-03-12,Kontostand,100.00,\n2026-03-13,SHOP,-12.50,\n2026-03-13,BOSS,87.50,\n",
            "2026-03-12,Vorige saldo,100.00,A6\n2026-03-13,SHOP,-12.50,\n2026-03-13,BOSS,87.50,\n",
        ],
        ids=["no side", "id"],
    )
    def test_are_rows_if_too_little_is_said(self, rows: str) -> None:
        text = "Date,Description,Amount,Transaction ID\n" + rows

        assert len(statement_of(text).rows) == text.count("\n") - 1

    def test_below_a_short_table_do_not_hide_its_dates(self) -> None:
        text = (
            "Datum;Text;Betrag\n13.03.2026;Shop;-12,50\n\nAnfangssaldo;;100,00\nEndsaldo;;87,50\n"
        )

        statement = statement_of(text)

        assert [row.description for row in statement.rows] == ["Shop"]
        assert statement.reconciliation is Reconciliation.BALANCED


class TestRunningBalances:
    def test_stand_beside_their_rows(self) -> None:
        assert [f"{row.balance}" for row in statement_of(HEAD + ROWS).rows] == ["87.50", "187.50"]

    def test_of_pending_rows_count_for_nothing(self) -> None:
        text = "Date,Amount,Balance,Status\n2026-03-13,-12.50,87.50,Pending\n"

        assert [row.balance for row in statement_of(text, EUROS).rows] == [None]

    def test_of_a_list_of_charges_must_be_proven(self) -> None:
        hints = ReadingHints(currency="EUR", account="Card", charges_positive=True)
        text = "Date,Amount,Balance,Merchant\n2026-03-13,12.50,112.50,SHOP\n"

        statement = statement_of(text, hints)

        assert ([row.balance for row in statement.rows], statement.balances) == ([None], [])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Opening-balance", BalanceKind.OPENING),
        ("(Anfangssaldo)", BalanceKind.OPENING),
        ("* CLOSING BALANCE: 31.03.2026", BalanceKind.BOOKED),
        ("Opening\xa0balance", BalanceKind.OPENING),
        ("期末余额", BalanceKind.BOOKED),
        ("Opening night", None),
        ("The opening balance", None),
        ("Übertrag", None),
    ],
)
def test_labels_are_known_however_they_are_written(text: str, kind: BalanceKind | None) -> None:
    assert clear_balance(text) is kind
