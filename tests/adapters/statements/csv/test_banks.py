"""Files as banks of several countries write them, with invented figures."""

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import pytest

from domain.ledger.hints import DateOrder
from domain.ledger.values import Reconciliation
from tests.adapters.statements.csv.reading import EUROS, columns_of, profile_of, read, rows_of


class Bank(NamedTuple):
    """A file, and what has to come of it: delimiter, mark, order, account, currency,\
 first row."""

    text: str
    written: tuple[str, str, DateOrder]
    account: tuple[str, str]
    first: tuple[int, date, str, str]
    rows: int
    columns: dict[str, int]


GERMAN_SAVINGS_BANK = Bank(
    text=""""Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";\
"Beguenstigter/Zahlungspflichtiger";"Kontonummer/IBAN";"Betrag";"Waehrung";"Info"
"DE02120300000000202051";"28.02.26";"28.02.26";"LASTSCHRIFT";"Strom Februar";"Stadtwerke";\
"DE02500105170137075030";"-1.080,50";"EUR";"Umsatz gebucht"
"DE02120300000000202051";"27.02.26";"27.02.26";"UEBERWEISUNG";"Miete";"Hausverwaltung";\
"DE02100500000054540402";"-750,00";"EUR";"Umsatz vorgemerkt"
""",
    written=(";", ",", DateOrder.DAY_FIRST),
    account=("DE02120300000000202051", "EUR"),
    first=(2, date(2026, 2, 28), "-1080.50", "Stadtwerke – Strom Februar"),
    rows=2,
    columns={"account": 0, "booking_date": 1, "value_date": 2, "amount": 7, "status": 9},
)
GERMAN_DIRECT_BANK = Bank(
    text=""""Girokonto";"DE02 1203 0000 0000 2020 51"
"Zeitraum:";"01.02.2026 - 28.02.2026"
"Kontostand vom 28.02.2026:";"1.234,00 EUR"

"Buchungsdatum";"Wertstellung";"Status";"Zahlungsempfänger*in";"Verwendungszweck";"Umsatztyp";\
"Betrag (€)"
"27.02.26";"27.02.26";"Gebucht";"Baecker";"Brot";"Ausgang";"-3,20"
"26.02.26";"26.02.26";"Gebucht";"Arbeit GmbH";"Gehalt";"Eingang";"2.500"
""",
    written=(";", ",", DateOrder.DAY_FIRST),
    account=("DE02120300000000202051", "EUR"),
    first=(6, date(2026, 2, 27), "-3.20", "Baecker – Brot"),
    rows=2,
    columns={"booking_date": 0, "value_date": 1, "status": 2, "amount": 6, "kind": 5},
)
GERMAN_WITH_TWO_CURRENCY_COLUMNS = Bank(
    text="""Umsatzanzeige;Datei erstellt am: 28.02.2026

IBAN;DE02 5001 0517 0137 0750 30
Kontoname;Girokonto
Saldo;100,00;EUR

Buchung;Wertstellungsdatum;Auftraggeber/Empfänger;Buchungstext;Verwendungszweck;Saldo;Währung;\
Betrag;Währung
27.02.2026;27.02.2026;Laden;Lastschrift;Einkauf;100,00;EUR;-10,00;EUR
26.02.2026;26.02.2026;Laden;Lastschrift;Einkauf;110,00;EUR;-20,00;EUR
""",
    written=(";", ",", DateOrder.DAY_FIRST),
    account=("DE02500105170137075030", "EUR"),
    first=(8, date(2026, 2, 27), "-10.00", "Laden – Einkauf"),
    rows=2,
    columns={"booking_date": 0, "balance": 5, "amount": 7, "currency": 8, "kind": 3},
)
DUTCH = Bank(
    text=""""Datum","Naam / Omschrijving","Rekening","Tegenrekening","Code","Af Bij",\
"Bedrag (EUR)","Mutatiesoort","Mededelingen"
"20260227","Supermarkt","NL91ABNA0417164300","","BA","Af","15,25","Betaalautomaat","Pasvolgnr 001"
"20260226","Werkgever","NL91ABNA0417164300","NL20INGB0001234567","OV","Bij","1000,00",\
"Overschrijving","Salaris"
""",
    written=(",", ",", DateOrder.YEAR_FIRST),
    account=("NL91ABNA0417164300", "EUR"),
    first=(2, date(2026, 2, 27), "-15.25", "Supermarkt – Pasvolgnr 001"),
    rows=2,
    columns={"booking_date": 0, "account": 2, "direction": 5, "amount": 6, "memo": 8},
)
FRENCH = Bank(
    text="""Date de comptabilisation;Libelle;Reference;Date de valeur;Debit;Credit
27/02/2026;BOULANGERIE;R1;28/02/2026;-3,20;
26/02/2026;SALAIRE;R2;26/02/2026;;+1 500,00
""",
    written=(";", ",", DateOrder.DAY_FIRST),
    account=("Household", "EUR"),
    first=(2, date(2026, 2, 27), "-3.20", "BOULANGERIE – R1"),
    rows=2,
    columns={"booking_date": 0, "value_date": 3, "debit": 4, "credit": 5},
)
SPANISH = Bank(
    text="""Fecha;Fecha valor;Concepto;Importe;Divisa;Saldo
27/02/2026;27/02/2026;Compra;-10,00;EUR;90,00
25/02/2026;25/02/2026;Nómina;50,00;EUR;100,00
""",
    written=(";", ",", DateOrder.DAY_FIRST),
    account=("Household", "EUR"),
    first=(2, date(2026, 2, 27), "-10.00", "Compra"),
    rows=2,
    columns={"booking_date": 0, "value_date": 1, "amount": 3, "currency": 4, "balance": 5},
)
ITALIAN = Bank(
    text="""Data contabile;Data valuta;Addebiti;Accrediti;Descrizione;Valuta
27/02/2026;28/02/2026;12,50;;Bar;EUR
26/02/2026;26/02/2026;;1.200,00;Stipendio;EUR
""",
    written=(";", ",", DateOrder.DAY_FIRST),
    account=("Household", "EUR"),
    first=(2, date(2026, 2, 27), "-12.50", "Bar"),
    rows=2,
    columns={"booking_date": 0, "value_date": 1, "debit": 2, "credit": 3, "currency": 5},
)
BRITISH = Bank(
    text="""Account Name:\tCurrent\tx
Account Number:\t12345678\tx
Date\tType\tDescription\tPaid out\tPaid in\tBalance
27 Feb 2026\tVIS\tCorner shop\t£3.20\t\t£96.80
26 Feb 2026\tBP\tA friend\t\t£100.00\t£100.00
""",
    written=("\t", ".", DateOrder.YEAR_FIRST),
    account=("12345678", "GBP"),
    first=(4, date(2026, 2, 27), "-3.20", "Corner shop"),
    rows=2,
    columns={"booking_date": 0, "kind": 1, "description": 2, "debit": 3, "credit": 4},
)
AMERICAN = Bank(
    text="""Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #
DEBIT,02/27/2026,COFFEE,-4.50,ACH_DEBIT,95.50,,
CREDIT,02/26/2026,PAYROLL,100.00,ACH_CREDIT,100.00,,
""",
    written=(",", ".", DateOrder.MONTH_FIRST),
    account=("Household", "EUR"),
    first=(2, date(2026, 2, 27), "-4.50", "COFFEE"),
    rows=2,
    columns={"direction": 0, "booking_date": 1, "description": 2, "amount": 3, "balance": 5},
)
APPLICATION = Bank(
    text="""Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance
CARD_PAYMENT,Current,2026-02-26 23:59:59,2026-02-27 00:10:00,Shop,-5.00,0.00,EUR,COMPLETED,15.00
TOPUP,Current,2026-02-26 10:00:00,2026-02-26 10:00:01,Top-Up,20.00,0.00,EUR,COMPLETED,20.00
""",
    written=(",", ".", DateOrder.YEAR_FIRST),
    account=("Current", "EUR"),
    first=(2, date(2026, 2, 27), "-5.00", "Shop"),
    rows=2,
    columns={"account": 1, "booking_date": 3, "amount": 5, "currency": 7, "status": 8},
)
BANKS = {
    "savings bank": GERMAN_SAVINGS_BANK,
    "direct bank": GERMAN_DIRECT_BANK,
    "two currency columns": GERMAN_WITH_TWO_CURRENCY_COLUMNS,
    "dutch": DUTCH,
    "french": FRENCH,
    "spanish": SPANISH,
    "italian": ITALIAN,
    "british": BRITISH,
    "american": AMERICAN,
    "application": APPLICATION,
}


@pytest.mark.parametrize("bank", BANKS.values(), ids=BANKS.keys())
class TestBanks:
    def test_the_format_is_detected(self, bank: Bank) -> None:
        profile = profile_of(bank.text)

        assert (profile.delimiter, profile.decimal_mark, profile.date_order) == bank.written
        assert columns_of(bank.text).items() >= bank.columns.items()

    def test_every_row_is_read(self, bank: Bank) -> None:
        file = read(bank.text)

        assert len(rows_of(bank.text)) == bank.rows
        assert file.quarantined == []

    def test_rows_have_the_expected_values(self, bank: Bank) -> None:
        row = rows_of(bank.text)[0]

        found = (row.line, row.booking_date, f"{row.amount.amount:f}", row.description)
        assert found == bank.first

    def test_the_account_is_as_expected(self, bank: Bank) -> None:
        (statement,) = read(bank.text).statements

        assert (statement.account.number, statement.account.currency) == bank.account

    def test_line_ends_make_no_difference(self, bank: Bank) -> None:
        for end in ("\r\n", "\r"):
            assert read(bank.text.replace("\n", end)) == read(bank.text)

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
    def test_the_encoding_makes_no_difference(self, bank: Bank, encoding: str) -> None:
        assert read(bank.text.encode(encoding)) == read(bank.text)

    def test_the_detected_profile_reads_alike(self, bank: Bank) -> None:
        profile = profile_of(bank.text)

        assert read(bank.text, replace(EUROS, csv_profile=profile)) == read(bank.text)
        assert read(bank.text, replace(EUROS, csv_profiles=[profile])) == read(bank.text)


@pytest.mark.parametrize("name", ["two currency columns", "spanish", "british", "american"])
def test_running_balances_reconcile_the_statement(name: str) -> None:
    (statement,) = read(BANKS[name].text).statements

    assert statement.reconciliation is Reconciliation.BALANCED
