"""Files of several sections: rows above a header, below another one, or of several accounts."""

from decimal import Decimal

import pytest

from domain.ledger.hints import NO_HINTS
from domain.ledger.questions import Asked
from domain.ledger.values import Reconciliation, StatementFile
from domain.shared.money import Money
from tests.adapters.statements.csv.reading import (
    EUROS,
    asked,
    read,
    reasons_of,
    rows_of,
    statement_of,
)

FIRST = "2026-03-02,Rent,-700.00,300.00\n2026-03-15,Salary,1000.00,1300.00\n"
SECOND = "2026-03-03,Interest,5.00,505.00\n2026-03-16,Transfer,100.00,605.00\n"
HEADER = "Date,Description,Amount,Balance\n"


def texts_of(file: StatementFile) -> dict[str, list[str]]:
    """Return the texts of the rows by account."""
    return {each.account.number: [row.description for row in each.rows] for each in file.statements}


class TestRowsAboveTheHeader:
    def test_have_a_header_of_their_own(self) -> None:
        text = (
            "Date,Description,Amount,Currency\n2026-03-04,CAFE,-4.20,EUR\n"
            "Date,Description,Amount,Currency,Balance\n2026-03-05,BAR,-12.00,EUR,88.00\n"
        )

        assert [row.line for row in rows_of(text)] == [2, 4]
        assert reasons_of(text) == {}

    def test_may_have_other_columns_in_another_order(self) -> None:
        text = (
            "Buchungstag;Betrag;Verwendungszweck\n04.03.2026;-4,20;CAFE\n"
            "Buchungstag;Wertstellung;Verwendungszweck;Betrag;Saldo\n"
            "05.03.2026;05.03.2026;BAR;-12,00;88,00\n06.03.2026;06.03.2026;LOHN;500,00;588,00\n"
        )

        assert [(row.description, f"{row.amount.amount:f}") for row in rows_of(text)] == [
            *(("CAFE", "-4.20"), ("BAR", "-12.00"), ("LOHN", "500.00")),
        ]

    def test_may_have_none(self) -> None:
        text = f"2026-03-01,CAFE,-4.20,1000.00\n{HEADER}{FIRST}"

        assert [row.line for row in rows_of(text)] == [1, 3, 4]
        assert statement_of(text).reconciliation is Reconciliation.BALANCED

    @pytest.mark.parametrize(
        "preamble",
        [
            "Period,2026-03-01,2026-03-31,\n",
            "Balance on,2026-03-16,1300.00,\n",
            "IBAN,Currency,Balance,Date\nDE02120300000000202051,EUR,1300.00,2026-03-15\n",
            "Statement,7,of 2026-03-16,\n",
        ],
    )
    def test_are_no_preamble(self, preamble: str) -> None:
        assert [row.description for row in rows_of(preamble + HEADER + FIRST)] == ["Rent", "Salary"]
        assert reasons_of(preamble + HEADER + FIRST) == {}


class TestOtherHeaders:
    def test_of_fewer_columns_are_followed(self) -> None:
        text = f"{HEADER}{FIRST}Date,Amount,Description\n2026-03-17,-1.00,CAFE\n"

        assert [row.description for row in rows_of(text)] == ["Rent", "Salary", "CAFE"]

    def test_of_something_else_are_reported_with_their_rows(self) -> None:
        text = f"{HEADER}{FIRST}Symbol,Quantity,Price,Date\nABC,5,12.00,2026-03-05\n"

        assert [row.description for row in rows_of(text)] == ["Rent", "Salary"]
        assert list(reasons_of(text)) == [4, 5]

    def test_that_are_repeated_begin_no_other_account(self) -> None:
        assert list(texts_of(read(f"{HEADER}{FIRST}\n{HEADER}{SECOND}"))) == ["Household"]


class TestAccounts:
    EXPECTED = {"11111111": ["Rent", "Salary"], "22222222": ["Interest", "Transfer"]}

    @pytest.mark.parametrize(
        "text",
        [
            f"Account,11111111\n{HEADER}{FIRST}\nAccount,22222222\n{HEADER}{SECOND}",
            f"{HEADER}Account: 11111111\n{FIRST}Account: 22222222\n{SECOND}",
            f"{HEADER}Account,11111111,,\n{FIRST}Account,22222222,,\n{SECOND}",
            "Account,11111111\nDate,Description,Amount\n2026-03-02,Rent,-700.00\n"
            "2026-03-15,Salary,1000.00\n"
            f"Account,22222222\n{HEADER}{SECOND}",
            f"Account,11111111\n{HEADER}{FIRST}Account,22222222\nOpening balance,500.00\n"
            f"{HEADER}{SECOND}",
        ],
    )
    def test_are_named_by_lines_between_rows(self, text: str) -> None:
        file = read(text)

        assert texts_of(file) == self.EXPECTED
        assert file.statements[1].reconciliation is Reconciliation.BALANCED
        assert file.quarantined == []

    def test_are_named_by_different_titles(self) -> None:
        text = f"Checking 11111111\n{HEADER}{FIRST}Savings 22222222\n{HEADER}{SECOND}"

        assert list(texts_of(read(text))) == ["Checking 11111111", "Savings 22222222"]
        pages = f"Account activity\n{HEADER}{FIRST}Account activity\n{HEADER}{SECOND}"
        assert list(texts_of(read(pages))) == ["Household"]

    @pytest.mark.parametrize(
        ("first", "second", "period"),
        [
            ("Umsätze Girokonto", "Umsätze Visa-Karte (Kreditkarte)", ",Zeitraum: 30 Tage"),
            ("Compte de Dépôt n° 12345678901", "Livret A n° 98765432109", ","),
        ],
    )
    @pytest.mark.parametrize("header", [HEADER, "Date,Reference,Description,Amount\n"])
    @pytest.mark.parametrize("is_last", [True, False])
    def test_are_named_by_titles_above_balances(
        self, first: str, second: str, period: str, header: str, is_last: bool
    ) -> None:
        last = "Opening balance,1000.00\n" if is_last else ""
        row = "2026-03-03,7,Interest,5.00\n" if "Reference" in header else SECOND.splitlines()[0]
        text = (
            f"{first}{period}\nClosing balance,1300.00\n\n{HEADER}{FIRST}{last}\n"
            f"{second}{period}\nClosing balance,505.00\n\n{header}{row}\n"
        )

        file = read(text)

        assert texts_of(file) == {first: ["Rent", "Salary"], second: ["Interest"]}
        assert [str(each.balances[-1].money.amount) for each in file.statements] == [
            *("1300.00", "505.00"),
        ]
        assert file.quarantined == []

    def test_are_not_merged_with_rows_below_no_title(self) -> None:
        text = f"{HEADER}{FIRST}\nSavings\n{HEADER}{SECOND}"

        assert texts_of(read(text)) == {
            "Household": ["Rent", "Salary"],
            "Savings": ["Interest", "Transfer"],
        }
        stated = f"Account,11111111\nAccount activity\n{HEADER}{FIRST}\nAccount activity\n"
        assert list(texts_of(read(f"{stated}{HEADER}{SECOND}"))) == ["11111111"]

    def test_that_no_line_names_are_not_merged(self) -> None:
        text = f"{HEADER}{FIRST}\nRainy day pot\nClosing balance,605.00\n{HEADER}{SECOND}"

        assert texts_of(read(text)) == {"Household": ["Rent", "Salary"]}
        assert len(reasons_of(text)) == 2

    def test_that_a_row_names_count_for_more(self) -> None:
        text = f"IBAN,X1\nAccount,{HEADER}A1,{FIRST.splitlines()[0]}\n"

        assert list(texts_of(read(text))) == ["A1"]

    def test_of_balances_are_those_of_their_section(self) -> None:
        text = (
            f"Account,11111111\nOpening balance,1000.00\n{HEADER}{FIRST}"
            f"Account,22222222\n{HEADER}{SECOND}"
        )

        first, second = read(text).statements

        assert [each.reconciliation for each in (first, second)] == [Reconciliation.BALANCED] * 2


def test_rows_below_a_title_of_pending_ones_are_pending() -> None:
    text = (
        "Pending transactions\nDate,Description,Amount\n2026-03-17,CAFE,-1.00\n"
        f"Posted transactions\n{HEADER}{FIRST}"
    )
    statement = statement_of(text)

    assert [(row.description, row.pending) for row in statement.rows] == [
        *(("CAFE", True), ("Rent", False), ("Salary", False)),
    ]
    assert statement.reconciliation is Reconciliation.BALANCED


def test_the_name_that_a_user_says_is_for_rows_below_no_label() -> None:
    text = f"{HEADER}{FIRST}Account,22222222\n{SECOND}"

    assert texts_of(read(text, EUROS)) == {
        "Household": ["Rent", "Salary"],
        "22222222": ["Interest", "Transfer"],
    }


class TestTitlesOfStates:
    @pytest.mark.parametrize(
        ("pending", "booked"),
        [
            ("Pending transactions", "Posted transactions"),
            ("Vorgemerkte Umsätze", "Gebuchte Umsätze"),
            ("Noch nicht gebuchte Umsätze", "Gebuchte Umsätze"),
            ("Opérations en attente", "Opérations comptabilisées"),
            ("Nog niet geboekt", "Geboekte transacties"),
            ("Pending card transactions", "Posted card transactions"),
            ("Checking 12345678 pending", "Checking 12345678 posted"),
        ],
    )
    @pytest.mark.parametrize("header", [HEADER, ""])
    def test_say_which_rows_are_pending(self, pending: str, booked: str, header: str) -> None:
        first, second = FIRST.splitlines()
        for titles in ((pending, booked), (booked, pending)):
            one, other = titles
            text = f"{one}\n{HEADER}{first}\n\n{other}\n{header}{second}\n"
            if not header:
                text = f"{HEADER}{one}\n{first}\n{other}\n{second}\n"

            found = [row.pending for row in statement_of(text).rows]
            assert found == [one is pending, other is pending]
            assert reasons_of(text) == {}

    @pytest.mark.parametrize(
        "title",
        ["Pending transactions are not shown", "Pending and posted transactions", "Transactions"],
    )
    def test_may_say_nothing(self, title: str) -> None:
        assert not any(row.pending for row in rows_of(f"{title}\n{HEADER}{FIRST}"))


class TestLinesOfSections:
    @pytest.mark.parametrize(
        ("line", "account", "currency"),
        [
            ("Account,444555777,USD", "444555777", "USD"),
            ("Account,444555779,My savings", "444555779", "EUR"),
            ("Account: 444555779,USD", "444555779", "USD"),
            ("Savings,444555779,USD", "444555779", "USD"),
            ("Account,Savings", "Savings", "EUR"),
            ("Account Number,444555779\nCurrency,USD", "444555779", "USD"),
        ],
    )
    @pytest.mark.parametrize("header", [HEADER, ""])
    def test_say_account_and_currency(
        self, line: str, account: str, currency: str, header: str
    ) -> None:
        file = read(f"Account,111222444,CHF\n{HEADER}{FIRST}\n{line}\n{header}{SECOND}")

        found = [(each.account.number, each.account.currency) for each in file.statements]
        assert found == [("111222444", "CHF"), (account, currency)]
        assert file.quarantined == []

    @pytest.mark.parametrize(
        "line", ["Account,,USD", "Rainy day,pot", "Festgeld,4711221", "Rainy day pot"]
    )
    def test_ask_for_an_account_that_is_not_said(self, line: str) -> None:
        text = f"Account,111222444\nCurrency,EUR\n{HEADER}{FIRST}\n{line}\n{HEADER}{SECOND}"

        (question,) = asked(text, NO_HINTS)

        assert question.field == Asked.ACCOUNT
        assert f"“{' '.join(filter(None, line.split(',')))}”" in question.reason
        assert texts_of(read(text)) == {
            "111222444": ["Rent", "Salary"],
            "Household": ["Interest", "Transfer"],
        }

    def test_ask_without_another_header_if_there_is_a_number(self) -> None:
        text = f"Account,111222444\nCurrency,EUR\n{HEADER}{FIRST}\nFestgeld,4711221\n{SECOND}"

        assert [each.field for each in asked(text, NO_HINTS)] == [Asked.ACCOUNT]
        assert set(texts_of(read(text))) == {"111222444", "Household"}

    @pytest.mark.parametrize("above", ["", "Account,111222444\nCurrency,EUR\n"])
    def test_quarantine_rows_that_one_answer_is_not_enough_for(self, above: str) -> None:
        text = f"{above}{HEADER}{FIRST}\nRainy day,pot\n{HEADER}{SECOND}"
        text += f"\nHoliday,pot\n{HEADER}{SECOND}" if above else ""

        (only,) = read(text).statements

        assert [row.description for row in only.rows] == ["Rent", "Salary"]
        assert {each.rpartition(", ")[0] for each in reasons_of(text).values()} == {
            "a line above the row may begin another account"
        }

    @pytest.mark.parametrize("line", ["Page 1 of 2", "Total,,7.00", "Closing balance,7.00"])
    def test_ask_nothing_at_the_end_of_a_page(self, line: str) -> None:
        text = f"Account,111222444\nCurrency,EUR\n{HEADER}{FIRST}\n{line}\n{HEADER}{SECOND}"

        assert list(texts_of(read(text, NO_HINTS))) == ["111222444"]

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (HEADER.replace("Amount", "Amount (EUR)"), HEADER.replace("Amount", "Amount (USD)")),
            (HEADER, HEADER.replace("Amount", "Amount in USD")),
            (HEADER, f"Account,111222555\n{HEADER.replace('Amount', 'Amount USD')}"),
            (HEADER, f"USD\n{HEADER}"),
            (HEADER, f"USD account\n{HEADER}"),
        ],
    )
    def test_have_the_currency_that_their_heading_says(self, first: str, second: str) -> None:
        text = f"Account,111222444\nCurrency,EUR\n{first}{FIRST}\n{second}{SECOND}"

        currencies = [each.account.currency for each in read(text, NO_HINTS).statements]
        assert currencies == ["EUR", "USD"]

    def test_have_the_currency_of_the_first_again(self) -> None:
        first, second = (HEADER.replace("Amount", f"Amount ({each})") for each in ("EUR", "USD"))
        text = f"Account,111222444\n{first}{FIRST}\n{second}{SECOND}\n{first}{SECOND}"

        rows = {each.account.currency: len(each.rows) for each in read(text, NO_HINTS).statements}
        assert rows == {"EUR": 4, "USD": 2}

    def test_have_no_currency_that_is_none(self) -> None:
        text = f"Account,111222444,EUR\n{HEADER}{FIRST}\nSavings,444555779,Ann\n{HEADER}{SECOND}"

        assert {each.account.currency for each in read(text).statements} == {"EUR"}


class TestLinesAboveTheHeader:
    ABOVE = "Currency,EUR\nOpening balance,1000.00\n"

    def test_count_though_the_account_stands_below_the_header(self) -> None:
        statement = statement_of(
            f"{self.ABOVE}Date,Description,Amount\nAccount,444555779\n2026-03-02,Rent,-700.00\n",
            NO_HINTS,
        )

        (balance,) = statement.balances
        assert (statement.account.number, balance.money) == (
            "444555779",
            Money(Decimal("1000.00"), "EUR"),
        )

    def test_state_the_balance_of_none_of_several_accounts(self) -> None:
        row = "2026-03-02,Rent,-700.00\n"
        text = f"Date,Description,Amount\nAccount,444555779\n{row}Account,444555780\n{row}"

        file = read(self.ABOVE + text, NO_HINTS)

        assert [each.account.currency for each in file.statements] == ["EUR", "EUR"]
        assert [list(each.balances) for each in file.statements] == [[], []]
