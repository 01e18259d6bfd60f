"""The format of a file: detected, given by a profile, or asked for."""

from dataclasses import replace

import pytest

from adapters.statements.csv.reader import CsvReader
from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder, ReadingHints
from tests.adapters.statements.csv.reading import (
    EUROS,
    amounts_of,
    asked,
    columns_of,
    profile_of,
    question,
    refused,
    row_of,
    rows_of,
    with_columns,
)

TEXT = "Date,Amount,Payee\n03/04/2026,12.50,Coffee house\n"
MONTH_FIRST = CsvProfile(
    header=["Date", "Amount", "Payee"],
    date_order=DateOrder.MONTH_FIRST,
    charges_positive=True,
    columns=with_columns(booking_date=0, amount=1, description=2),
)


def hints(profile: CsvProfile) -> ReadingHints:
    return replace(EUROS, csv_profile=profile)


def saved_hints(*profiles: CsvProfile) -> ReadingHints:
    return replace(EUROS, csv_profiles=profiles)


class TestDetection:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_finds_the_delimiter(self, delimiter: str) -> None:
        text = f"Date{delimiter}Amount\n2026-03-13{delimiter}-1.50\n"

        assert profile_of(text).delimiter == delimiter
        assert amounts_of(text) == ["-1.50"]

    def test_reports_what_it_found(self) -> None:
        text = "My bank\nIBAN;x\nDatum;Betrag;Name\n13.03.2026;-1,50;A\n"

        assert profile_of(text) == CsvProfile(
            delimiter=";",
            header_rows=3,
            header=("Datum", "Betrag", "Name"),
            date_order=DateOrder.DAY_FIRST,
            decimal_mark=",",
            columns=with_columns(booking_date=0, amount=1, description=2),
        )

    def test_needs_no_header(self) -> None:
        text = "13/03/2026,Coffee house,Card,12.50,debit\n14/03/2026,Tea house,Card,2.50,credit\n"

        assert profile_of(text).header_rows == 0
        assert columns_of(text) == {
            "booking_date": 0,
            "description": 1,
            "memo": 2,
            "amount": 3,
            "direction": 4,
        }
        assert amounts_of(text) == ["-12.50", "2.50"]

    def test_needs_no_known_header(self) -> None:
        text = "Päivä;Määrä;Kuvaus\n13.03.2026;-1,50;Kahvi\n14.03.2026;2,50;Tee\n"

        assert profile_of(text).header == ("Päivä", "Määrä", "Kuvaus")
        assert columns_of(text) == {"booking_date": 0, "amount": 1, "description": 2}

    def test_distinguishes_numbers_from_amounts_by_their_decimals(self) -> None:
        assert columns_of("4711,2026-03-13,Tea,-1.50\n4712,2026-03-14,Tea,2.50\n")["amount"] == 3

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("2026-03-13,2026-03-14,-1.50,Tea\n", "booking date"),
            ("2026-03-13,-1.50,2.50,Tea\n", "amount"),
        ],
    )
    def test_asks_which_of_several_columns_is_meant(self, text: str, name: str) -> None:
        message = f"It is not clear which column of the file holds the {name}: say which one."

        assert question(text * 2) == message

    def test_asks_which_of_two_columns_with_one_name_is_meant(self) -> None:
        message = "Several columns are called “Amount”: say which one counts."

        assert question("Date,Amount,Amount\n2026-03-13,1.50,2.50\n") == message

    @pytest.mark.parametrize(
        ("header", "column"),
        [
            ("RunningBalance", "balance"),
            ("  Running  balance ", "balance"),
            ("Kontostand (EUR)", "balance"),
            ("Saldo", "balance"),
            ("Transaktions-ID", "provider_id"),
            ("Verwendungszweck", "memo"),
            ("Empfänger", "description"),
            ("Bénéficiaire", "description"),
            ("Omschrijving", "description"),
            ("Descrizione", "description"),
            ("Concepto", "description"),
            ("Statut", "status"),
        ],
    )
    def test_recognises_header_words_in_any_spelling(self, header: str, column: str) -> None:
        assert columns_of(f"Date;Amount;{header}\n2026-03-13;1.50;2.50\n")[column] == 2

    def test_checks_a_header_word_against_the_values_below(self) -> None:
        euros = "Date;Amount;Valuta\n2026-03-13;1.50;EUR\n"
        days = "Date;Amount;Valuta\n2026-03-13;1.50;2026-03-14\n"

        assert columns_of(euros)["currency"] == 2
        assert columns_of(days)["value_date"] == 2


class TestProfiles:
    def test_decide_what_the_file_leaves_open(self) -> None:
        row = row_of(TEXT, hints(MONTH_FIRST))

        assert (row.booking_date.month, f"{row.amount.amount:f}") == (3, "-12.50")
        assert row.description == "Coffee house"

    def test_that_were_saved_apply_to_files_with_their_header(self) -> None:
        other = replace(MONTH_FIRST, header=["Datum", "Betrag", "Name"])

        assert amounts_of(TEXT, saved_hints(other, MONTH_FIRST)) == ["-12.50"]
        assert "two ways" in question(TEXT, saved_hints(other))
        assert "two ways" in question(TEXT, saved_hints(replace(MONTH_FIRST, header=())))

    def test_that_are_given_override_saved_ones(self) -> None:
        given = replace(
            hints(replace(MONTH_FIRST, charges_positive=False)), csv_profiles=[MONTH_FIRST]
        )

        assert amounts_of(TEXT, given) == ["12.50"]

    def test_find_their_header_anywhere(self) -> None:
        assert amounts_of(f"My bank\n\nFrom,2026\n{TEXT}", saved_hints(MONTH_FIRST)) == ["-12.50"]

    def test_may_have_no_header(self) -> None:
        bare = replace(MONTH_FIRST, header=(), header_rows=0)

        assert amounts_of(TEXT.split("\n")[1], hints(bare)) == ["-12.50"]
        assert amounts_of(TEXT, hints(replace(bare, header_rows=1))) == ["-12.50"]

    def test_may_have_an_encoding(self) -> None:
        text = "Date,Amount,Payee\n03/04/2026,12.50,Café\n".encode("cp437")
        old = replace(MONTH_FIRST, encoding="cp437")

        assert row_of(text, hints(old)).description == "Café"
        assert row_of(text, saved_hints(old)).description == "Café"
        for unknown in ("undefined", "zip", "no-such"):
            message = "The profile's encoding is not supported."
            assert refused(text, hints(replace(old, encoding=unknown))) == message

    @pytest.mark.parametrize(
        ("profile", "reason"),
        [
            (
                replace(MONTH_FIRST, header=["Datum"]),
                "The file has another header than its profile.",
            ),
            (
                replace(MONTH_FIRST, columns={**MONTH_FIRST.columns, CsvColumn.MEMO: 3}),
                "The profile names a column that the file does not have: it has 3.",
            ),
            (
                replace(MONTH_FIRST, columns={**MONTH_FIRST.columns, CsvColumn.MEMO: -1}),
                "Numbers of columns and header rows must be from 0 to 499.",
            ),
            (
                replace(MONTH_FIRST, columns=with_columns(amount=1)),
                "The profile has no column for booking dates.",
            ),
            (
                replace(MONTH_FIRST, columns=with_columns(booking_date=0, debit=1)),
                "The profile has no column for amounts, or for debits and credits.",
            ),
            (
                replace(MONTH_FIRST, delimiter=", "),
                "The profile's delimiter must be a semicolon, comma, tab or vertical line.",
            ),
            (
                replace(MONTH_FIRST, delimiter='"'),
                "The profile's delimiter must be a semicolon, comma, tab or vertical line.",
            ),
            (
                replace(MONTH_FIRST, decimal_mark="x"),
                "The profile's decimal mark must be a point or a comma.",
            ),
        ],
    )
    def test_that_do_not_fit_are_refused(self, profile: CsvProfile, reason: str) -> None:
        assert refused(TEXT, hints(profile)) == reason

    def test_still_require_a_currency(self) -> None:
        hints = ReadingHints(csv_profile=MONTH_FIRST)

        assert [each.field for each in asked(TEXT, hints)] == ["currency", "account_name"]


class TestRecognition:
    @pytest.mark.parametrize(
        "head",
        [
            TEXT,
            "\n\n" + TEXT,
            "\ufeff" + TEXT,
            "My bank\n\nDatum;Betrag\n",
            "2026-03-13|x|1.50\n",
            "a\tb\n1.50\tc\n2.50\td\n",
            TEXT * 200 + '2026-03-13,1.50,"cut o',
        ],
    )
    def test_requires_rows_of_equal_shape(self, head: str) -> None:
        assert CsvReader().recognises(head.encode())
        assert CsvReader().recognises(head.replace("\n", "\r").encode())
        assert CsvReader().recognises(head.encode("utf-16")[:4095])

    @pytest.mark.parametrize(
        "head",
        [
            "<?xml version='1.0'?>\n<a>1,2</a>\n<a>1,2</a>\n",
            '{"Date": 1, "Amount": 2}\n',
            "[1,2,\n1,2,\n1,2]",
            "%PDF-1.7\n1,2\n1,2\n",
            "!Type:Bank\nD1,2\nD1,2\n",
            "Dear friend, how are you?\nI am well, thank you.\nYours, me\n",
            "hello\nthere\n",
            "2026-03-13\n2026-03-14\n",
            "\0\0,\0\0,1.50\n",
            "   \n",
        ],
    )
    def test_ignores_other_files(self, head: str) -> None:
        assert not CsvReader().recognises(head.encode())


def test_the_detected_columns_answer_every_question() -> None:
    """A user edits the profile of a file, and it is saved for the next one."""
    hints = replace(EUROS, date_order=DateOrder.MONTH_FIRST)
    edited = replace(profile_of(TEXT, hints), charges_positive=True)

    assert amounts_of(TEXT, saved_hints(edited)) == ["-12.50"]
    assert [row.line for row in rows_of(TEXT + "13/13/2026,1.00,x\n", saved_hints(edited))] == [2]
